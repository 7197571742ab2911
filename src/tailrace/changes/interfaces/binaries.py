"""The binary interface of a release: shared libraries, NumPy's version of its C interface, declarations for Cython."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from tailrace.changes.interfaces.interface import InterfaceKind
from tailrace.model import Artifact, Change
from tailrace.python.modules import Surface, is_test_file

_LIBRARY = re.compile(r"(?:^|/)(lib[\w+-]+\.so(?:\.[\w.]+)?|lib[\w+-]+\.[\w.]*dylib|[\w+-]+\.dll)\Z")
# Functions, classes and types; names of parameters may change at will.
_DECLARED = re.compile(r"\b([A-Za-z_]\w{2,})(?=\s*\()|(?<=\bclass )(\w+)|^[ \t]*ctypedef .*?(\w+)$", re.MULTILINE)
# What one declaration file takes from another is offered by both.
_TAKEN = re.compile(r"^[ \t]*from[ \t]+[\w.]+[ \t]+cimport[ \t]+(?:\(([^)]*)\)|([^#\n]*))", re.MULTILINE)
_TAKES_ALL = re.compile(r"^[ \t]*(?:from[ \t]+[\w.]+[ \t]+cimport[ \t]+\*|include[ \t]+['\"])", re.MULTILINE)
_NUMPY_HEADER = re.compile(r"numpy/_?core/include/numpy/_?numpyconfig\.h\Z")
# What compiled modules share with others that were made by the same version of pybind11 or nanobind.
_INTERNALS = re.compile(rb"__(?:pybind11_internals|nb_internals)_v\d{1,4}[\w.]{0,60}")
INTERNALS = "internals:"
_FEW = 40  # modules that are read for it
_NUMPY_ABI = re.compile(rb"#define\s+NPY_ABI_VERSION\s+(0x[0-9a-fA-F]+)")
NUMPY_ABI = "numpy:NPY_ABI_VERSION"


def libraries_of(artifact: Artifact) -> dict[str, str]:
    """File name of a shared library → path in the release; names with a hash, of repaired wheels, count too."""
    files = (*artifact.compiled_files, *artifact.other_files)
    return {match[1]: file for file in files if (match := _LIBRARY.search(file))}


class Declarations(NamedTuple):
    """What one `.pxd` offers. `is_open`: whether it includes other files, or takes all that another one declares."""

    names: frozenset[str]
    file: str
    is_open: bool


def declarations_of(artifact: Artifact) -> dict[str, Declarations]:
    """Module → what its `.pxd` declares."""
    found = {}
    for file in artifact.compiled_files:
        if not file.endswith(".pxd") or is_test_file(file):
            continue
        path = next((p for p in artifact.search_paths if p and file.startswith(f"{p}/")), "")
        name = (file[len(path) + 1 :] if path else file).removesuffix(".pxd").removesuffix("/__init__")
        try:
            text = (artifact.root / file).read_text("utf-8", errors="replace")
        except OSError:
            continue
        names = {*filter(None, chain(*_DECLARED.findall(text))), *_taken(text)}
        found[name.replace("/", ".")] = Declarations(frozenset(names), file, _TAKES_ALL.search(text) is not None)
    return found


def _taken(text: str) -> Iterator[str]:
    for match in _TAKEN.finditer(text):
        for part in (match[1] or match[2] or "").split(","):
            words = part.split()
            if words:
                yield words[-1]


def internals_of(artifact: Artifact) -> frozenset[str]:
    """The names under which the compiled modules of a release share types with others."""
    from tailrace.artifacts import ArtifactError, read_member

    found: set[str] = set()
    modules = [file for file in artifact.compiled_files if file.endswith((".so", ".pyd"))]
    for file in modules[:_FEW]:
        try:
            found |= {name.decode() for name in _INTERNALS.findall(read_member(artifact, file))}
        except (ArtifactError, OSError):
            continue
    return frozenset(found)


def numpy_abi(artifact: Artifact) -> str | None:
    """NumPy's version of its binary interface, from its own header."""
    from tailrace.artifacts import ArtifactError, read_member

    for file in artifact.other_files:
        if _NUMPY_HEADER.search(file):
            try:
                match = _NUMPY_ABI.search(read_member(artifact, file))
            except (ArtifactError, OSError):
                continue
            if match is not None:
                return match[1].decode()
    return None


def compare_binaries(baseline: Surface, candidate: Surface) -> Iterator[Change]:
    """`binary-interface-changed` for libraries and declarations that are gone, and for NumPy's own version."""
    gone, kept = libraries_of(baseline.artifact), libraries_of(candidate.artifact)
    if not (candidate.artifact.compiled_files or candidate.artifact.python_files):
        return
    if candidate.artifact.compiled_files or kept:
        for name in sorted(gone.keys() - kept.keys()):
            yield Change(rule="binary-interface-changed", symbol=f"library:{name}", file=gone[name])
    in_baseline, in_candidate = declarations_of(baseline.artifact), declarations_of(candidate.artifact)
    for module in sorted(in_baseline):
        names, file, _ = in_baseline[module]
        if module not in in_candidate:
            yield Change(rule="binary-interface-changed", symbol=f"{module}.pxd", file=file, detail="the file is gone")
            continue
        for name in sorted(names - in_candidate[module].names) if not in_candidate[module].is_open else ():
            yield Change(rule="binary-interface-changed", symbol=f"{module}.{name}", file=file)
    had, has = internals_of(baseline.artifact), internals_of(candidate.artifact)
    for name in sorted(had - has) if has else ():
        detail = f"its modules now share {', '.join(sorted(has))}"
        yield Change(rule="binary-interface-changed", symbol=f"{INTERNALS}{name}", detail=detail)
    abi, now = numpy_abi(baseline.artifact), None
    if abi is not None and (now := numpy_abi(candidate.artifact)) is not None and now != abi:
        yield Change(rule="binary-interface-changed", symbol=NUMPY_ABI, detail=f"{abi} became {now}")


KIND = InterfaceKind(frozenset({"binary-interface-changed"}), compare_binaries)
