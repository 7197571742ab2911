"""Comments that say when something is to be removed: `# TODO(1.3): remove`. They announce nothing to users."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import msgspec

from tailrace.model import Deprecation
from tailrace.python.marks import DeprecationMark, MarkKind

_VERSION = r"v?(?P<{}>\d{{1,4}}(?:\.\d{{1,4}}){{1,3}})"
_COMMENT = re.compile(
    rf"^\s*#[#:!\s]*(?:(?:TODO|FIXME|XXX)\s*[\[(:]?\s*{_VERSION.format('first')}\s*[\])]?\s*[:\-–—,]?\s*"
    r"(?:(?:to be|please|should be)\s+)?(?:remov|delet|drop)\w*"
    rf"|(?:TODO|FIXME|XXX)\b[^\n]{{0,60}}?\b(?:remov|delet|drop)\w*[^\n]{{0,40}}?\b(?:in|for|with|by)\s+(?:version\s+)?"
    rf"{_VERSION.format('second')})(?![\d.]*\d)",
    re.IGNORECASE,
)
BY = "comment"


def read_removal_comments(tree: ast.Module, text: str, module: str, file: str) -> tuple[DeprecationMark, ...]:
    """What the comments promise of the functions, classes and names that begin right below them."""
    promised = dict(_promises(text))
    if not promised:
        return ()
    found = []
    for node, path, kind in _definitions(tree.body, module):
        first = min((node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))))
        if first in promised:
            said = Deprecation(removed_in=promised[first], by=BY)
            found.append(DeprecationMark(kind=kind, symbol=path, file=file, line=node.lineno, deprecation=said))
    return tuple(found)


def completed(
    marks: tuple[DeprecationMark, ...], promised: tuple[DeprecationMark, ...]
) -> tuple[tuple[DeprecationMark, ...], tuple[DeprecationMark, ...]]:
    """The marks, with the version of removal that a comment adds to them; and the promises that have no mark."""
    versions = {one.symbol: one.deprecation.removed_in for one in promised}
    known = {mark.symbol for mark in marks}
    whole = tuple(
        msgspec.structs.replace(
            mark, deprecation=msgspec.structs.replace(mark.deprecation, removed_in=versions[mark.symbol])
        )
        if mark.deprecation.removed_in is None and mark.symbol in versions
        else mark
        for mark in marks
    )
    return whole, tuple(one for one in promised if one.symbol not in known)


def _promises(text: str) -> Iterator[tuple[int, str]]:
    """Line of the code below a comment → the version that the comment names."""
    version: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > 500:
            version = None
            continue
        match = _COMMENT.match(line)
        if match is not None:
            version = match["first"] or match["second"]
        elif line.lstrip().startswith("#"):
            continue
        elif not line.strip():
            version = None  # a comment with a blank line below it is about something else
        elif version is not None:
            yield number, version
            version = None


def _definitions(body: list[ast.stmt], path: str) -> Iterator[tuple[ast.stmt, str, MarkKind]]:
    """The functions, classes and names of a module and of its classes."""
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node, f"{path}.{node.name}", "function"
            case ast.ClassDef():
                yield node, f"{path}.{node.name}", "class"
                yield from _definitions(node.body, f"{path}.{node.name}")
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield node, f"{path}.{name}", "name"
            case ast.If() | ast.Try():
                yield from _definitions([*node.body, *node.orelse], path)
