"""Reads a JSONL file of incidents into frozen rows with their release specs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One incident, or one pair that must stay silent. Unknown fields are ignored.

    `provider_source` and `consumer_source` are `pypi` or begin with `git`; for git the version is a tag of the
    repository. A `break` row names the consumer as `consumer_broken` (and `consumer_fixed`, where there is one), a
    `no break` row as `consumer_version`. `symbol`, `file` and `line` say where it breaks; a `no break` row may name a
    symbol that must not be reported.
    """

    id: str
    expected: str
    provider: str
    provider_old: str
    provider_new: str
    consumer: str
    provider_source: str = "pypi"
    consumer_source: str = "pypi"
    consumer_version: str | None = None
    consumer_broken: str | None = None
    consumer_fixed: str | None = None
    kind: str | None = None
    technique: str | None = None
    static: bool | None = None
    scope: str | None = None
    symbol: str | None = None
    file: str | None = None
    line: int | None = None
    notes: str = ""

    @property
    def breaks(self) -> bool:
        """True for an incident, false for a pair that must stay silent."""
        return self.expected == "break"

    @property
    def subject(self) -> str | None:
        """The consumer's version the row is about."""
        return self.consumer_broken or self.consumer_version if self.breaks else self.consumer_version

    @property
    def group(self) -> str:
        """The kind of analysis the row asks for; silent rows form a group of their own."""
        return (self.technique or "unknown") if self.breaks else "silent"

    @property
    def interface(self) -> str | None:
        """The kind of interface besides the Python API that a break came through; `None` for the Python API."""
        if not self.breaks:
            return None
        if "setup_keywords" in (self.technique or ""):
            return "builds"
        if self.kind == "plugin" or (self.technique or "").startswith("hook"):
            return "plug-in hooks"
        return _INTERFACES.get(self.kind or "")


# `kind` of a row → the kind of interface.
_INTERFACES = {
    "option-conflict": "option conflicts",
    "cli-flag": "command lines",
    "cli-script": "command lines",
    "config-file": "builds",
    "metadata": "requirements",
    "abi": "binary interfaces",
    "template": "data and templates",
    "data-file": "data and templates",
}


class MissingCloneError(Exception):
    """The row needs a git clone that the command line does not name. Carries the distribution's name."""


class RowSpecs(msgspec.Struct, frozen=True, kw_only=True):
    """What to hand to a checker: two upstream specs, the subject, and the fixed downstream where the row has one."""

    baseline: str
    candidate: str
    subject: str
    fixed: str | None

    @property
    def all(self) -> tuple[str, ...]:
        """Every spec, the upstream's first."""
        return tuple(spec for spec in (self.baseline, self.candidate, self.subject, self.fixed) if spec)


def load_rows(path: Path, only: frozenset[str] = frozenset()) -> list[Row]:
    """Rows in file order. `only` keeps the rows with these ids; an id that is nowhere is a `ValueError`."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [msgspec.json.decode(line, type=Row) for line in lines if line.strip()]
    unknown = only - {row.id for row in rows}
    if unknown:
        raise ValueError(f"{path.name} has no row {', '.join(sorted(unknown))}")
    return [row for row in rows if not only or row.id in only]


def of_interfaces(rows: Sequence[Row]) -> list[Row]:
    """The breaks that came through another interface than the Python API, and the silent rows of their providers."""
    providers = {row.provider for row in rows if row.interface is not None}
    return [row for row in rows if row.interface is not None or (not row.breaks and row.provider in providers)]


def row_specs(row: Row, clones: Mapping[str, str]) -> RowSpecs:
    """The specs of one row. Raises `MissingCloneError` when a side lives in git and `clones` has no path for it."""
    if row.subject is None:
        raise ValueError(f"row {row.id} names no version of {row.consumer}")
    return RowSpecs(
        baseline=_spec(row.provider, row.provider_old, row.provider_source, clones),
        candidate=_spec(row.provider, row.provider_new, row.provider_source, clones),
        subject=_spec(row.consumer, row.subject, row.consumer_source, clones),
        fixed=_spec(row.consumer, row.consumer_fixed, row.consumer_source, clones) if row.consumer_fixed else None,
    )


def _spec(name: str, version: str, source: str, clones: Mapping[str, str]) -> str:
    if not source.startswith("git"):
        return f"{name}=={version}"
    if name not in clones:
        raise MissingCloneError(name)
    return f"git+{clones[name]}@{version}"
