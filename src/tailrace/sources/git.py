"""Reads the needed files of a tree from git's objects. No work tree, no hooks, no filters, and nothing of the
repository's own configuration.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit, urlunsplit

import msgspec

from tailrace.model.foreign import read_version
from tailrace.processes.environment import child_environment
from tailrace.sources.cache import Cache, digest
from tailrace.sources.errors import GitError, GitUnreachableError, OfflineError
from tailrace.sources.gitview import GitView, environment_for_reading, find_work_tree, git_program, read_option
from tailrace.sources.settings import Limits
from tailrace.sources.spec import GitSpec
from tailrace.sources.wanted import GIT_SELECTION, is_native, may_be_script, sort_member

_VERSION_TAG = re.compile(
    r"(?P<prefix>(?:[A-Za-z](?:[A-Za-z0-9_.]|[-/](?=[A-Za-z]))*[-_/])?v?)(?P<version>\d++(?:[.]\d++)*+[A-Za-z0-9.+!-]*+)\Z"
)

#: A git that takes longer to read what lies on this machine waits for something (a pipe in place of a file).
READ_SECONDS = 300.0
FETCH_SECONDS = 1800.0
#: How many files of a tree are listed for each that may be read.
_LISTED_FOR_EACH = 5
_PATH_LIMIT = 4096
_TAG_LIMIT = 200
# What git may print while it fetches, a server's messages among it.
_ANSWER_LIMIT = 16 << 20


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
        self._views: dict[Path, GitView] = {}

    def locate(self, spec: GitSpec, *, everything: bool = False) -> GitTree:
        """Extract the tree (or find it extracted already). `everything`: also files that only running needs."""
        repository = self._repository(spec)
        commit = self._commit(repository, spec)
        tree = self._object(repository, f"{commit}^{{tree}}")
        if tree is None:
            raise self._incomplete(spec, f"lacks the tree of {spec.ref!r}")
        if spec.subdirectory:
            tree = self._object(repository, f"{commit}:{spec.subdirectory}")
            if tree is None or self._run(repository, "cat-file", "-t", tree).strip() != b"tree":
                raise GitError(str(spec.repository), f"has no folder {spec.subdirectory!r} at {spec.ref!r}")
        # git does not check what a pack says is the content of a hash, so a tree is believed for its repository alone.
        where = str(_local_folder(spec)) if self._is_here(spec) else spec.repository.reveal()
        key = digest("git", where, tree, "everything" if everything else GIT_SELECTION, repr(self.limits))
        path = self.cache.tree(key, lambda folder: self._extract(repository, tree, folder, spec, everything))
        left_out = msgspec.msgpack.decode((path / "left-out").read_bytes(), type=tuple[tuple[str, str], ...])
        return GitTree(path / "files", key, commit, left_out)

    def project_name(self, spec: GitSpec) -> str:
        """What the repository is called: the last part of where it was cloned from, else of where it is."""
        text = spec.repository.reveal()
        if self._is_local(spec):
            self._repository(spec)
            origin = read_option(self._views[_local_folder(spec)].git_dir, "remote.origin.url")
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
        return {parts[0]: parts[2] or parts[1] for parts in tags if len(parts) == 3 and split_tag(parts[0])}

    def enclosing(self, folder: Path) -> tuple[Path, str] | None:
        """The top of the work tree that a folder is in, and the folder's POSIX path in it; `None` outside of any."""
        top = find_work_tree(folder)
        return (top, folder.absolute().relative_to(top).as_posix().removeprefix(".")) if top is not None else None

    def has_revision(self, spec: GitSpec, name: str) -> bool:
        """Whether the name leads to a commit."""
        return self._object(self._repository(spec), f"{name}^{{commit}}") is not None

    def is_shallow(self, spec: GitSpec) -> bool:
        """Whether the clone lacks history, and so perhaps tags."""
        told = self._run(self._repository(spec), "rev-parse", "--is-shallow-repository", check=False)
        return told.strip() == b"true"

    def commit(self, spec: GitSpec) -> str:
        """The full hash of the commit that the ref names."""
        return self._commit(self._repository(spec), spec)

    def commits_between(self, baseline: GitSpec, candidate: GitSpec) -> tuple[str, ...]:
        """The specs of the commits that the candidate has and the baseline lacks, oldest first; along first parents."""
        repository = self._repository(candidate)
        first, last = self._commit(self._repository(baseline), baseline), self._commit(repository, candidate)
        listed = self._run(repository, "rev-list", "--first-parent", "--reverse", f"{first}..{last}")
        folder = f"#subdirectory={candidate.subdirectory}" if candidate.subdirectory else ""
        where = candidate.repository.reveal()
        return tuple(f"git+{where}@{commit}{folder}" for commit in listed.decode("ascii", "replace").split())

    def commit_time(self, spec: GitSpec) -> datetime:
        """When the commit that the ref names was made."""
        repository = self._repository(spec)
        shown = self._run(repository, "show", "-s", "--format=%ct", self._commit(repository, spec))
        return datetime.fromtimestamp(int(shown.decode().strip() or 0), UTC)

    def _is_local(self, spec: GitSpec) -> bool:
        repository = spec.repository.reveal()
        return "://" not in repository and not re.match(r"[^/@\\]+@[^/:@]+:", repository)

    def _is_here(self, spec: GitSpec) -> bool:
        return spec.repository.reveal().startswith("file://") or self._is_local(spec)

    def _repository(self, spec: GitSpec) -> Path:
        """The folder that git is run on: a view of the repository that has a configuration of ours."""
        if not self._is_here(spec):
            return self._view(self._mirror(spec))
        path = _local_folder(spec)
        if not path.is_dir():
            raise GitError(str(path), "does not exist", hint="Write git+PATH_OR_URL@REF.")
        return self._view(path)

    def _view(self, path: Path) -> Path:
        view = self._views.get(path)
        if view is None:
            view = GitView.of(path)
            if view is None:
                raise GitError(
                    str(path), "is not a git repository", hint=f"Write {path} without git+ to read the folder itself."
                )
            odd = view.odd_entry()
            if odd is not None:
                raise GitError(str(path), f"holds {odd.relative_to(view.common)}, which is neither a file nor a folder")
            self._views[path] = view
        view.refresh()
        return view.path

    def _mirror(self, spec: GitSpec) -> Path:
        url = spec.repository.reveal()
        if not re.match(r"(https?|ssh|git)://|[^/@\\-][^/@\\]*@", url):
            raise GitError(url, "is not an address that git may be asked for", hint="Use https, ssh or a path.")
        path = self._mirror_path(url)
        # Neither the mirror's own configuration nor the arguments of a process that others can list hold the login.
        bare_url, login = _without_login(url)
        with self.cache.lock(f"git {url}"):
            known = (
                path.is_dir()
                and not self.refresh
                and self._object(self._view(path), f"{spec.ref}^{{commit}}") is not None
            )
            if known and (self.offline or re.fullmatch(r"[0-9a-f]{40}", spec.ref) or _VERSION_TAG.match(spec.ref)):
                return path
            if self.offline:
                raise OfflineError(f"{spec.ref!r} of {url}")
            if path.is_dir():
                self._name_origin(path, bare_url)
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
                    login=login,
                )
                return path
            with self.cache.scratch() as scratch:
                fresh = scratch / "repo"
                self._run(
                    scratch, "clone", "--quiet", "--bare", "--filter=blob:none", "--", bare_url, str(fresh), login=login
                )
                path.parent.mkdir(parents=True, exist_ok=True)
                fresh.rename(path)
        return path

    def _mirror_path(self, url: str) -> Path:
        return self.cache.root / "git" / digest(url)

    def _commit(self, repository: Path, spec: GitSpec) -> str:
        for candidate in (spec.ref, f"origin/{spec.ref}"):
            if found := self._object(repository, f"{candidate}^{{commit}}"):
                return found
        if self._object(repository, spec.ref):
            raise self._incomplete(spec, f"lacks the commit of {spec.ref!r}")
        nearest = nearest_tags(spec.ref, self.version_tags_of(repository))
        raise GitError(
            str(spec.repository),
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

    def _extract(self, repository: Path, tree: str, folder: Path, spec: GitSpec, everything: bool) -> None:
        unreadable: list[tuple[str, str]] = []
        programs: set[str] = set()
        wanted = list(self._wanted(repository, tree, unreadable, spec, programs if everything else None))
        readable = self._readable(repository, wanted, unreadable, spec)
        files = folder / "files"
        files.mkdir()
        for path, content in self._blobs(repository, readable, spec):
            target = files / path
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
                if path in programs:
                    target.chmod(0o755)
            except OSError as error:
                # Only what the name is to blame for is left out; a full disk must not be remembered as the tree.
                if error.errno not in (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.ENOTDIR, errno.EISDIR):
                    raise
                unreadable.append((path, error.strerror or str(error)))
        (folder / "left-out").write_bytes(msgspec.msgpack.encode(unreadable))

    def _wanted(
        self,
        repository: Path,
        tree: str,
        unreadable: list[tuple[str, str]],
        spec: GitSpec,
        programs: set[str] | None = None,
    ) -> Iterator[tuple[str, str]]:
        """(path, blob) of the regular files that somebody reads; links and submodules are left out.

        With `programs`, of all regular files; the paths of those that can be started are added to it.

        The listing is read as git writes it: a few kilobytes of trees can name 10^9 files.
        """
        found = 0
        for seen, entry in enumerate(self._entries(repository, tree, spec), 1):
            if seen > _LISTED_FOR_EACH * self.limits.members:
                raise GitError(
                    str(spec.repository),
                    f"lists more than {_LISTED_FOR_EACH * self.limits.members} files at {spec.ref!r}",
                )
            head, tab, name = entry.partition(b"\t")
            if not tab:
                continue
            mode, _kind, blob = head.decode("ascii").split(" ")
            if len(name) > _PATH_LIMIT:
                unreadable.append((name[:80].decode("utf-8", "backslashreplace") + "...", "its name is too long"))
                continue
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
                    programs is not None
                    or sort_member(path) not in ("no", "binary")
                    or is_native(path)
                    or (mode == "100755" and may_be_script(path))
                )  # whether it is one, its first line says
            ):
                if programs is not None and mode == "100755":
                    programs.add(path)
                found += 1
                if found > self.limits.members:
                    raise GitError(
                        str(spec.repository), f"has more than {self.limits.members} files to read at {spec.ref!r}"
                    )
                yield path, blob

    def _entries(self, repository: Path, tree: str, spec: GitSpec) -> Iterator[bytes]:
        """The records of `git ls-tree`, one at a time."""
        with self._open(repository, "ls-tree", "-r", "-z", "--full-tree", tree) as process:
            assert process.stdout is not None
            left = b""
            try:
                while chunk := process.stdout.read(1 << 16):
                    *whole, left = (left + chunk).split(b"\0")
                    if len(left) > 1 << 20:
                        raise GitError(str(spec.repository), f"has a name longer than {1 << 20} bytes at {spec.ref!r}")
                    yield from whole
                if process.wait() != 0:
                    raise self._incomplete(spec, f"has a tree that cannot be read at {spec.ref!r}")
            finally:
                process.kill()

    def _readable(
        self, repository: Path, wanted: list[tuple[str, str]], unreadable: list[tuple[str, str]], spec: GitSpec
    ) -> list[tuple[str, str]]:
        """The wanted files that are at hand and within the limits, by the sizes that git gives before any is read.

        What a mirror of ours lacks is fetched, all at once; what a user's repository lacks is an error.
        """
        sizes = self._sizes(repository, wanted)
        missing = {blob: path for path, blob in wanted if blob not in sizes}
        if self.offline or self._is_here(spec):
            # What only may be a script is no reason to fail.
            missing = {blob: path for blob, path in missing.items() if sort_member(path) != "no"}
            wanted = [one for one in wanted if one[1] in sizes or one[1] in missing]
        if missing:
            self._complete(missing, spec)
            sizes |= self._sizes(repository, [(path, blob) for blob, path in missing.items()])
        readable: list[tuple[str, str]] = []
        packed: dict[str, int] = {}
        total = 0
        for path, blob in wanted:
            size, on_disk = sizes.get(blob) or (0, 0)
            if blob not in sizes:
                raise self._incomplete(spec, f"lacks the content of {path} ({blob[:12]})")
            if size > self.limits.file_size:
                unreadable.append((path, f"larger than {self.limits.file_size} bytes"))
                continue
            total += size
            packed[blob] = on_disk
            if total > self.limits.total_size:
                raise GitError(str(spec.repository), f"holds more than {self.limits.total_size} bytes at {spec.ref!r}")
            readable.append((path, blob))
        if total > self.limits.ratio_from and total > self.limits.ratio * max(1, sum(packed.values())):
            raise GitError(
                str(spec.repository), f"unpacks to more than {self.limits.ratio} times its size at {spec.ref!r}"
            )
        return readable

    def _sizes(self, repository: Path, wanted: list[tuple[str, str]]) -> dict[str, tuple[int, int]]:
        """Blob → (bytes, bytes on disk) of the blobs that are there."""
        if not wanted:
            return {}
        lines = "".join(f"{blob}\n" for blob in dict.fromkeys(blob for _, blob in wanted)).encode()
        form = "--batch-check=%(objectname) %(objecttype) %(objectsize) %(objectsize:disk)"
        answer = self._run(repository, "cat-file", form, given=lines, check=False)
        found: dict[str, tuple[int, int]] = {}
        for line in answer.decode("ascii", "replace").splitlines():
            words = line.split(" ")
            if len(words) == 4 and words[1] == "blob" and words[2].isdigit() and words[3].isdigit():
                found[words[0]] = (int(words[2]), int(words[3]))
        return found

    def _complete(self, missing: dict[str, str], spec: GitSpec) -> None:
        """Fetch blobs that a mirror of ours lacks. Raises GitUnreachableError for any other repository."""
        path = min(missing.values())
        problem = f"lacks the content of files to read ({len(missing)}, such as {path})"
        if self._is_here(spec):
            raise self._incomplete(spec, problem)
        if self.offline:
            raise GitUnreachableError(
                str(spec.repository), f"is kept as a partial clone that {problem}", hint="Run once without --offline."
            )
        options = ("--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--filter=blob:none", "--stdin")
        command = ("-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", *options, "origin")
        url = spec.repository.reveal()
        bare_url, login = _without_login(url)
        self._name_origin(self._mirror_path(url), bare_url)
        self._run(self._mirror_path(url), *command, login=login, given="\n".join(missing).encode())

    def _name_origin(self, mirror: Path, url: str) -> None:
        """Mirrors of earlier versions name their origin with its login."""
        if read_option(mirror, "remote.origin.url") != url:
            self._run(mirror, "config", "remote.origin.url", url, login={})

    def _incomplete(self, spec: GitSpec, problem: str) -> GitUnreachableError:
        return GitUnreachableError(
            str(spec.repository),
            problem,
            hint="Its own configuration is not obeyed, so nothing is fetched and no other object store is read: "
            "make the clone complete (git fetch --refetch, or git repack -a -d), or name the URL it was cloned from.",
        )

    def _blobs(self, repository: Path, wanted: list[tuple[str, str]], spec: GitSpec) -> Iterator[tuple[str, bytes]]:
        """Contents in the order asked, through one `git cat-file`."""
        if not wanted:
            return
        with self._open(repository, "cat-file", "--batch") as process:
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
                raise GitUnreachableError(str(spec.repository), "could not be read: git stopped") from None
            finally:
                process.kill()

    def _read_blob(self, stream: IO[bytes], path: str, blob: str, spec: GitSpec) -> bytes:
        head = stream.readline(1 << 12).split()
        if len(head) != 3 or not head[2].isdigit():
            raise self._incomplete(spec, f"lacks the content of {path} ({blob[:12]})")
        size = int(head[2])
        if size > self.limits.file_size:
            raise GitUnreachableError(str(spec.repository), f"changed while it was read, at {path}")
        content = stream.read(size + 1)
        if len(content) != size + 1:
            raise GitUnreachableError(str(spec.repository), f"could not be read: git stopped at {path}")
        return content[:-1]

    @contextlib.contextmanager
    def _open(self, repository: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """A running git that reads a view; it is killed when it takes longer than `READ_SECONDS`."""
        try:
            process = subprocess.Popen(
                _command(*arguments),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=repository,
                env=environment_for_reading(repository),
            )
        except FileNotFoundError:
            raise GitError(str(repository), "cannot be read without the program git", hint="Install git.") from None
        guard = threading.Timer(READ_SECONDS, process.kill)
        guard.daemon = True
        guard.start()
        try:
            with process:
                yield process
        finally:
            guard.cancel()

    def _run(
        self,
        repository: Path,
        *arguments: str,
        check: bool = True,
        login: dict[str, str] | None = None,
        given: bytes | None = None,
    ) -> bytes:
        """What git prints. `login`: the settings with which a mirror of ours is fetched; `None` for reading a view."""
        network = login is not None
        shown = next((str(path) for path, view in self._views.items() if view.path == repository), str(repository))
        command = _command(*arguments, repository=repository if network else None)
        try:
            if login is not None:
                environment = _environment_for_fetching(login)
                done = _fetch(command, given, repository, environment, self.limits.archive_size)
            else:
                done = subprocess.run(
                    command,
                    input=given,
                    stdin=subprocess.DEVNULL if given is None else None,
                    capture_output=True,
                    cwd=repository,
                    env=environment_for_reading(repository),
                    check=False,
                    timeout=READ_SECONDS,
                )
        except FileNotFoundError:
            raise GitError(shown, "cannot be read without the program git", hint="Install git.") from None
        except subprocess.TimeoutExpired as error:
            raise GitUnreachableError(shown, f"could not be read within {error.timeout:g} seconds") from None
        except _TooLargeError as error:
            asked = arguments[-2] if arguments[0] == "clone" else shown
            raise GitUnreachableError(asked, f"sends more than {error.limit} bytes") from None
        if done.returncode == 0:
            return done.stdout
        if not check:
            return b""
        lines: Iterable[str] = done.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = next((line for line in lines if line.startswith(("fatal:", "error:"))), "git failed")
        kind = GitUnreachableError if network else GitError
        raise kind(arguments[-2] if arguments[0] == "clone" else shown, f"could not be read: {reason}")


def _local_folder(spec: GitSpec) -> Path:
    """The folder that a local spec names."""
    if spec.repository.reveal().startswith("file://"):
        from tailrace.sources.download import local_path

        return local_path(spec.repository.reveal()).absolute()
    return Path(spec.repository.reveal()).expanduser().absolute()


def _command(*arguments: str, repository: Path | None = None) -> list[str]:
    # Hooks, filters, fsmonitor and helpers are nothing that a repository may bring along. A mirror is bare and of our
    # own making, so what it says of itself is ours.
    quiet = ("core.hooksPath=/dev/null", "core.fsmonitor=false", "protocol.ext.allow=never", "gc.auto=0")
    where = [] if repository is None else ["-C", str(repository)]
    return [git_program(), *where, *(word for setting in quiet for word in ("-c", setting)), *arguments]


class _TooLargeError(Exception):
    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


def _fetch(
    command: list[str], given: bytes | None, folder: Path, environment: Mapping[str, str], limit: int
) -> subprocess.CompletedProcess[bytes]:
    """Runs a git that asks a server. Raises `_TooLargeError` once `folder` grows by more than `limit` bytes, and
    `TimeoutExpired`; git's own helpers are ended with it.
    """
    before = _size_of(folder)
    end = time.monotonic() + FETCH_SECONDS
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as told:
        asked.write(given or b"")
        asked.seek(0)
        process = subprocess.Popen(
            command, stdin=asked, stdout=out, stderr=told, cwd=folder, env=environment, start_new_session=True
        )
        try:
            pause = 0.02
            while process.poll() is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(pause)
                pause = min(pause * 2, 1.0)
                if time.monotonic() > end:
                    raise subprocess.TimeoutExpired(command, FETCH_SECONDS)
                if _size_of(folder) - before > limit:
                    raise _TooLargeError(limit)
                if max(os.fstat(file.fileno()).st_size for file in (out, told)) > _ANSWER_LIMIT:
                    raise _TooLargeError(_ANSWER_LIMIT)
        finally:
            _end_group(process)
        out.seek(0)
        told.seek(0)
        return subprocess.CompletedProcess(command, process.returncode, out.read(), told.read(1 << 16))


def _size_of(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):  # it was a temporary file
                total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118 - many thousands
    return total


def _end_group(process: subprocess.Popen[bytes]) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _environment_for_fetching(login: Mapping[str, str]) -> dict[str, str]:
    """The user's own environment, in which their credentials and proxies are, with the settings `login` besides."""
    environment = child_environment() | {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    count = environment.get("GIT_CONFIG_COUNT", "0")
    first = int(count) if count.isascii() and count.isdigit() else 0
    for number, (key, value) in enumerate(login.items(), first):
        environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return environment | {"GIT_CONFIG_COUNT": str(first + len(login))} if login else environment


def _without_login(url: str) -> tuple[str, dict[str, str]]:
    """The URL without user and password, and the setting of git that puts them back."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url, {}
    if parts.scheme not in ("http", "https") or "@" not in parts.netloc:
        return url, {}
    plain = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return plain, {f"url.{url}.insteadOf": plain}


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
    match = _VERSION_TAG.match(tag) if len(tag) <= _TAG_LIMIT else None
    if not match:
        return None
    from packaging.version import InvalidVersion

    try:
        read_version(match["version"])
    except InvalidVersion:
        return None
    return match["prefix"], match["version"]
