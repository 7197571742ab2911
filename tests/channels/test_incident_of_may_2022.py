"""The real records of May 2022: who got conda 4.13 together with a conda-build that breaks under it, and from when
to when.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from made_channels import record

from tailrace.conda.records import Channel
from tailrace.conda.repodata import channel_from_packages
from tailrace.conda.specs import parse_dependency
from tailrace.conda.timestamps import parse_moment
from tailrace.exposure.grid import Question, expose
from tailrace.exposure.harmful import parse_broken
from tailrace.exposure.timeline import follow
from tailrace.solvers import CLIENTS, Client, Priority

FACTS = Path(__file__).resolve().parents[1] / "data/incident-2022-05/facts.json"
BROKEN = parse_broken("conda >=4.13 & (conda-build <3.21.8 | conda-build 3.21.8 *_0)")

#: Versions of the packages around, where the records ask for a particular one; everything else is 1.0.
LEAVES = {
    "python": "3.9.13",
    "python_abi": "3.9 2_cp39",
    "openssl": "1.1.1o",
    "requests": "2.27.1",
    "ruamel_yaml": "0.15.80",
    "ruamel.yaml": "0.17.21",
    "setuptools": "62.3.2",
    "conda-package-handling": "1.8.1",
    "pyopenssl": "22.0.0",
}


def load(*, hotfixed: bool = False) -> tuple[Channel, Channel]:
    """conda-forge and defaults as recorded, with small stand-ins for everything else that they ask for."""
    facts = json.loads(FACTS.read_text())["records"]
    named = {item["name"] for items in facts.values() for item in items}
    asked = {parse_dependency(text).name for items in facts.values() for item in items for text in item["depends"]}
    channels = []
    for channel, items in facts.items():
        subdirs: dict[str, dict[str, Any]] = {"linux-64": {}, "noarch": {}}
        for item in items:
            made = {key: value for key, value in item.items() if key not in ("fn", "provenance")}
            if hotfixed and item["name"] == "conda-build" and item["fn"].endswith("3.21.8-py39hf3d152e_0.tar.bz2"):
                made["depends"] = [
                    text if text != "conda >=4.5" else "conda >=4.5,<4.13.0a0" for text in made["depends"]
                ]
            subdirs[item["subdir"]][item["fn"]] = made
        if channel == "conda-forge":
            for name in sorted((asked | {"pip", "pycosat"}) - named - {"libmambapy"}):
                leaf = record(f"{name} {LEAVES.get(name, '1.0')}", when=1_600_000_000_000)
                subdirs["noarch"][f"{name}-leaf.tar.bz2"] = leaf
        channels.append(channel_from_packages(channel, subdirs))
    return channels[0], channels[1]


def grid(day: str, *specs: str, hotfixed: bool = False, client: Client = "conda") -> dict[str, str]:
    """`first>second priority` → safe, exposed or unsolvable."""
    forge, defaults = load(hotfixed=hotfixed)
    report = expose(
        Question(
            specs,
            ((forge, defaults), (defaults, forge)),
            clients=(client,),
            moments=(parse_moment(day),),
            broken=BROKEN,
            virtual="none",
        )
    )
    return {
        f"{cell.channels[0]} {cell.priority}": "unsolvable"
        if cell.status == "unsolvable"
        else ("exposed" if cell.exposed else "safe")
        for cell in report.cells
    }


def matrix(strict: str, flexible: str, disabled: str, *rest: str) -> dict[str, str]:
    values = (strict, flexible, disabled, *rest)
    names = [
        f"{channel} {priority}"
        for channel in ("conda-forge", "defaults")
        for priority in ("strict", "flexible", "disabled")
    ]
    return dict(zip(names, values, strict=True))


SAFE, EXPOSED, UNSOLVABLE = "safe", "exposed", "unsolvable"


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    ("day", "specs", "hotfixed", "expected"),
    [
        ("2022-05-25", ["conda-smithy"], False, matrix(SAFE, SAFE, SAFE, SAFE, SAFE, SAFE)),
        ("2022-05-26", ["conda-smithy"], False, matrix(SAFE, SAFE, EXPOSED, EXPOSED, EXPOSED, EXPOSED)),
        (
            "2022-05-26",
            ["conda-smithy", "conda>=4.13"],
            False,
            matrix(UNSOLVABLE, EXPOSED, EXPOSED, EXPOSED, EXPOSED, EXPOSED),
        ),
        ("2022-05-26", ["conda-smithy"], True, matrix(SAFE, SAFE, SAFE, SAFE, SAFE, SAFE)),
        ("2022-05-29", ["conda-smithy"], False, matrix(SAFE, SAFE, SAFE, SAFE, SAFE, SAFE)),
        ("2022-06-02", ["conda-smithy", "conda>=4.13"], False, matrix(SAFE, SAFE, SAFE, SAFE, SAFE, SAFE)),
    ],
)
def test_the_grid_is_that_of_the_incident(
    client: Client, day: str, specs: list[str], hotfixed: bool, expected: dict[str, str]
) -> None:
    assert grid(day, *specs, hotfixed=hotfixed, client=client) == expected


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    ("order", "priority", "spans"),
    [
        ((0, 1), "strict", [(None, None, False)]),
        (
            (1, 0),
            "strict",
            [
                (None, "2022-05-26T23:09:00Z", False),
                ("2022-05-26T23:09:00Z", "2022-05-27T14:39:34.729Z", True),
                ("2022-05-27T14:39:34.729Z", None, False),
            ],
        ),
    ],
)
def test_exposure_begins_and_ends_with_a_record(
    client: Client, order: tuple[int, int], priority: Priority, spans: list[object]
) -> None:
    channels = load()
    question = Question(
        ("conda-smithy",),
        ((channels[order[0]], channels[order[1]]),),
        priorities=(priority,),
        clients=(client,),
        broken=BROKEN,
        virtual="none",
    )
    report = follow(question, parse_moment("2022-05-20", start=True), parse_moment("2022-06-10"))
    assert [(span.begin, span.end, span.exposed) for span in report.courses[0].spans] == spans
    assert report.courses[0].complete
