"""Strings of a downstream that the baseline takes as values and the candidate spells out nowhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

from tailrace.changes.interfaces.files import holding
from tailrace.changes.interfaces.values import lost_values
from tailrace.check.breakage import Breakage
from tailrace.check.interfaces.view import Finder, View
from tailrace.model import Confidence
from tailrace.python.commandlines.invocations import last_name
from tailrace.python.literal_texts import LiteralTexts
from tailrace.python.modules import is_test_file
from tailrace.python.semantics.chains import walk
from tailrace.python.semantics.entities import Class, Function
from tailrace.python.text import literal_string
from tailrace.python.usages import FileUsage, Use
from tailrace.rules.interface import BreakFacts

_RAISED = frozenset({"ValueError", "KeyError", "LookupError", "OSError", "Exception", "BaseException"})
# Names of functions that register what they are given.
_REGISTRAR = re.compile(r"regist|^add_|^set_default|^declare|^install_", re.IGNORECASE)
_REGISTERS = re.compile(rb"regist|\badd_|set_default|declare|install_|\[\s*['\"]", re.IGNORECASE)
_TAKING_APART = frozenset({"split", "rsplit", "partition", "rpartition"})
_MOST = 50_000  # values of the baseline that are gone; more, and it is another product


def find(view: View) -> Iterator[Breakage]:
    """`value-removed` at arguments of the upstream's own functions, and at comparisons."""
    names = b"|".join(re.escape(root.encode()) for root in sorted(view.pair.roots))
    agreed = view.conventions.pattern().pattern if view.conventions is not None else b"(?!)"
    roots = re.compile(rb"\b(?:" + names + rb")\b|" + agreed)
    hints = view.pair.roots if view.conventions is None else ()
    files = [file for file in view.matching(roots, hints) if not is_test_file(file)] if view.pair.roots else []
    if not files:
        return
    lost = view.once("values", lambda: lost_values(view.baseline.artifact, view.candidate.artifact))
    lost = lost | view.once("points", lambda: _points(view))
    if not lost or len(lost) > _MOST:
        return
    quoted = re.compile(rb"""['"]([A-Za-z.][\w./:+-]{3,60})['"]""")
    held = {file: {value.decode() for value in quoted.findall(view.data(file))} for file in files}
    own = _registered(view, [file for file, words in held.items() if not lost.keys().isdisjoint(words)])
    lost = {value: places for value, places in lost.items() if value not in own}
    # `.main_clean` of `.main_clean.execute`: what is left of a value that is taken apart.
    parts = {value[:end] for value in lost if value[0] == "." for end in range(1, len(value)) if value[end] == "."}
    for file, words in held.items():
        if words.isdisjoint(lost) and words.isdisjoint(parts):
            continue
        parsed = view.tree(file)
        if parsed is None:
            continue
        usage = view.usage(file, parsed)
        calls = {
            (step.line, step.column): (use, index)
            for use in usage.uses
            for index, step in enumerate(use.steps)
            if step.call is not None
        }
        texts = LiteralTexts(parsed.tree)
        taken = _taken_apart(parsed.tree)
        for node in ast.walk(parsed.tree):
            if isinstance(node, ast.Call):
                yield from _of_call(view, usage, node, calls, lost, texts)
            elif isinstance(node, ast.Compare):
                yield from _of_comparison(view, usage, node, lost, taken)


def _points(view: View) -> dict[str, frozenset[str]]:
    """Names of the baseline's own entry points that are gone, with the modules that read their group."""
    before, after = view.baseline.artifact, view.candidate.artifact
    kept = {name for _, points in after.metadata.entry_points for name, _ in points}
    found: dict[str, frozenset[str]] = {}
    for group, points in before.metadata.entry_points if after.metadata.entry_points else ():
        gone = {name for name, _ in points} - kept
        if gone and not group.endswith("_scripts"):
            readers = frozenset(holding(before, re.compile(rb"['\"]" + re.escape(group.encode()) + rb"['\"]")))
            found |= dict.fromkeys(gone, readers)
    return found


def _of_call(
    view: View,
    usage: FileUsage,
    node: ast.Call,
    calls: Mapping[tuple[int, int], tuple[Use, int]],
    lost: Mapping[str, frozenset[str]],
    texts: LiteralTexts,
) -> Iterator[Breakage]:
    found = calls.get((node.lineno, node.col_offset + 1))
    if found is None:
        return
    values = [*node.args, *(keyword.value for keyword in node.keywords)]
    given = [
        (text, value) for value in values if not isinstance(value, ast.Dict) for text in texts.of(value) if text in lost
    ]
    if not given:
        return
    use, index = found
    reached = next((r for r in walk(view.pair.baseline, usage.module, use.root, use.steps) if r.index == index), None)
    callee = reached.source if reached is not None else None
    if not isinstance(callee, Function | Class) or not view.pair.upstream(callee.module):
        return
    if isinstance(callee, Class):
        after = view.pair.candidate.path(callee.path).entity
        if isinstance(after, Class) and "_missing_" in after.facts.members:
            return  # an enumeration that makes something of any value
    points = view.once("points", lambda: _points(view))
    for text, value in given:
        near = [file for file in lost[text] if _is_near(view, callee.module, file)]
        # A plain word stands in the sources for many reasons.
        sure: Confidence = "likely" if near else "possible"
        is_choice = any(text in points or _is_choice(view, file, text) for file in near)
        if is_choice or re.search(r"[-_./:]" if near else r"[-./:]", text):
            yield _hit(view, usage.file, value, text, sure, callee.path)


