"""Decides by its path what happens with a file: it is read, listed as an extension module, or left alone."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Literal

Wanted = Literal["source", "compiled-source", "text", "binary", "opaque", "no"]

SOURCE_SUFFIXES = (".py", ".pyi", ".pyw")
COMPILED_SOURCE_SUFFIXES = (".pyx", ".pxd", ".pxi")
BINARY_SUFFIXES = (".so", ".pyd", ".dylib")
# Python code in a form that is searched for names, and not read: notebooks, archives inside of others; also templates.
OPAQUE_SUFFIXES = (".ipynb", ".egg", ".pyz", ".pyzw", ".pex", ".whl", ".zip")
# What a build or a project generator makes Python modules from: `version.py.in`, `conf.py.j2`, `manage.py-tpl`.
_TEMPLATE = re.compile(r"\.pyi?(?:-tpl|_t(?:mpl|pl)?|\.(?:in|j2|jinja2?|tpl|tmpl|template|mako|cog|cmake))\Z")
TEXT_NAMES = frozenset(
    (
        "METADATA",
        "PKG-INFO",
        "RECORD",
        "WHEEL",
        "entry_points.txt",
        "top_level.txt",
        "requires.txt",
        "direct_url.json",
        "py.typed",
    )
)
PROJECT_NAMES = frozenset(("pyproject.toml", "setup.cfg", "setup.py", "PKG-INFO"))
CONFIG_SUFFIXES = (".toml", ".cfg", ".ini", ".pth")
CONFIG_SIZE = 64 * 1024
"""A configuration file larger than this (bytes) is data, and is not read."""
# Files that run programs or name what an upstream registers: workflows, shell scripts, templates, style sheets.
TEMPLATE_SUFFIXES = (".html", ".htm", ".jinja", ".jinja2", ".j2", ".mako", ".mplstyle")
CALLER_SUFFIXES = (".yml", ".yaml", ".sh", ".bash", ".mk")
CALLER_NAMES = frozenset(("Makefile", "makefile", "GNUmakefile", "Dockerfile", "Containerfile", "justfile", "Procfile"))

# Changing what is wanted must change the key under which extracted trees are kept.
SELECTION = "5"
# Of a git tree, also what is compiled: headers of an upstream, sources of a downstream. From an archive they are read.
GIT_SELECTION = f"{SELECTION}.native"
_NATIVE_SUFFIXES = (".h", ".hh", ".hpp", ".hxx", ".c", ".cc", ".cpp", ".cxx", ".c++")
# Names without an ending that says "Python": the first line decides (see `is_script`).
_SCRIPT_SUFFIXES = ("", ".cgi", ".wsgi", ".tac", ".in", ".script")
SCRIPT_HEAD = 256
"""Bytes that `is_script` wants to see."""
_SCRIPT = re.compile(
    rb"#!.*(?:python|pypy|\buv[ \t]+run)"
    # A shell that starts Python with the same file, in lines that Python takes for a text.
    rb"|#![^\n]*sh(?:[ \t]+-\w+)?[ \t]*\r?\n(?:#[^\n]*\n)*+(?:['\"]{3}|'exec'|\"exec\")"
)


def may_be_script(path: str) -> bool:
    """Whether the file at this POSIX path may be a Python script all the same: `bin/run`, `tool-2`."""
    suffix = PurePosixPath(path).suffix.lower()
    return suffix in _SCRIPT_SUFFIXES or suffix[1:].isdigit()


def is_script(head: bytes) -> bool:
    """Whether a file that begins with these bytes is run by Python."""
    return _SCRIPT.match(head.removeprefix(b"\xef\xbb\xbf")) is not None


def is_wrapper(path: Path) -> bool:
    """Whether a program only calls an entry point, as installers write it: the metadata says the same."""
    lines = [line for line in path.read_bytes()[:4096].splitlines() if line and not line.startswith(b"#")]
    return (
        len(lines) <= 8
        and any(b"sys.exit(" in line for line in lines)
        and any(b"sys.argv[0]" in line for line in lines)
    )


def is_bytecode(path: str) -> bool:
    """Whether a file holds a compiled module that Python imports without a source: `.pyc` outside `__pycache__`."""
    return path.lower().endswith((".pyc", ".pyo")) and "__pycache__" not in path.split("/")


def is_template(name: str) -> bool:
    """Whether a file of this name holds Python code with places to fill in."""
    return _TEMPLATE.search(name.lower()[-24:]) is not None


def sort_member(path: str, size: int = 0) -> Wanted:
    """What becomes of the file at this POSIX path. `size` in bytes, where it is known."""
    name = path.rpartition("/")[2]
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in SOURCE_SUFFIXES:
        return "source"
    if suffix in COMPILED_SOURCE_SUFFIXES:
        return "compiled-source"
    if suffix in BINARY_SUFFIXES:
        return "binary"
    if suffix in OPAQUE_SUFFIXES or is_template(name) or is_bytecode(path):
        return "opaque"
    if name in TEXT_NAMES and name != "RECORD":
        return "text"
    if suffix in (*CONFIG_SUFFIXES, *TEMPLATE_SUFFIXES, *CALLER_SUFFIXES) or is_caller_name(name):
        return "text" if size <= CONFIG_SIZE else "no"
    return "no"


def is_native(path: str) -> bool:
    """Whether the file at this POSIX path is a header or a source in C or C++."""
    return path.lower().endswith(_NATIVE_SUFFIXES)


def is_caller_name(name: str) -> bool:
    """Whether a file of this name runs programs by its name alone: `Makefile`, `Dockerfile.dev`."""
    return name in CALLER_NAMES or name.startswith(("Dockerfile.", "Makefile."))
