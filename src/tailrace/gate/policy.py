"""The policy of a ledger (`policy.toml`, `tailrace.policy/1`) as a value. Rules are data; every mistake is reported at
once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import msgspec

from tailrace.gate.moments import Duration, Moment
from tailrace.gate.names import matches
from tailrace.toml.fields import REQUIRED, TEXT, Field, Reader, Table
from tailrace.toml.kinds import Choice, Listing, Text, nearest

SCHEMA: Final = "tailrace.policy/1"
NAMES = Listing(Text("a name"))
DEFAULT_OWNER = "release manager"

TOP: Mapping[str, Field] = {
    "schema": Field(Choice((SCHEMA,))),
    "id": Field(TEXT),
    "description": Field(TEXT, ""),
    "subjects": Field(NAMES),
    "targets": Field(NAMES),
    "max-waiver": Field(Duration(), None),
    "owner": Field(TEXT, DEFAULT_OWNER),
    "groups": Field(Table(Table(NAMES)), {}),
    "channels": Field(Table(TEXT), {}),
    "owners": Field(Table(TEXT), {}),
    "roles": Field(Table(NAMES), {}),
}
COMMON: Mapping[str, Field] = {
    "id": Field(Text("an id such as no-new-breaks")),
    "kind": Field(TEXT),
    "subjects": Field(NAMES, None),
    "targets": Field(NAMES, None),
    "owner": Field(TEXT, None),
    "valid-since": Field(Moment(), None),
    "valid-until": Field(Moment(start=False), None),
}


class PolicyFile(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """The keys of a `policy.toml`; what a rule of each kind may say is in the documentation."""

    schema: Literal["tailrace.policy/1"]
    id: str
    description: str = ""
    subjects: tuple[str, ...]
    targets: tuple[str, ...]
    max_waiver: str | None = None
    owner: str = DEFAULT_OWNER
    groups: dict[str, dict[str, tuple[str, ...]]] = {}
    channels: dict[str, str] = {}
    owners: dict[str, str] = {}
    roles: dict[str, tuple[str, ...]] = {}
    rules: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `settings`: the value of its kind's own settings. `valid_since`, `valid_until`: ms since the epoch,
    both included; outside of them the rule does not exist. `owner`: who must act when it does not pass. `written`: its
    table as the file has it.
    """

    id: str
    kind: str
    settings: Any
    subjects: tuple[str, ...] | None = None
    targets: tuple[str, ...] | None = None
    owner: str | None = None
    valid_since: int | None = None
    valid_until: int | None = None
    written: Mapping[str, Any] = field(default_factory=dict)

    def in_force(self, moment: int) -> bool:
        """Whether there is such a rule at that moment."""
        return (self.valid_since is None or moment >= self.valid_since) and (
            self.valid_until is None or moment <= self.valid_until
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """All of it. `groups`: name → packages that go out together. `channels`: channel → where it is (a URL, a name or a
    folder). `owners`: package → who can fix it. `roles`: role → people. `max_waiver`: ms, None
    for any length. `file_sha256`: of the file.
    """

    id: str
    subjects: tuple[str, ...]
    targets: tuple[str, ...]
    rules: tuple[Rule, ...]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    owner: str = DEFAULT_OWNER
    max_waiver: int | None = None
    description: str = ""
    file_sha256: str = ""
    written: Mapping[str, Any] = field(default_factory=dict)

    def covers(self, name: str) -> bool:
        """Whether the policy says anything about a package."""
        return matches(self.subjects, name)

    def rules_at(self, moment: int) -> tuple[Rule, ...]:
        """The rules that are in force, in the order of the file."""
        return tuple(rule for rule in self.rules if rule.in_force(moment))

    def owner_of(self, name: str) -> str:
        """Who can fix a package."""
        from tailrace.gate.names import same_name

        found = next((who for package, who in self.owners.items() if same_name(package, name)), None)
        return found or f"maintainers of {name}"

    def sha256_at(self, moment: int) -> str:
        """The sha256 of what is in force: a rule for a later time changes nothing."""
        import json

        rules = [_plain(rule.written) for rule in self.rules_at(moment)]
        top = {key: value for key, value in self.written.items() if key not in ("rules", "description")}
        text = json.dumps({**_plain(top), "rules": rules}, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def parse_policy(data: bytes, origin: str) -> Policy:
    """The policy in these bytes. `origin`: what messages call the file. Raises ConfigError with all mistakes."""
    from tailrace.gate.rules import RULE_KINDS

    reader = Reader(origin, data)
    document = reader.document()
    top = {key: value for key, value in document.items() if key != "rules"}
    values = reader.table(top, TOP)
    entries = document.get("rules", [])
    if not isinstance(entries, list) or not entries:
        reader.add(("rules",), "there are no [[rules]]: the policy could never say no")
        entries = []
    rules: list[Rule] = []
    groups = _groups(reader, values["groups"] or {})
    for place, entry in enumerate(entries):
        rule = _rule(reader, entry, place, RULE_KINDS)
        if rule is None:
            continue
        if any(rule.id == other.id for other in rules):
            reader.add(("rules", place), f"two rules have the id {rule.id!r}")
        rules.append(rule)
        for problem in RULE_KINDS[rule.kind].problems(rule.settings, groups):
            reader.add(("rules", place), f"rule {rule.id!r} {problem}")
    for key in ("subjects", "targets"):
        if values[key] == ():
            reader.add((key,), f"{key} is empty")
    reader.finish()
    return Policy(
        id=values["id"],
        subjects=values["subjects"],
        targets=values["targets"],
        rules=tuple(rules),
        groups=groups,
        channels=values["channels"],
        owners=values["owners"],
        roles=values["roles"],
        owner=values["owner"],
        max_waiver=values["max_waiver"],
        description=values["description"],
        file_sha256=hashlib.sha256(data).hexdigest(),
        written=document,
    )


def _rule(reader: Reader, entry: object, place: int, kinds: Mapping[str, Any]) -> Rule | None:
    path = ("rules", place)
    kind = entry.get("kind") if isinstance(entry, dict) else None
    if isinstance(kind, str) and kind not in kinds:
        near = nearest(kind, tuple(kinds))
        hint = f"did you mean {near}?" if near else f"the kinds are {', '.join(kinds)}"
        reader.add((*path, "kind"), f"there is no kind of rule {kind!r}; {hint}")
        return None
    known = kinds[kind] if isinstance(kind, str) else None
    before = len(reader.mistakes)
    values = reader.table(entry, {**COMMON, **(known.fields if known else {})}, path)
    if known is None or len(reader.mistakes) > before or not isinstance(entry, dict):
        return None
    common = {name: values.pop(name) for name in (key.replace("-", "_") for key in COMMON)}
    since, until = common["valid_since"], common["valid_until"]
    if since is not None and until is not None and since > until:
        reader.add(path, f"rule {common['id']!r} ends before it begins: valid-until lies before valid-since")
    return Rule(**common, settings=known.settings(**values), written=entry)


def _groups(reader: Reader, tables: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, table in tables.items():
        extra = [key for key in table if key != "members"]
        if extra or len(table.get("members", ())) < 2:
            reader.add(
                ("groups", name), f"groups.{name} must have members, a list of two packages or more, and no more"
            )
        found[name] = tuple(table.get("members", ()))
    return found


def _plain(value: Any) -> Any:
    """A value of TOML as JSON can write it: times as text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | bool | float) or value is None else str(value)


__all__ = ["REQUIRED", "SCHEMA", "Policy", "PolicyFile", "Rule", "parse_policy"]