def _of_comparison(
    view: View,
    usage: FileUsage,
    node: ast.Compare,
    lost: Mapping[str, frozenset[str]],
    taken: Mapping[str, str],
) -> Iterator[Breakage]:
    """`args.func == ".main_clean.execute"`: a dotted or dashed word that the baseline spells out."""
    if not all(isinstance(operator, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for operator in node.ops):
        return
    attributes = [inner.attr for inner in (node.left, *node.comparators) if isinstance(inner, ast.Attribute)]
    for side in (node.left, *node.comparators):
        elements = side.elts if isinstance(side, ast.List | ast.Tuple | ast.Set) else [side]
        for element in elements:
            text = literal_string(element)
            if text is None:
                continue
            # The first part of a value that is taken apart: `module, function = args.func.rsplit(".", 1)`.
            is_part = text.startswith(".") and any(value.startswith(f"{text}.") for value in lost)
            if is_part or (attributes and text in lost and re.search(r"\.\w|-", text)):
                # `set_defaults(func=".main_clean.execute")` in the baseline, `args.func` here.
                is_given = any(_is_assigned(view, name, text, lost.get(text, ())) for name in attributes)
                if is_part and isinstance(node.left, ast.Name) and node.left.id in taken:
                    whole = {value: files for value, files in lost.items() if value.startswith(f"{text}.")}
                    is_given = any(_is_assigned(view, taken[node.left.id], v, files) for v, files in whole.items())
                yield _hit(view, usage.file, element, text, "likely" if is_given else "possible", "")


def _taken_apart(tree: ast.Module) -> dict[str, str]:
    """Names for the first part of an attribute's text (`module, name = args.func.rsplit(".", 1)`), with the attribute;
    none that a test for its beginning tells apart."""
    found: dict[str, str] = {}
    asked: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Assign(
                targets=[ast.Tuple(elts=[ast.Name(id=name), *_])],
                value=ast.Call(func=ast.Attribute(attr=method, value=ast.Attribute(attr=attribute))),
            ) if method in _TAKING_APART:
                found[name] = attribute
            case ast.Call(func=ast.Attribute(attr="startswith" | "removeprefix" | "lstrip", value=ast.Name(id=name))):
                asked.add(name)
            case _:
                pass
    return {name: attribute for name, attribute in found.items() if name not in asked}


def _registered(view: View, files: Iterable[str]) -> frozenset[str]:
    """The names that the downstream registers itself: with a function that says so, in a table, as entry points."""
    found = {name for _, points in view.downstream.metadata.entry_points for name, _ in points}
    for file in files:
        parsed = view.tree(file) if _REGISTERS.search(view.data(file)) else None
        for node in ast.walk(parsed.tree) if parsed is not None else ():
            match node:
                case ast.Call(args=[first, *_]) if _REGISTRAR.search(last_name(node.func)):
                    found.add(literal_string(first) or "")
                case ast.Call(keywords=keywords) if _REGISTRAR.search(last_name(node.func)):
                    found |= {literal_string(k.value) or "" for k in keywords if k.arg in {"name", "key"}}
                case ast.Subscript(ctx=ast.Store(), slice=index):
                    found.add(literal_string(index) or "")
                case _:
                    pass
    return frozenset(found)


def _is_assigned(view: View, name: str, text: str, files: Iterable[str]) -> bool:
    """Whether one of the files of the baseline sets an attribute or a keyword of this name to the text."""
    form = re.compile(rb"\b" + re.escape(name.encode()) + rb"\s*=\s*['\"]" + re.escape(text.encode()) + rb"['\"]")
    for file in files:
        try:
            if form.search((view.baseline.artifact.root / file).read_bytes()):
                return True
        except OSError:
            continue
    return False


def _is_choice(view: View, file: str, word: str) -> bool:
    """Whether a file of the baseline spells a word out as one of several: a key, a registered name, a value to compare
    with, an element, or the value of a name in capitals."""
    quoted = rb"['\"]" + re.escape(word.encode()) + rb"['\"]"
    forms = (
        quoted + rb"\s*:",
        rb"\[\s*" + quoted + rb"\s*\]\s*=[^=]",
        rb"\w*(?:regist|add_|backend|engine|plugin|codec|option|choice)\w*\(\s*(?:name\s*=\s*)?" + quoted,
        rb"[\[({,]\s*" + quoted + rb"\s*[,\])}]",
        rb"(?:[=!]=|\bin|\bcase|\|)\s*" + quoted,
        rb"^\s+[A-Z][A-Z0-9_]*\s*=\s*" + quoted,
    )
    try:
        data = (view.baseline.artifact.root / file).read_bytes()
    except OSError:
        return False
    return re.search(b"|".join(forms), data, re.MULTILINE) is not None


def _is_near(view: View, module: str, file: str) -> bool:
    """Whether a file holds the module, or one of the package that it is in."""
    found = view.baseline.module_of_file(file) or ""
    package = module.rpartition(".")[0]
    return found == module or (package.count(".") >= 1 and found.rpartition(".")[0] == package)


def _hit(view: View, file: str, node: ast.expr, value: str, confidence: Confidence, call: str) -> Breakage:
    facts: BreakFacts = {"value": value, "call": call} if call else {"value": value}
    return view.value_removed(f"value:{value}", file, node, confidence, _RAISED, facts)


FINDER = Finder(find)
