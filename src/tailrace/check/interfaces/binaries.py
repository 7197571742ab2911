"""Compiled modules of a downstream that need what the candidate's binary interface no longer has.

The evidence is in the bytes: names of shared libraries, of modules whose C interface is imported, and whether NumPy 2
was known to whoever built it. Cython sources say it in `cimport`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tailrace.changes.interfaces.binaries import INTERNALS, NUMPY_ABI, declarations_of
from tailrace.check.breakage import LINEAGES, Breakage
from tailrace.check.interfaces.view import Doubt, Finder, View
from tailrace.model import Change, Confidence
from tailrace.python.modules import is_test_file

_BINARY = (".so", ".pyd", ".dylib")
_CYTHON = (".pyx", ".pxd")
_TAG = re.compile(r"\.(?:cpython-|cp)(\d{2,3})[^/]*\.(?:so|pyd)\Z")
_MOST = 200  # binaries that are read of one downstream
_CIMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+cimport[ \t]+\(?([^#\n(]*)|cimport[ \t]+([\w.]+))", re.MULTILINE
)
_WHOLE = re.compile(r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+)?cimport[ \t]+\(?([^#\n()]*)", re.MULTILINE)


def find(view: View) -> Iterator[Breakage | Doubt]:
    """`binary-interface-changed`, and a doubt where compiled code uses a C interface that differs."""
    changes = view.changes("binary-interface-changed")
    if changes:
        yield from _cython(view, changes)
    yield from _tags(view)
    binaries = [f for f in view.downstream.compiled_files if f.lower().endswith(_BINARY) and not is_test_file(f)]
    if binaries and (changes or view.baseline.artifact.compiled_files):
        yield from _binaries(view, changes, binaries[:_MOST])


def _tags(view: View) -> Iterator[Doubt]:
    """Modules that are compiled for the baseline's interpreter alone, where an interpreter is the upstream."""
    releases = [surface.artifact.release for surface in (view.baseline, view.candidate)]
    if any(release.source != "interpreter" for release in releases):
        return
    was, now = (release.version.replace(".", "") for release in releases)
    compiled = [file for file in view.downstream.compiled_files if not is_test_file(file)]
    for file in compiled:
        tag = _TAG.search(file)
        module = file.partition(".")[0]
        others = (other for other in compiled if other.partition(".")[0] == module and other != file)
        if tag is not None and tag[1] == was and not any(now in other or ".abi3." in other for other in others):
            sources = {f"{module}{ending}" for ending in (".pyx", ".c", ".cpp", ".py")}
            if sources.isdisjoint((*view.downstream.compiled_files, *view.downstream.other_files)):
                version = releases[0].version
                yield Doubt(f"{file} is compiled for CPython {version} alone, and the candidate does not import it")
                return


def _cython(view: View, changes: dict[str, Change]) -> Iterator[Breakage]:
    """`from up.core cimport fast` in sources that are compiled when the downstream is built."""
    for file in view.downstream.compiled_files:
        if not file.endswith(_CYTHON) or is_test_file(file):
            continue
        text = view.data(file).decode("utf-8", "replace")
        for match in _CIMPORT.finditer(text):
            module, names = match[1] or match[3], match[2] or ""
            line = text.count("\n", 0, match.start()) + 1
            wanted = [f"{module}.{name.split()[0]}" for name in names.split(",") if name.split()]
            for symbol in (f"{module}.pxd", *wanted, *(f"{name}.pxd" for name in wanted)):
                if symbol in changes:
                    yield _hit(changes[symbol], file, line, "certain", "it is read when the module is built")
        for module, alias in _modules(text):
            for match in re.finditer(rf"(?<![\w.]){re.escape(alias)}\.([A-Za-z_]\w*)", text):
                if f"{module}.{match[1]}" in changes:
                    line = text.count("\n", 0, match.start()) + 1
                    reason = "it is read when the module is built"
                    yield _hit(changes[f"{module}.{match[1]}"], file, line, "certain", reason)


