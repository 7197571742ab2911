"""Finds what is missing between several channels: unknown dependencies, releases that only one has.

Pure but for the order of versions, which is conda's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cmp_to_key

from tailrace.channel.index_formats.read import Form
from tailrace.channel.index_formats.values import Difference, NotChecked
from tailrace.conda import rattler
from tailrace.conda.records import Channel, Record
from tailrace.conda.specs import parse_dependency

HOUR = 3_600_000
SHOWN = 5
REVOKED = "package_has_been_revoked"


def names_of(form: Form) -> frozenset[str]:
    """The names of all packages of a form."""
    return frozenset(
        str(record.get("name")) for section in (form.records or {}).values() for record in section.values()
    )


def check_dependencies(folder: str, form: Form, known: frozenset[str]) -> Iterator[Difference]:
    """Dependencies on names that no declared channel has, one difference a name."""
    missing: dict[str, list[str]] = {}
    for section in (form.records or {}).values():
        for file_name, record in sorted(section.items()):
            depends = record.get("depends")
            if not isinstance(depends, list):
                continue
            names = {parse_dependency(one).name for one in depends if isinstance(one, str)}
            for name in sorted(names):
                if name not in known and not name.startswith("__") and name not in (REVOKED, "*"):
                    missing.setdefault(name, []).append(file_name)
    for name, files in sorted(missing.items()):
        some = ", ".join(files[:SHOWN]) + (f" and {len(files) - SHOWN} more" if len(files) > SHOWN else "")
        yield Difference(
            folder=folder,
            rule="dependency-unknown",
            file=files[0],
            field="depends",
            expected=None,
            found=name,
            message=f"No declared channel has a package {name!r}, which is needed by {some}.",
        )


def check_skew(
    one: Channel, other: Channel, *, hours: float, now: int, only: Sequence[str] = ()
) -> Iterator[Difference | NotChecked]:
    """Releases that one channel has had for more than `hours` and the other, which has older ones, has not.

    `now`: ms since the epoch; what appeared later is not looked at. Names that only one channel has are its own affair.
    """
    for here, there in ((one, other), (other, one)):
        ours, theirs = _by_name(here, now), _by_name(there, now)
        for name in sorted(ours.keys() & theirs.keys()):
            if only and name not in only:
                continue
            versions = {record.version for record in theirs[name]}
            newest = max(versions, key=_ordered)
            for version in sorted({record.version for record in ours[name]} - versions, key=_ordered):
                if not _newer(version, newest):
                    continue
                dates = [record.appeared for record in ours[name] if record.version == version]
                known = [date for date in dates if date is not None]
                if not known:
                    yield NotChecked(what=f"{here.name}::{name} {version}", reason="its records have no timestamp")
                elif (age := (now - min(known)) / HOUR) > hours:
                    yield Difference(
                        folder="",
                        rule="version-skew",
                        file=f"{name} {version}",
                        field="version",
                        expected=version,
                        found=newest,
                        message=f"{name} {version} has been in {here.name} for {_span(age)}; "
                        f"{there.name} ends at {newest}.",
                    )


def _by_name(channel: Channel, now: int) -> Mapping[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in channel.records():
        if (moment := record.appeared) is not None and moment > now:
            continue
        found.setdefault(record.name, []).append(record)
    return found


def _newer(one: str, other: str) -> bool:
    a, b = rattler.version(one), rattler.version(other)
    return a is not None and b is not None and a > b


def _order(one: str, other: str) -> int:
    return int(_newer(one, other)) - int(_newer(other, one))


_ordered = cmp_to_key(_order)


def _span(hours: float) -> str:
    return f"{hours:.0f} hours" if hours < 72 else f"{hours / 24:.0f} days"


def merged_names(forms: Iterable[Form]) -> frozenset[str]:
    """The names of all packages of several forms."""
    return frozenset().union(*(names_of(form) for form in forms))
