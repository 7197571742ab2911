"""Parses the `allow` tables of a file into allow-list entries, and collects mistakes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from tailrace.check.options import AllowEntry
from tailrace.toml.kinds import nearest, shown

FIELDS: Final = {
    "rule": "The rule whose finding is accepted, such as name-removed.",
    "symbol": "The upstream's symbol as the report names it; * and ? stand for any text.",
    "reason": "Why this break is acceptable. Required; it is shown in the report.",
    "downstream": "Only in this downstream.",
    "expires": "The last day on which the entry works: a date, 2026-12-31.",
}
_REQUIRED = ("rule", "symbol", "reason")
_OnMistake = Callable[[tuple[str | int, ...], str], None]


def read_allow(entries: object, rules: Sequence[str], mistake: _OnMistake) -> tuple[AllowEntry, ...]:
    """The valid entries, in order. `mistake(path, message)` hears of each wrong thing; `rules`: the valid ids."""
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        mistake(("allow",), "`allow` must be an array of tables: [[tool.tailrace.allow]]")
        return ()
    return tuple(found for number, entry in enumerate(entries) for found in _read(number, entry, rules, mistake))


def _read(number: int, entry: dict[str, Any], rules: Sequence[str], mistake: _OnMistake) -> Iterator[AllowEntry]:
    wrong = False

    def refuse(key: str | None, message: str) -> None:
        nonlocal wrong
        wrong = True
        mistake(("allow", number) if key is None else ("allow", number, key), message)

    for key in entry:
        if key not in FIELDS:
            near = nearest(key, tuple(FIELDS))
            refuse(key, f"unknown key `{key}` in `allow`" + (f"; did you mean `{near}`?" if near else ""))
    for key in _REQUIRED:
        if key not in entry:
            refuse(None, f"this `allow` entry has no `{key}`")
    for key in ("rule", "symbol", "reason", "downstream"):
        if key in entry and (not isinstance(entry[key], str) or not entry[key].strip()):
            refuse(key, f"`allow.{key}` must be a text, not {shown(entry[key])}")
    rule = entry.get("rule")
    if rules and isinstance(rule, str) and rule.strip() and rule not in rules:
        near = nearest(rule, tuple(rules))
        refuse(
            "rule",
            f'there is no rule "{rule}"; ' + (f"did you mean {near}?" if near else "see `tailrace explain --list`"),
        )
    expires = None
    if "expires" in entry:
        try:
            expires = _date(entry["expires"])
        except ValueError as error:
            refuse("expires", f"`allow.expires` {error}")
    if not wrong:
        downstream = entry.get("downstream")
        name = re.sub(r"[-_.]+", "-", downstream).lower() if downstream else None
        yield AllowEntry(
            rule=entry["rule"], symbol=entry["symbol"], reason=entry["reason"].strip(), downstream=name, expires=expires
        )


def _date(value: object) -> str:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return dt.date.fromisoformat(value).isoformat()
        except ValueError:
            pass
    raise ValueError(f"must be a date such as 2026-12-31, not {shown(value)}")
