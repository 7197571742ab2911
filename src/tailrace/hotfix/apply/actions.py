"""Compiles an action into a step that changes one record.

Changes only the record it is handed, the caller's copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, assert_never

from tailrace.hotfix.apply import pins
from tailrace.hotfix.language.document import HotfixAction
from tailrace.hotfix.language.globs import Matcher, compile_glob, is_literal
from tailrace.hotfix.language.templates import compile_template, placeholders

OwnRecord = dict[str, Any]
Step = Callable[[OwnRecord, str], None]
"""`(record, subdir) -> None`. Raises what `conditions.UNANSWERED` names; the record may then be half changed."""


def compile_action(action: HotfixAction) -> Step:
    """The step of one action."""
    match action.verb:
        case "add":
            return _add_features(action.values) if action.field == "track_features" else _add(action)
        case "remove":
            return _remove_features(action.values) if action.field == "track_features" else _remove(action)
        case "reset":
            return _reset(action)
        case "replace":
            return _replace(action)
        case "rename":
            return _rename(action)
        case "relax_exact":
            return _relax(action)
        case "tighten" | "loosen":
            return _move_bound(action)
        case _:
            assert_never(action.verb)


def _add(action: HotfixAction) -> Step:
    fills = tuple(map(compile_template, action.values))
    field = action.field

    def add(record: OwnRecord, subdir: str) -> None:
        entries = record.get(field, [])
        for spec in [fill(record, subdir, None) for fill in fills]:
            if spec not in entries:
                entries.append(spec)
        record[field] = entries

    return add


def _remove(action: HotfixAction) -> Step:
    tests = tuple(map(compile_glob, action.values))
    field = action.field

    def remove(record: OwnRecord, subdir: str) -> None:
        entries = record.get(field) or []
        # Of an entry that stands there twice, only the first goes.
        for entry in dict.fromkeys(entry for entry in entries if any(matches(entry) for matches in tests)):
            entries.remove(entry)

    return remove


def _reset(action: HotfixAction) -> Step:
    fills = tuple(map(compile_template, action.values))
    field = action.field

    def reset(record: OwnRecord, subdir: str) -> None:
        record[field] = [fill(record, subdir, None) for fill in fills]

    return reset


def _remove_features(patterns: Iterable[str]) -> Step:
    tests = tuple(map(compile_glob, patterns))

    def remove(record: OwnRecord, subdir: str) -> None:
        text = record.get("track_features")
        for matches in tests:
            if text is None:
                return
            text = " ".join(feature for feature in text.split() if not matches(feature)) or None
            record["track_features"] = text

    return remove


def _add_features(features: tuple[str, ...]) -> Step:
    def add(record: OwnRecord, subdir: str) -> None:
        for feature in features:
            record["track_features"] = " ".join([*(record.get("track_features") or "").split(), feature])

    return add


def _matcher(text: str) -> Callable[[OwnRecord, str], Matcher]:
    """The glob of a template: compiled once when there is nothing to fill in."""
    if not placeholders(text):
        fixed = compile_glob(text)
        return lambda record, subdir: fixed
    fill = compile_template(text)
    return lambda record, subdir: compile_glob(fill(record, subdir, None))


def _replace(action: HotfixAction) -> Step:
    matcher, field = _matcher(action.old), action.field
    fill = compile_template(action.new, old=True)
    needle = action.old if is_literal(action.old) and not placeholders(action.old) else None

    def replace(record: OwnRecord, subdir: str) -> None:
        entries = record.get(field, [])
        if needle is not None and needle not in entries:
            return
        matches = matcher(record, subdir)
        # The list is walked while it changes: an entry dropped as a duplicate takes its follower out of the walk.
        for entry in entries:
            if matches(entry):
                new = fill(record, subdir, entry)
                where = entries.index(entry)
                if new not in entries:
                    entries[where] = new
                elif new != entry:
                    entries.pop(where)

    return replace


def _rename(action: HotfixAction) -> Step:
    fill_old, fill_new, field = compile_template(action.old), compile_template(action.new), action.field

    def rename(record: OwnRecord, subdir: str) -> None:
        old, new = fill_old(record, subdir, None), fill_new(record, subdir, None)
        for where, entry in enumerate(record.get(field, ())):
            name, blank, rest = entry.partition(" ")
            if name == old:
                record[field][where] = f"{new}{blank}{rest}"
                return

    return rename


def _relax(action: HotfixAction) -> Step:
    fill, max_pin = compile_template(action.name), action.max_pin

    def relax(record: OwnRecord, subdir: str) -> None:
        name = fill(record, subdir, None)
        for where, entry in enumerate(record.get("depends", ())):
            if entry.split(" ", 1)[0] == name:
                record["depends"][where] = pins.relax(entry, max_pin)
                return

    return relax


def _move_bound(action: HotfixAction) -> Step:
    matcher, max_pin = _matcher(action.name), action.max_pin
    fill = compile_template(action.upper_bound) if action.upper_bound is not None else None
    move = pins.tighten if action.verb == "tighten" else pins.loosen

    def move_bound(record: OwnRecord, subdir: str) -> None:
        entries = record.get("depends", [])
        matches = matcher(record, subdir)
        bound = fill(record, subdir, None) if fill is not None else None
        for entry in list(entries):
            name = entry.split(" ", 1)[0]
            if matches(name):
                # A name that stands there several times is worked through as often; the second time
                # may move a bound again.
                for where, other in enumerate(entries):
                    if other.split(" ", 1)[0] == name:
                        entries[where] = move(other, max_pin, bound)

    return move_bound
