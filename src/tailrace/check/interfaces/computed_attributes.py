"""Attributes of the upstream whose names are put together: `getattr(client, f"get_{kind}")`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from tailrace.check.breakage import Breakage
from tailrace.check.breakages.find import judge_use
from tailrace.check.interfaces.view import Finder, View
from tailrace.check.undecided import lost_members
from tailrace.model import Confidence
from tailrace.python.literal_texts import LiteralTexts
from tailrace.python.text import descendants, literal_string
from tailrace.python.usages import Condition, Step, Use

_COMPUTED = re.compile(rb"\bgetattr\([^\n]{0,300}?(?:f['\"]|['\"]\s*[+%]|[+]\s*['\"]|\.format\()|\bgetattr\(\s*\n")
_SHORTEST = 2  # characters that are written down of a name
_MOST = 10  # names of one place


def find(view: View) -> Iterator[Breakage]:
    """Members that are gone and that a name put together may be; `possible`, unless it is known to be each of its
    texts in turn.
    """
    for file in view.matching(_COMPUTED, view.pair.roots) if view.pair.roots else ():
        parsed = view.tree(file)
        if parsed is None:
            continue
        usage = view.usage(file, parsed)
        places = {(use.line, use.column): use for use in usage.computed}
        texts = LiteralTexts(parsed.tree)
        for node in descendants(parsed.tree) if places else ():
            use = places.get((node.lineno, node.col_offset + 1)) if isinstance(node, ast.Call) else None
            if use is None or not isinstance(node, ast.Call) or len(node.args) != 2 or _is_asked(use, node.args[1]):
                continue
            known = texts.of(node.args[1])
            pattern = _pattern(node.args[1])
            lost = lost_members(view.pair, usage, use) if known or pattern is not None else frozenset()
            names = sorted(n for n in lost if (n in known if known else pattern is not None and pattern.fullmatch(n)))
            sure: Confidence = "likely" if known and not texts.is_rebound(node.args[1]) else "possible"
            for name in names[:_MOST]:
                step = Step(name, line=use.line, column=use.column)
                imagined = Use(
                    use.root, (*use.steps, step), "attribute", use.line, use.column, use.inside, use.scope, use.around
                )
                for hit in judge_use(view.pair, usage, imagined):
                    if hit.path.endswith(name):
                        yield replace(
                            hit, how="string", confidence=sure, detail="the name is put together and may be this one"
                        )


def _pattern(node: ast.expr) -> re.Pattern[str] | None:
    """What a name that is put together looks like; `None` where too little of it is written down."""
    parts = _parts(node)
    if sum(len(part or "") for part in parts) < _SHORTEST:
        return None
    return re.compile("".join(r"\w*" if part is None else re.escape(part) for part in parts))


def _parts(node: ast.expr) -> list[str | None]:
    """The parts of a text, `None` for what is computed."""
    match node:
        case ast.JoinedStr(values=values):
            return [literal_string(value) for value in values]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [*_parts(left), *_parts(right)]
        case ast.BinOp(left=ast.Constant(value=str() as text), op=ast.Mod()):
            return _between(re.split(r"%(?:\(\w+\))?[sdr]", text))
        case ast.Call(func=ast.Attribute(attr="format", value=ast.Constant(value=str() as text))):
            return _between(re.split(r"\{[^{}]*\}", text))
        case _:
            return [literal_string(node)]


def _between(texts: list[str]) -> list[str | None]:
    return [part for text in texts for part in (text, None)][:-1]


def _is_asked(use: Use, name: ast.expr) -> bool:
    """Whether a test around the place is about the same name: `if hasattr(client, f"get_{kind}")`."""
    wanted = ast.dump(name)
    inner = {node.id for node in ast.walk(name) if isinstance(node, ast.Name)}
    for item in use.around:
        if isinstance(item, Condition):
            for node in ast.walk(item.test):
                if isinstance(node, ast.expr) and ast.dump(node) == wanted:
                    return True
                if isinstance(node, ast.Compare) and isinstance(node.left, ast.Name) and node.left.id in inner:
                    return True
    return False


FINDER = Finder(find)
