"""Two small channels in which `quay` brings `dock` 2 to a `ferry` that breaks under it, as folders or in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from tailrace.conda.records import Channel
from tailrace.conda.repodata import channel_from_packages
from tailrace.exposure.grid import Question
from tailrace.exposure.harmful import HarmfulCombination, parse_broken
from tailrace.hotfix import HotfixDocument, parse_patches

BROKEN = "dock >=2 & ferry <1.2"
HOTFIX = """\
if: {name: ferry, version_lt: "1.2"}
then:
  - tighten_depends: {name: dock, upper_bound: "2.0"}
"""


def record(line: str) -> dict[str, Any]:
    """`ferry 1.1 py_0 | dock >=1 | tide <3`: name, version, build, dependencies, constraints."""
    head, *rest = (part.strip() for part in line.split("|"))
    name, version, build = head.split()
    lists = [[one.strip() for one in part.split(";") if one.strip()] for part in rest]
    return {
        "name": name,
        "version": version,
        "build": build,
        "build_number": int(build[-1]),
        "depends": lists[0] if lists else [],
        "constrains": lists[1] if len(lists) > 1 else [],
        "subdir": "noarch",
        "timestamp": 1_650_000_000_000,
    }


LINES = {
    "harbour": ("ferry 1.0 py_0 | dock >=1", "ferry 1.1 py_0 | dock >=1", "dock 1.9 0", "line 1.0 0 | ferry ; dock"),
    "quay": ("dock 2.0 0",),
}


def packages(lines: tuple[str, ...]) -> dict[str, Any]:
    made = (record(line) for line in lines)
    return {f"{one['name']}-{one['version']}-{one['build']}.conda": one for one in made}


def channel(name: str, *lines: str) -> Channel:
    return channel_from_packages(name, {"noarch": packages(lines or LINES[name])})


def folder(root: Path, name: str, *lines: str, patched: bool = False) -> Path:
    """The channel as a folder; with `patched` it serves the hotfix."""
    made = packages(lines or LINES[name])
    if patched:
        for one in made.values():
            if one["name"] == "ferry" and one["version"] < "1.2":
                one["depends"] = ["dock >=1,<2.0a0"]
    place = root / name / "noarch"
    place.mkdir(parents=True)
    index = {"info": {"subdir": "noarch"}, "packages": {}, "packages.conda": made}
    (place / "repodata.json").write_bytes(msgspec.json.encode(index))
    return root / name


def question(*channels: Channel, broken: str = BROKEN, **more: Any) -> Question:
    given = {"subdirs": ("linux-64",), "virtual": "none", "broken": parse_broken(broken), **more}
    return Question(specs=(), orders=(channels,), **given)


def documents(text: str = HOTFIX) -> tuple[HotfixDocument, ...]:
    return parse_patches(text)


def harm() -> HarmfulCombination:
    return parse_broken(BROKEN)
