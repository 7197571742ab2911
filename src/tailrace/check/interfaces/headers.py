"""C and Cython sources of a downstream that include headers of the upstream, and use what the candidate's lack."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tailrace.changes.interfaces.binaries import NUMPY_ABI
from tailrace.changes.interfaces.headers import (
    HEADERS,
    Declared,
    beside,
    declared_in,
    declared_names,
    headers_of,
    included,
    read_sources,
)
from tailrace.check.breakage import LINEAGES, Breakage
from tailrace.check.interfaces.view import Doubt, Finder, View
from tailrace.model import Confidence
from tailrace.python.modules import is_test_file

_SOURCES = (".c", ".cc", ".cpp", ".cxx", ".c++", *HEADERS)
_CYTHON = (".pyx", ".pxd", ".pxi")
_MOST = 100  # sources that are read of one downstream
_INCLUDE = re.compile(
    r"^[ \t]*#[ \t]*include[ \t]*[<\"]([^>\"\n]{1,200})[>\"]|\bcdef\s+extern\s+from\s+[<\"']{1,2}([^>\"'\n]{1,200})",
    re.MULTILINE,
)
_CONDITION = re.compile(
    r"^[ \t]*#[ \t]*(if|ifdef|ifndef|endif)\b[ \t]*(\w*)[^\n]*\n?[ \t]*(?:#[ \t]*define[ \t]+(\w+))?", re.MULTILINE
)
_TESTS = re.compile(r"[ \t]*#[ \t]*(?:if|ifdef|ifndef|elif|undef|include)\b")
_DEFINED = re.compile(r"\b([A-Za-z_]\w{3,})\s*\([^;{}]{0,2000}\)\s*\{")
# What Python's own headers declare; those of an upstream call it.
_PYTHON = re.compile(
    r"_?Py(_|(Object|Bytes|String|Unicode|Long|Int|Float|Complex|Bool|Tuple|List|Dict|Set|FrozenSet|Slice|Iter|Number|"
    r"Sequence|Mapping|Err|Exc|Type|Module|Import|Mem|Eval|GILState|Capsule|Sys|Thread|File|Code|C?Function|Method|"
    r"Weakref|Buffer|ByteArray|MemoryView|DateTime|Cell|Gen|OS|Arg|Run|State|Frame|Traceback|Callable|Coro)_)"
)
_USED = re.compile(r"(->|\.)?[ \t]{0,20}\b([A-Za-z_]\w{3,})\b(?=([ \t]{0,20}\()?)")


def find(view: View) -> Iterator[Breakage | Doubt]:
    """`binary-interface-changed` at the line of the source, and a doubt where NumPy's binary interface differs."""
    headers = view.once("headers", lambda: headers_of(view.baseline.artifact))
    kept = view.once("headers after", lambda: headers_of(view.candidate.artifact))
    if not headers or not kept:
        return
    written = [f for f in view.downstream.other_files if f.lower().endswith(_SOURCES) and not is_test_file(f)]
    written += [f for f in view.downstream.compiled_files if f.endswith(_CYTHON) and not is_test_file(f)]
    own = headers_of(view.downstream)
    texts = list(zip(written[:_MOST], read_sources(view.downstream, written[:_MOST]), strict=False))
    compiled = [
        (file, text)
        for file, text in texts
        if any(
            (included(headers, name) or beside(headers, name)) and not included(own, name)
            for name, _ in _includes(text)
        )
    ]
    if not compiled:
        return
    before = view.once("declared", lambda: declared_in(view.baseline.artifact))
    after = view.once("declared after", lambda: declared_in(view.candidate.artifact))
    defined = {name for file, text in texts if not file.endswith(_CYTHON) for name in _own_names(text)}
    abi = view.changes("binary-interface-changed").get(NUMPY_ABI)
    for file, text in compiled:
        for name, position in _includes(text):
            if included(headers, name) and not included(own, name) and not included(kept, name):
                yield _hit(f"header:{name}", file, text, position, "the header is gone")
        yield from _gone(file, text, before, after, defined)
    if abi is not None:
        yield Doubt(
            f"{compiled[0][0]} is compiled with NumPy's headers, and NPY_ABI_VERSION differs ({abi.detail}): a module "
            "that is built with the baseline fails with the candidate, and whether it builds anew is not known"
        )


def _includes(text: str) -> Iterator[tuple[str, int]]:
    return ((match[1] or match[2], match.start()) for match in _INCLUDE.finditer(text))


def _own_names(text: str) -> set[str]:
    return declared_names(text) | set(_DEFINED.findall(text))


def _gone(file: str, text: str, before: Declared, after: Declared, defined: set[str]) -> Iterator[Breakage]:
    """The first use of each name that the baseline's headers declare and that stands nowhere in the candidate's."""
    told: set[str] = set()
    for match in _USED.finditer(text):
        access, name, called = match.groups()
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if _TESTS.match(line) or line.count('"') % 2 or _PYTHON.match(name):
            continue
        if name in told or name in defined or name in after.words or name not in before.words:
            continue
        if called and not access:
            is_used = name in before.called
        elif access:
            is_used = access == "->" and name in before.named
        else:
            is_used = name in before.named and re.search(r"[A-Z_]", name) is not None
        if is_used:
            told.add(name)
            yield _hit(name, file, text, match.start(2), "it is read when the module is built")


def _is_conditional(text: str, position: int) -> bool:
    """Whether a test of the preprocessor stands around a place; the one against including a header twice is none."""
    open_tests: list[bool] = []
    for match in _CONDITION.finditer(text, 0, position):
        if match[1] != "endif":
            open_tests.append(not (match[1] == "ifndef" and match[2] == match[3]))
        elif open_tests:
            open_tests.pop()
    return any(open_tests)


def _hit(name: str, file: str, text: str, position: int, detail: str) -> Breakage:
    confidence: Confidence = "possible" if _is_conditional(text, position) else "likely"
    return Breakage(
        rule="binary-interface-changed",
        symbol=name,
        module="",
        name=name,
        how="import",
        file=file,
        line=text.count("\n", 0, position) + 1,
        confidence=confidence,
        raises=LINEAGES["ImportError"],
        detail=detail,
    )


FINDER = Finder(find)
