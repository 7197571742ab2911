"""A repository and a ref in, the needed files of that tree out, read from git's objects. No work tree, no hooks, no
filters.
"""

from __future__ import annotations

import errno
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec

from tailrace.sources.cache import Cache, digest
from tailrace.sources.errors import GitError, GitUnreachableError, OfflineError
from tailrace.sources.settings import Limits
from tailrace.sources.spec import GitSpec
from tailrace.sources.wanted import SELECTION, may_be_script, sort_member

_VERSION_TAG = re.compile(
    r"(?P<prefix>(?:[A-Za-z][A-Za-z0-9_.]*[-_/])*v?)(?P<version>\d+(?:[.]\d+)*[A-Za-z0-9.+!-]*)\Z"
)


@dataclass(frozen=True, slots=True)
class GitTree:
    """`path` holds the wanted files of `tree` (a subdirectory's own tree, where one is named); `key` names that
    content.
    """

    path: Path
    key: str
    commit: str
    unreadable: tuple[tuple[str, str], ...] = ()


class GitSource:
    """Repositories on this machine are read where they are; those at a URL are first mirrored into the cache, without
    blobs.
    """

    def __init__(self, cache: Cache, limits: Limits, *, offline: bool, refresh: bool = False) -> None:
        self.cache = cache
        self.limits = limits
        self.offline = offline
        self.refresh = refresh

    def locate(self, spec: GitSpec) -> GitTree:
        """Extract the tree (or find it extracted already)."""
        repository = self._repository(spec)
        commit = self._commit(repository, spec)
        tree = self._object(repository, f"{commit}^{{tree}}")
        if tree is None:
            raise GitError(spec.repository, f"lacks the tree of {spec.ref!r}")
        if spec.subdirectory:
            tree = self._object(repository, f"{commit}:{spec.subdirectory}")
            if tree is None or self._run(repository, "cat-file", "-t", tree).strip() != b"tree":
                raise GitError(spec.repository, f"has no folder {spec.subdirectory!r} at {spec.ref!r}")
        key = digest("git", tree, SELECTION, repr(self.limits))
        path = self.cache.tree(key, lambda folder: self._extract(repository, tree, folder, spec))
        left_out = msgspec.msgpack.decode((path / "left-out").read_bytes(), type=tuple[tuple[str, str], ...])
        return GitTree(path / "files", key, commit, left_out)

    def project_name(self, spec: GitSpec) -> str:
        """What the repository is called: the last part of where it was cloned from, else of where it is."""
        text = spec.repository
        if self._is_local(spec):
            origin = (
                self._run(self._repository(spec), "config", "--get", "remote.origin.url", check=False)
                .decode("utf-8", "replace")
                .strip()
            )
            text = origin or str(Path(text).expanduser().absolute())
        name = re.split(r"[/\\:]", text.rstrip("/\\"))
        return name[-1].removesuffix(".git") or (name[-2] if len(name) > 1 else "project")

    def version_tags(self, spec: GitSpec, *, merged: bool = False) -> dict[str, str]:
        """Tag → commit of the tags that look like versions; with `merged`, only those that the ref has behind it."""
        repository = self._repository(spec)
        options = ["--merged", self._commit(repository, spec)] if merged else []
        text = self._run(
            repository,
            "for-each-ref",
            *options,
            "--format=%(refname:strip=2) %(objectname) %(*objectname)",
            "refs/tags",
        )
        tags = (line.split(" ") for line in text.decode("utf-8", "replace").splitlines())
        return {parts[0]: parts[2] or parts[1] for parts in tags if len(parts) == 3 and _VERSION_TAG.match(parts[0])}

    def commit(self, spec: GitSpec) -> str:
        """The full hash of the commit that the ref names."""
        return self._commit(self._repository(spec), spec)

    def _is_local(self, spec: GitSpec) -> bool:
        return "://" not in spec.repository and not re.match(r"[^/@\\]+@[^/:@]+:", spec.repository)

    def _repository(self, spec: GitSpec) -> Path:
        if spec.repository.startswith("file://"):
            from tailrace.sources.download import local_path

            path = local_path(spec.repository)
        elif self._is_local(spec):
            path = Path(spec.repository).expanduser()
        else:
            return self._mirror(spec)
        if not path.is_dir():
            raise GitError(str(path), "does not exist", hint="Write git+PATH_OR_URL@REF.")
        if self._run(path, "rev-parse", "--git-dir", check=False) == b"":
            raise GitError(
                str(path), "is no git repository", hint=f"Write {path} without git+ to read the folder itself."
            )
        return path

    def _mirror(self, spec: GitSpec) -> Path:
        url = spec.repository
        if not re.match(r"(https?|ssh|git)://|[^/@\\-][^/@\\]*@", url):
            raise GitError(url, "is no address that git may be asked for", hint="Use https, ssh or a path.")
        path = self.cache.root / "git" / digest(url)[:32]
        with self.cache.lock(f"git {url}"):
            known = path.is_dir() and not self.refresh and self._object(path, f"{spec.ref}^{{commit}}") is not None
            if known and (self.offline or re.fullmatch(r"[0-9a-f]{40}", spec.ref) or _VERSION_TAG.match(spec.ref)):
                return path
            if self.offline:
                raise OfflineError(f"{spec.ref!r} of {url}")
            if path.is_dir():
                self._run(
                    path,
                    "fetch",
                    "--quiet",
                    "--prune",
                    "--tags",
                    "--force",
                    "--filter=blob:none",
                    "origin",
                    "+refs/heads/*:refs/heads/*",
                    network=True,
                )
                return path
            with self.cache.scratch() as scratch:
                fresh = scratch / "repo"
                self._run(
                    scratch, "clone", "--quiet", "--bare", "--filter=blob:none", "--", url, str(fresh), network=True
                )
                path.parent.mkdir(parents=True, exist_ok=True)
                fresh.rename(path)
        return path

    def _commit(self, repository: Path, spec: GitSpec) -> str:
        for candidate in (spec.ref, f"origin/{spec.ref}"):
            if found := self._object(repository, f"{candidate}^{{commit}}"):
                return found
        nearest = nearest_tags(spec.ref, self.version_tags_of(repository))
        raise GitError(
            spec.repository,
            f"has no tag, branch or commit {spec.ref!r}",
            hint=f"Nearest tags: {', '.join(nearest)}." if nearest else None,
        )

    def version_tags_of(self, repository: Path) -> list[str]:
        """The names of all tags."""
        text = self._run(repository, "for-each-ref", "--format=%(refname:strip=2)", "refs/tags")
        return text.decode("utf-8", "replace").split()

    def _object(self, repository: Path, name: str) -> str | None:
        found = (
            self._run(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", name, check=False)
            .decode()
            .strip()
        )
        return found or None

    def _extract(self, repository: Path, tree: str, folder: Path, spec: GitSpec) -> None:
        unreadable: list[tuple[str, str]] = []
        wanted = list(self._wanted(repository, tree, unreadable))
        self._complete(repository, tree, wanted, spec)
        if len(wanted) > self.limits.members:
            raise GitError(spec.repository, f"has more than {self.limits.members} files to read at {spec.ref!r}")
        total = 0
        files = folder / "files"
        files.mkdir()
        for path, content in self._blobs(repository, wanted, spec):
            total += len(content or b"")
            if total > self.limits.total_size:
                raise GitError(spec.repository, f"holds more than {self.limits.total_size} bytes at {spec.ref!r}")
            if content is None:
                unreadable.append((path, f"larger than {self.limits.file_size} bytes"))
                continue
            target = files / path
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            except OSError as error:
                # Only what the name is to blame for is left out; a full disk must not be remembered as the tree.
                if error.errno not in (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.ENOTDIR, errno.EISDIR):
                    raise
                unreadable.append((path, error.strerror or str(error)))
        (folder / "left-out").write_bytes(msgspec.msgpack.encode(unreadable))

    def _wanted(self, repository: Path, tree: str, unreadable: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """(path, blob) of the regular files that somebody reads; links and submodules are left out."""
        listing = self._run(repository, "ls-tree", "-r", "-z", "--full-tree", tree)
        for entry in listing.split(b"\0"):
            head, tab, name = entry.partition(b"\t")
            if not tab:
                continue
            mode, _kind, blob = head.decode("ascii").split(" ")
            try:
                path = name.decode("utf-8")
            except UnicodeDecodeError:
                unreadable.append((name.decode("utf-8", "backslashreplace"), "its name is not UTF-8"))
                continue
            parts = path.split("/")
            if (
                mode in ("100644", "100755", "100664")
                and not {"..", ".", "", ".git"} & set(parts)
                and "\\" not in path
                and (
                    sort_member(path) not in ("no", "binary") or (mode == "100755" and may_be_script(path))
                )  # whether it is one, its first line says
            ):
                yield path, blob

    def _complete(self, repository: Path, tree: str, wanted: list[tuple[str, str]], spec: GitSpec) -> None:
        """Fetch the wanted blobs that a partial clone lacks, all at once (git itself would fetch them one by one)."""
        listing = self._run(
            repository, "rev-list", "--objects", "--missing=print", "--no-object-names", tree, check=False
        )
        absent = {line[1:] for line in listing.decode("ascii", "replace").splitlines() if line.startswith("?")}
        missing = {blob: path for path, blob in wanted if blob in absent}
        if self.offline:
            # What only may be a script is no reason to fail.
            missing = {blob: path for blob, path in missing.items() if sort_member(path) != "no"}
            wanted[:] = [one for one in wanted if one[1] not in absent or one[1] in missing]
        if not missing:
            return
        if self.offline:
            path = min(missing.values())
            raise GitUnreachableError(
                spec.repository,
                f"is a partial clone that lacks the content of files to read ({len(missing)}, such as {path})",
                hint="Run without --offline, or fetch it into the clone.",
            )
        promisors = self._run(repository, "config", "--get-regexp", r"^remote\..*\.promisor$", check=False).decode()
        remote = promisors.split(".promisor")[0].removeprefix("remote.").lstrip("-") or "origin"
        options = ("--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--filter=blob:none", "--stdin")
        command = ("-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", *options, remote)
        self._run(repository, *command, network=True, given="\n".join(missing).encode())

    def _blobs(
        self, repository: Path, wanted: list[tuple[str, str]], spec: GitSpec
    ) -> Iterator[tuple[str, bytes | None]]:
        """Contents in the order asked, through one `git cat-file`; `None` for a blob over the limit."""
        if not wanted:
            return
        with subprocess.Popen(
            self._command(repository, "cat-file", "--batch"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environment(network=False),
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                for start in range(0, len(wanted), 64):
                    batch = wanted[start : start + 64]
                    process.stdin.write("".join(f"{blob}\n" for _, blob in batch).encode())
                    process.stdin.flush()
                    for path, blob in batch:
                        yield path, self._read_blob(process.stdout, path, blob, spec)
            except BrokenPipeError:
                raise GitUnreachableError(spec.repository, "could not be read: git stopped") from None
            finally:
                process.kill()

    def _read_blob(self, stream: IO[bytes], path: str, blob: str, spec: GitSpec) -> bytes | None:
        head = stream.readline().split()
        if len(head) != 3:
            raise GitUnreachableError(
                spec.repository,
                f"lacks the content of {path} ({blob[:12]})",
                hint="Repair the repository with git fsck and git fetch.",
            )
        size = int(head[2])
        if size > self.limits.file_size:
            left = size + 1
            while left and (chunk := stream.read(min(left, 1 << 20))):
                left -= len(chunk)
            return None
        content = stream.read(size + 1)
        if len(content) != size + 1:
            raise GitUnreachableError(spec.repository, f"could not be read: git stopped at {path}")
        return content[:-1]

    def _command(self, repository: Path, *arguments: str, network: bool = False) -> list[str]:
        # Hooks, filters, fsmonitor and aliases belong to the repository, which is not ours to trust.
        quiet = [
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "core.fsmonitor=false",
            "-c",
            "protocol.ext.allow=never",
            "-c",
            "gc.auto=0",
        ]
        # Reading may be done in anybody's repository; fetching obeys its configuration, so git checks whose it is.
        owner = [] if network else ["-c", "safe.directory=*"]
        return ["git", "-C", str(repository), *owner, *quiet, *arguments]

    def _environment(self, *, network: bool) -> dict[str, str]:
        environment = {key: value for key, value in os.environ.items() if key not in _REPOSITORY_VARIABLES}
        environment |= {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
        if self.offline or not network:
            environment["GIT_NO_LAZY_FETCH"] = "1"
            environment["GIT_ALLOW_PROTOCOL"] = "none"
        return environment

    def _run(
        self, repository: Path, *arguments: str, check: bool = True, network: bool = False, given: bytes | None = None
    ) -> bytes:
        try:
            done = subprocess.run(
                self._command(repository, *arguments, network=network),
                input=given,
                stdin=subprocess.DEVNULL if given is None else None,
                capture_output=True,
                env=self._environment(network=network),
                check=False,
            )
        except FileNotFoundError:
            raise GitError(str(repository), "cannot be read without the program git", hint="Install git.") from None
        if done.returncode == 0:
            return done.stdout
        if not check:
            return b""
        lines: Iterable[str] = done.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = next((line for line in lines if line.startswith(("fatal:", "error:"))), "git failed")
        kind = GitUnreachableError if network else GitError
        raise kind(arguments[-2] if arguments[0] == "clone" else str(repository), f"could not be read: {reason}")


_REPOSITORY_VARIABLES = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
)


def nearest_tags(ref: str, tags: Iterable[str]) -> tuple[str, ...]:
    """Up to four tags that may have been meant: those that continue the ref, those of the versions around it, those
    that look alike.
    """
    import difflib

    from tailrace.sources.pypi import nearest_versions

    known = sorted(tags)
    pieces = re.compile(rf"(.*[^0-9A-Za-z])?v?{re.escape(ref.removeprefix('v'))}(?![0-9])", re.IGNORECASE)
    continuing = [tag for tag in known if ref and pieces.match(tag)]
    around: list[str] = []
    if wanted := split_tag(ref):
        from packaging.version import Version

        versions = {Version(split[1]): tag for tag in known if (split := split_tag(tag)) and split[0] == wanted[0]}
        around = [versions[Version(text)] for text in nearest_versions(wanted[1], versions)] if versions else []
    alike = difflib.get_close_matches(ref, known, n=4, cutoff=0.4)
    return tuple(dict.fromkeys((*continuing[:4], *around, *alike)))[:4]


def split_tag(tag: str) -> tuple[str, str] | None:
    """`mamba-0.23.0` → (`mamba-`, `0.23.0`); `None` for what is no version."""
    match = _VERSION_TAG.match(tag)
    if not match:
        return None
    from packaging.version import InvalidVersion, Version

    try:
        Version(match["version"])
    except InvalidVersion:
        return None
    return match["prefix"], match["version"]
