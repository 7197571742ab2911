"""A view of a repository: its objects and refs under a configuration of ours. The repository is not changed, and
nothing is fetched.

A repository's own configuration can name programs to run (`uploadpack`, `sshCommand`, `gitProxy`, `fsmonitor`, pagers
and filters), other files to include, and other object stores. git offers no way to leave it out, so git is never run
on the repository: it is run on an empty bare repository that has links to the objects and refs of the other.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import subprocess
import tempfile
import weakref
from dataclasses import dataclass
from pathlib import Path

from tailrace.processes.environment import child_environment, find_program

CONFIG_LIMIT = 1 << 20
_POINTER_LIMIT = 1 << 14
_OBJECT_FOLDERS = ("pack", *(f"{number:02x}" for number in range(256)))
_FORMATS = {"objectformat": ("sha1", "sha256"), "refstorage": ("files", "reftable")}


@dataclass(frozen=True, slots=True, weakref_slot=True)
class GitView:
    """`path` is what git is run on; `git_dir` and `common` are the folders of the repository that is looked at (they
    differ in a linked work tree).
    """

    path: Path
    git_dir: Path
    common: Path

    @staticmethod
    def of(folder: Path) -> GitView | None:
        """A view of the repository in or around `folder`, `None` where there is none. It is removed with its value."""
        git_dir = _find_git_dir(folder)
        if git_dir is None:
            return None
        common = _pointer(git_dir / "commondir", git_dir) or git_dir
        path = Path(tempfile.mkdtemp(prefix="tailrace-git-"))
        view = GitView(path, git_dir, common)
        weakref.finalize(view, shutil.rmtree, path, ignore_errors=True)
        (path / "objects" / "info").mkdir(parents=True)
        # Not `objects` itself: `objects/info/alternates` names other stores.
        for name in _OBJECT_FOLDERS:
            (path / "objects" / name).symlink_to(common.resolve() / "objects" / name)
        for name in ("refs", "packed-refs", "shallow", "reftable"):
            if name in ("refs", "packed-refs") or (common / name).exists():
                (path / name).symlink_to(common.resolve() / name)
        lines = ["[core]", "\tbare = true", "\trepositoryformatversion = 1", "[extensions]"]
        for key, known in _FORMATS.items():
            value = read_option(git_dir, f"extensions.{key}")
            if value in known and value != known[0]:
                lines.append(f"\t{key} = {value}")
        (path / "config").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return view

    def odd_entry(self) -> Path | None:
        """A pipe, socket or device in place of a file that git would read and wait for; `None` without one."""
        places = [self.common / name for name in ("refs", "packed-refs", "shallow", "reftable")]
        places += (self.common / "objects" / name for name in _OBJECT_FOLDERS)
        return next((odd for place in places if (odd := _first_odd(place)) is not None), None)

    def refresh(self) -> None:
        """Take over what HEAD says now."""
        text = _small_text(self.git_dir / "HEAD") or ""
        if not re.fullmatch(r"ref: refs/\S+|[0-9a-f]{40,64}", text.strip()):
            text = "ref: refs/heads/main"
        (self.path / "HEAD").write_text(text.strip() + "\n", encoding="utf-8")


def _first_odd(path: Path) -> Path | None:
    """The path, or the first entry below it, that is neither a file nor a folder. Folders behind links are not
    searched.
    """
    waiting = [path]
    while waiting:
        current = waiting.pop()
        try:
            mode = current.stat().st_mode
            if stat.S_ISDIR(mode):
                with os.scandir(current) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False) or not entry.is_file(follow_symlinks=False):
                            if entry.is_symlink() and entry.is_dir():
                                continue
                            waiting.append(Path(entry.path))
            elif not stat.S_ISREG(mode):
                return current
        except OSError:
            continue  # not there, or not ours to read
    return None


def environment_for_reading(view: Path) -> dict[str, str]:
    """The environment in which git reads a view: neither the user's nor the machine's configuration, no network."""
    kept = {key: value for key, value in child_environment().items() if not key.upper().startswith("GIT_")}
    return kept | {
        "GIT_DIR": str(view),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }


def git_program() -> str:
    """The program git, never one that lies in the working directory. Raises FileNotFoundError."""
    found = find_program("git")
    if found is None:
        raise FileNotFoundError("git")
    return str(found)


def read_option(git_dir: Path, key: str) -> str | None:
    """One value of a repository's configuration, read as text: nothing that it includes, nothing of it obeyed."""
    common = _pointer(git_dir / "commondir", git_dir) or git_dir
    config = common / "config"
    try:
        if not config.is_file() or config.stat().st_size > CONFIG_LIMIT:
            return None
        done = subprocess.run(
            [git_program(), "config", "--file", str(config.resolve()), "--no-includes", "--get", key],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=tempfile.gettempdir(),
            env=environment_for_reading(Path(os.devnull)),
            check=False,
            timeout=30,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    text = done.stdout.decode("utf-8", "replace").strip()
    return text if done.returncode == 0 and text else None


def find_work_tree(folder: Path) -> Path | None:
    """The top of the work tree that a folder is in, `None` outside of any."""
    whole = folder.absolute()
    for place in (whole, *whole.parents):
        with contextlib.suppress(OSError):
            inner = place / ".git"
            target = _pointer(inner, place, "gitdir:") if inner.is_file() else None
            if _is_git_dir(inner) or (target is not None and _has_head(target)):
                return place
    return None


def _find_git_dir(folder: Path) -> Path | None:
    """As git finds it: `.git` in the folder or above, a folder or a file that points to one, or a bare repository."""
    whole = folder.absolute()
    for place in (whole, *whole.parents):
        inner = place / ".git"
        with contextlib.suppress(OSError):
            if _is_git_dir(inner):
                return inner
            if inner.is_file() and (target := _pointer(inner, place, "gitdir:")) is not None and _has_head(target):
                return target
            if _is_git_dir(place):
                return place
    return None


def _is_git_dir(path: Path) -> bool:
    return _has_head(path) and (path / "objects").is_dir() and (path / "refs").is_dir()


def _has_head(path: Path) -> bool:
    return _small_text(path / "HEAD") is not None


def _pointer(file: Path, base: Path, mark: str = "") -> Path | None:
    """The folder that a one-line file names, relative to `base`."""
    text = (_small_text(file) or "").strip()
    if not text.startswith(mark) or "\0" in text:
        return None
    name = text[len(mark) :].strip()
    target = base / name
    return target if name and target.is_dir() else None


def _small_text(path: Path) -> str | None:
    try:
        if not path.is_file() or path.stat().st_size > _POINTER_LIMIT:
            return None
        return path.read_text("utf-8", errors="replace")
    except OSError:
        return None
