"""Writes documents as YAML in conda-forge's style; read again, they are equal. Never writes a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import yaml

from tailrace.conda.yaml_nodes import Loader
from tailrace.hotfix.language.document import HotfixAction, HotfixDocument, RecordCondition, Scalar

_PLAIN = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./+<>=*,!$?()\[\]{}|~-]*(?: [A-Za-z0-9_./+<>=*,!$?()\[\]{}|~-]+)*")
_UNPRINTABLE = re.compile(r"[^\t\x20-\x7e\xa0-\ud7ff\ue000-\ufffd]")


def dump_documents(documents: Iterable[HotfixDocument]) -> str:
    """The text of one file; documents are set apart by `---`."""
    return "---\n".join(map(dump_document, documents))


def dump_document(document: HotfixDocument) -> str:
    """One document: its comment, then `if`, then `then`."""
    return "\n".join(_lines(document)) + "\n"


def comment_lines(comment: str) -> Iterator[str]:
    """The comment with `#` before every line; whatever could end a comment early is taken out."""
    for line in re.split(r"\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", comment) if comment else ():
        yield f"# {_UNPRINTABLE.sub(' ', line)}".rstrip()


def _lines(document: HotfixDocument) -> Iterator[str]:
    yield from comment_lines(document.comment)
    yield "if:" if document.conditions else "if: {}"
    for condition in document.conditions:
        yield from (f"  {line}" for line in _condition(condition))
    yield "then:"
    for action in document.actions:
        first, *rest = _action(action)
        yield f"  - {first}"
        yield from (f"    {line}" for line in rest)


def _condition(condition: RecordCondition) -> Iterator[str]:
    yield from _entry(condition.key, condition.values, condition.as_list)


def _action(action: HotfixAction) -> Iterator[str]:
    match action.verb:
        case "replace" | "rename":
            yield f"{action.key}:"
            yield f"  old: {_scalar(action.old)}"
            yield f"  new: {_scalar(action.new)}"
        case "relax_exact" | "tighten" | "loosen":
            yield f"{action.key}:"
            yield f"  name: {_scalar(action.name)}"
            if action.max_pin is not None:
                yield f"  max_pin: {_scalar(action.max_pin)}"
            if action.upper_bound is not None:
                yield f"  upper_bound: {_quoted(action.upper_bound)}"
        case _:
            yield from _entry(action.key, action.values, action.as_list)


def _entry(key: str, values: tuple[Scalar, ...], as_list: bool) -> Iterator[str]:
    if len(values) == 1 and not as_list:
        yield f"{key}: {_scalar(values[0])}"
    elif not values:
        yield f"{key}: []"
    else:
        yield f"{key}:"
        yield from (f"  - {_scalar(value)}" for value in values)


def _scalar(value: Scalar) -> str:
    """The value plain where every YAML reader takes it for the same text, else in quotes."""
    if isinstance(value, int):
        return str(value)
    if _PLAIN.fullmatch(value) and _reads_as_text(value):
        return value
    return _quoted(value)


def _reads_as_text(value: str) -> bool:
    tag = Loader.yaml_implicit_resolvers
    return all(not pattern.match(value) for _, pattern in (*tag.get(value[0], ()), *tag.get(None, ())))


def _quoted(value: str) -> str:
    return yaml.dump(value, default_style='"', width=2**30, allow_unicode=True, Dumper=yaml.SafeDumper).rstrip("\n")