def _modules(text: str) -> Iterator[tuple[str, str]]:
    """The modules that a Cython source cimports whole, with the names that it gives them."""
    for match in _WHOLE.finditer(text):
        for part in match[2].split(","):
            words = part.split()
            if words:
                module = f"{match[1]}.{words[0]}" if match[1] else words[0]
                yield module, words[-1]


def _binaries(view: View, changes: dict[str, Change], binaries: list[str]) -> Iterator[Breakage | Doubt]:
    from tailrace.artifacts import ArtifactError, read_member

    libraries = {s.removeprefix("library:").encode(): c for s, c in changes.items() if s.startswith("library:")}
    exported = {module.encode() for module in _exporting(view)}
    gone = {
        symbol.encode(): change
        for symbol, change in changes.items()
        if not symbol.startswith(("library:", INTERNALS, NUMPY_ABI)) and symbol.rpartition(".")[0].encode() in exported
    }
    shared = {s.removeprefix(INTERNALS).encode(): c for s, c in changes.items() if s.startswith(INTERNALS)}
    if not (libraries or gone or shared or NUMPY_ABI in changes):
        return
    own = {file.rpartition("/")[2].encode() for file in (*view.downstream.compiled_files, *view.downstream.other_files)}
    for file in binaries:
        try:
            data = read_member(view.downstream, file)
        except (ArtifactError, OSError):
            yield Doubt(f"the compiled module {file} cannot be read, and the candidate's binary interface differs")
            continue
        for name, change in libraries.items():
            if name not in own and re.search(rb"(?<![\w.+-])" + re.escape(name) + rb"\0", data):
                yield _hit(change, file, 1, "certain", f"it is linked with {name.decode()}")
        yield from _numpy(changes, file, data)
        for internals, change in shared.items():
            if internals + b"\0" in data and any(root.encode() in data for root in view.pair.roots):
                evidence = f"it shares types under {internals.decode()}; {change.detail}"
                yield _hit(change, file, 1, "likely", evidence)
        for symbol, change in gone.items():
            module, _, name = symbol.rpartition(b".")
            if b"__pyx_capi__" in data and module + b"\0" in data and b"\0" + name + b"\0" in data:
                evidence = f"it imports {name.decode()} of {module.decode()} through __pyx_capi__"
                yield _hit(change, file, 1, "likely", evidence)


def _exporting(view: View) -> Iterator[str]:
    """Modules whose `.pxd` declares functions of their own, and not those of a C header."""
    for module, (names, file, _) in declarations_of(view.baseline.artifact).items():
        path = view.baseline.artifact.root / file
        if names and "cdef extern from" not in path.read_text("utf-8", errors="replace"):
            yield module


def _numpy(changes: dict[str, Change], file: str, data: bytes) -> Iterator[Breakage]:
    """Whether the module was built against NumPy 1: it asks for the C interface, and does not know `numpy._core`."""
    change = changes.get(NUMPY_ABI)
    if change is None or b"_ARRAY_API" not in data:
        return
    if b"numpy.core.multiarray" in data or b"numpy.core._multiarray_umath" in data:
        if b"numpy._core" not in data:
            evidence = "it imports _ARRAY_API of numpy.core.multiarray and does not know numpy._core"
            yield _hit(change, file, 1, "certain", f"{evidence}; {change.detail}", used="numpy.core.multiarray")


def _hit(change: Change, file: str, line: int, confidence: Confidence, evidence: str, used: str = "") -> Breakage:
    return Breakage(
        rule="binary-interface-changed",
        symbol=change.symbol,
        used=used,
        module="",
        name=change.symbol,
        how="import",
        file=file,
        line=line,
        confidence=confidence,
        raises=LINEAGES["ImportError"],
        detail=evidence,
        cause_file=change.file,
    )


FINDER = Finder(find, of_stubs=True)
