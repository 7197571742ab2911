"""Programs, environment variables and import paths for child processes. Nothing in the working directory has a say."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

# Variables that make a Python process import or run something, or make it look elsewhere for its library.
_PYTHON = "PYTHON"
# Variables that point git at a repository, an index or a program other than the one that is asked for.
_GIT_REPOSITORY = frozenset(
    {
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INDEX_VERSION",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_QUARANTINE_PATH",
        "GIT_COMMON_DIR",
        "GIT_NAMESPACE",
        "GIT_PREFIX",
        "GIT_CEILING_DIRECTORIES",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM",
        "GIT_ATTR_SOURCE",
        "GIT_REPLACE_REF_BASE",
        "GIT_GRAFT_FILE",
        "GIT_SHALLOW_FILE",
        "GIT_EXTERNAL_DIFF",
        "GIT_EXEC_PATH",
        "GIT_TEMPLATE_DIR",
        "GIT_PAGER",
        "GIT_EDITOR",
        "GIT_SEQUENCE_EDITOR",
        "GIT_LITERAL_PATHSPECS",
        "GIT_GLOB_PATHSPECS",
        "GIT_NOGLOB_PATHSPECS",
        "GIT_ICASE_PATHSPECS",
        "GIT_REFLOG_ACTION",
    }
)


def child_environment(environ: Mapping[str, str] | None = None, **more: str) -> dict[str, str]:
    """The variables for a child: those of `environ` (default: ours) without what steers Python or names another git
    repository, and with a PATH of absolute folders only; then `more`.
    """
    given = os.environ if environ is None else environ
    kept = {
        name: value
        for name, value in given.items()
        if not name.upper().startswith(_PYTHON)
        and name.upper() not in _GIT_REPOSITORY
        and not name.upper().startswith("GIT_TRACE")
    }
    if "PATH" in kept:
        kept["PATH"] = os.pathsep.join(_absolute(kept["PATH"].split(os.pathsep)))
    return kept | {"PYTHONSAFEPATH": "1", "PYTHONNOUSERSITE": "1"} | more


def find_program(name: str, environ: Mapping[str, str] | None = None) -> Path | None:
    """The absolute path of a program on PATH, `None` where it is not installed.

    A relative or empty entry of PATH (`.`, `bin`) means the working directory, which may be a stranger's: it is passed
    over. The working directory itself is never searched, not even on Windows.
    """
    given = os.environ if environ is None else environ
    suffixes = [""]
    if sys.platform == "win32":
        suffixes = [suffix.lower() for suffix in given.get("PATHEXT", ".COM;.EXE").split(";") if suffix]
    for folder in _absolute(given.get("PATH", os.defpath).split(os.pathsep)):
        for suffix in suffixes:
            path = Path(folder, name + suffix)
            if path.is_file() and os.access(path, os.X_OK):
                return path
    return None


def _absolute(folders: Iterable[str]) -> list[str]:
    return [folder for folder in folders if folder and os.path.isabs(folder)]  # noqa: PTH117 - a text, as PATH has it


def clean_import_path(path: list[str], folder: str | None = None) -> None:
    """Takes out of an import path (such as `sys.path`), in place, what means the working directory `folder`.

    That is `''`, every relative entry, and the folder itself; it stays where Tailrace itself is installed in it.
    """
    ours = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120
    try:
        here = os.path.realpath(folder or os.getcwd())  # noqa: PTH109
    except OSError:  # the working directory was removed
        here = ""
    path[:] = [
        entry
        for entry in path
        if os.path.isabs(entry)  # noqa: PTH117
        and (os.path.realpath(entry) != here or os.path.realpath(entry) == os.path.realpath(ours))
    ]


def python_command(code: str, *arguments: str) -> list[str]:
    """The command that runs `code` in an interpreter like this one with this one's import path.

    Isolated (`-I`): neither the working directory nor a `PYTHON…` variable nor the user's own site-packages count, but
    for what the import path of this process names.
    """
    path = list(sys.path)
    clean_import_path(path)
    options = ["-I"]
    if sys.dont_write_bytecode:
        options.append("-B")
    if sys.flags.utf8_mode:
        options += ["-X", "utf8"]
    if sys.pycache_prefix:
        options += ["-X", f"pycache_prefix={sys.pycache_prefix}"]
    return [sys.executable, *options, "-c", f"import sys; sys.path[:] = {path!r}\n{code}", *arguments]
