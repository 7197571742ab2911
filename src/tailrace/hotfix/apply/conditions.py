"""Compiles a condition into a test on a record. The tests read; they never change a record."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from tailrace.hotfix.apply.versions import parse_version
from tailrace.hotfix.language.document import RecordCondition
from tailrace.hotfix.language.globs import compile_glob, compile_globs
from tailrace.hotfix.language.vocabulary import VERSION_GLOB_MARKS

Record = Mapping[str, Any]
Test = Callable[[Record, str], bool]
"""`(record, file name) -> holds`. Raises what `UNANSWERED` names when the record does not allow an answer."""

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "eq": operator.eq,
    "ne": operator.ne,
}


class MissingFieldError(KeyError):
    """A condition asks for a field that the record does not have."""

    def __str__(self) -> str:
        return f'the record has no "{self.args[0]}"'


UNANSWERED = (KeyError, ValueError, TypeError, AttributeError, IndexError)
"""What a malformed or incomplete record makes a test or an action raise."""


def test_subdir(condition: RecordCondition, subdir: str) -> bool:
    """Answers a `subdir_in`, which is the same for all records of an index."""
    return compile_globs(tuple(map(str, condition.values)))(subdir) is not condition.negated


def compile_condition(condition: RecordCondition) -> Test:
    """The test of one condition (not of `subdir_in`, see `test_subdir`), negation included."""
    test = _compile_plain(condition)
    if not condition.negated:
        return test
    return lambda record, fn: not test(record, fn)


def cost(condition: RecordCondition) -> int:
    """How dear the test is, so that cheap tests can go first.

    Order changes no answer: an unanswered test counts last.
    """
    if condition.operator == "has":
        return 4
    if condition.field == "timestamp":
        return 0
    if condition.field == "version" and condition.operator != "in":
        return 3
    return 1 if condition.operator != "in" else 2


def _compile_plain(condition: RecordCondition) -> Test:
    field = condition.field
    match condition.operator:
        case "is":
            return _compile_is(field, condition.values[0])
        case "in":
            matches = compile_globs(tuple(map(str, condition.values)))
            if condition.of_file:
                return lambda record, fn: matches(fn)
            return lambda record, fn: matches(str(_field(record, field)))
        case "has" if field == "track_features":
            return _compile_features(tuple(map(str, condition.values)))
        case "has":
            return _compile_has(field, tuple(map(str, condition.values)))
        case _:
            return _compile_comparison(field, COMPARE[condition.operator], condition.values[0])


def _field(record: Record, field: str) -> Any:
    try:
        return record[field]
    except KeyError:
        raise MissingFieldError(field) from None


def _compile_is(field: str, value: str | int) -> Test:
    if field == "version" and VERSION_GLOB_MARKS.isdisjoint(str(value)):
        return _compile_comparison(field, operator.eq, value)
    matches = compile_glob(str(value))
    return lambda record, fn: matches(str(_field(record, field)))


def _compile_comparison(field: str, compare: Callable[[Any, Any], bool], value: str | int) -> Test:
    if field == "version":
        bound = parse_version(str(value))
        return lambda record, fn: compare(parse_version(_field(record, field)), bound)
    if field == "timestamp":
        # Old records have none; they count as older than everything.
        return lambda record, fn: compare(int(record.get("timestamp", 0)), value)
    if field == "build_number":
        return lambda record, fn: compare(int(_field(record, field)), value)
    return lambda record, fn: compare(_field(record, field), value)


def _compile_has(field: str, patterns: tuple[str, ...]) -> Test:
    if len(patterns) == 1:
        only = compile_glob(patterns[0])
        return lambda record, fn: any(map(only, record.get(field, ())))
    tests = tuple(map(compile_glob, patterns))

    def has_all(record: Record, fn: str) -> bool:
        entries = record.get(field, ())
        return all(any(map(matches, entries)) for matches in tests)

    return has_all


def _compile_features(patterns: tuple[str, ...]) -> Test:
    tests = tuple(map(compile_glob, patterns))

    def has_features(record: Record, fn: str) -> bool:
        features = (record.get("track_features") or "").split()
        return all(any(map(matches, features)) for matches in tests)

    return has_features
