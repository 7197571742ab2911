"""Finds packages that cannot be installed from the channels they are meant for. Installs nothing.

A package is solved for by its exact name, version and build, on each platform that it is for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tailrace.conda.records import Channel, Record, VirtualPackage
from tailrace.conda.specs import parse_dependency
from tailrace.solvers.interface import Problem
from tailrace.solvers.resolvo import ask

#: What a machine of a family can offer at best; a package that needs more is for no machine.
AT_BEST: dict[str, tuple[VirtualPackage, ...]] = {
    "linux": (
        ("__unix", "0", "0"),
        ("__linux", "99", "0"),
        ("__glibc", "2.99", "0"),
        ("__cuda", "99", "0"),
        ("__archspec", "1", "x86_64"),
    ),
    "osx": (("__unix", "0", "0"), ("__osx", "99", "0"), ("__archspec", "1", "x86_64")),
    "win": (("__win", "99", "0"), ("__cuda", "99", "0"), ("__archspec", "1", "x86_64")),
}
#: What any machine of a family offers, for packages that rule the newest out.
AT_LEAST: dict[str, tuple[VirtualPackage, ...]] = {
    "linux": (("__unix", "0", "0"), ("__linux", "4.18", "0"), ("__glibc", "2.28", "0")),
    "osx": (("__unix", "0", "0"), ("__osx", "13.0", "0")),
    "win": (("__win", "0", "0"),),
}
LINES = 4
#: How far dependencies of dependencies are looked at for the reason, and how many candidates of each.
DEPTH = 8
CANDIDATES = 3


@dataclass(frozen=True, slots=True)
class Uninstallable:
    """A package that cannot be installed on a platform. `needs`: the dependencies that nothing meets, as the record
    has them; empty when each is met and they contradict each other. `reason`: one line.
    """

    record: Record
    platform: str
    needs: tuple[str, ...]
    reason: str


def platforms_of(record: Record, channels: Iterable[Channel]) -> tuple[str, ...]:
    """The platforms that a package is for: its own, or all that the channels have, when it is noarch."""
    if record.subdir != "noarch":
        return (record.subdir,)
    found = {subdir.name for channel in channels for subdir in channel.subdirs if subdir.records}
    return tuple(sorted(found - {"noarch"})) or ("noarch",)


def find_uninstallable(record: Record, channels: Sequence[Channel], platform: str) -> Uninstallable | None:
    """Why a package of the first channel cannot be installed on a platform, `None` when it can."""
    reason = ""
    for offers in (AT_BEST, AT_LEAST):
        problem = Problem(
            (f"{channels[0].url}::{record.name} =={record.version} {record.build}",),
            tuple(channels),
            platform,
            virtual_packages=_offered(platform, offers),
            add_pip=False,
        )
        found = ask(problem, "flexible", modern=True)
        if found.status == "solved":
            return None
        reason = reason or found.explanation
    needs = _unmet(record, channels, platform)
    said = f"nothing there meets {', '.join(map(repr, needs))}" if needs else _short(reason)
    return Uninstallable(record, platform, needs, said)


def _offered(platform: str, offers: dict[str, tuple[VirtualPackage, ...]]) -> tuple[VirtualPackage, ...]:
    if platform == "noarch":
        return tuple({one[0]: one for family in offers.values() for one in family}.values())
    return offers.get(platform.split("-", maxsplit=1)[0], ())


def _unmet(
    record: Record, channels: Sequence[Channel], platform: str, seen: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """The dependencies that nothing meets, of the record, or of all that could meet one of its own."""
    found: dict[str, None] = {}
    for text in record.depends:
        spec = parse_dependency(text)
        if spec.name.startswith("__") or spec.name in seen or len(seen) > DEPTH:
            continue
        fitting = [
            other
            for channel in channels
            for subdir in dict.fromkeys((platform, "noarch"))
            for other in channel.of(subdir).get(spec.name, ())
            if not other.removed and spec.matches(other, channel.url)
        ]
        if not fitting:
            found[text] = None
            continue
        further: dict[str, None] = {}
        for other in fitting[-CANDIDATES:]:
            needs = _unmet(other, channels, platform, seen | {record.name, spec.name})
            if not needs:
                break
            further.update(dict.fromkeys(needs))
        else:
            found.update(further)
    return tuple(found)


def _short(explanation: str) -> str:
    lines = [line.strip() for line in explanation.splitlines()]
    return " ".join(lines[:LINES]) or "its dependencies contradict each other"
