"""What holds for every hotfix that is derived, whatever the reports say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from check_reports import downstream, finding, report
from hypothesis import given, settings
from hypothesis import strategies as st

from tailrace.conda.records import Channel
from tailrace.conda.repodata import channel_from_packages
from tailrace.conda.specs import parse_dependency, version_meets
from tailrace.hotfix import apply_documents, parse_patches
from tailrace.hotfix.suggest import Suggestion, suggest
from tailrace.model import CheckReport

UPSTREAM = ("4.9", "4.10", "4.11.2", "4.12.0rc1", "4.12.0", "5")
DOWNSTREAM = ("1.0", "1.1", "1.2", "1.10", "2.0")
DEPENDENCIES = ("dock", "dock >=4.9", "dock >=4.10,<6.0a0", "dock 4.*", "tide", "dock <9")

Row = tuple[int, int, int, int | None, str]
"""Baseline, candidate, downstream, build number, status."""

rows = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.integers(0, 5),
        st.integers(0, 4),
        st.sampled_from([None, 0, 1]),
        st.sampled_from(["breaks", "clear", "not-checked", "contained", "possible"]),
    ).filter(lambda row: row[0] != row[1]),
    min_size=1,
    max_size=9,
)


def reports_of(table: list[Row]) -> list[tuple[str, CheckReport]]:
    made = []
    for number, (baseline, candidate, down, build, status) in enumerate(table):
        spec = "" if build is None else f"quay::ferry=={DOWNSTREAM[down]}=py_{build}"
        more = {"findings": (finding(f"dock.gone{number % 2}"),)} if status in ("breaks", "contained") else {}
        found = downstream("ferry", DOWNSTREAM[down], status, spec, **more)  # type: ignore[arg-type]
        made.append((f"{number}.json", report(UPSTREAM[baseline], UPSTREAM[candidate], found)))
    return made


def quay(dependency: Callable[[int, int], str]) -> Channel:
    packages: dict[str, dict[str, Any]] = {}
    for place, version in enumerate(DOWNSTREAM):
        for number in (0, 1, 2):
            packages[f"ferry-{version}-py_{number}.conda"] = {
                "name": "ferry",
                "version": version,
                "build": f"py_{number}",
                "build_number": number,
                "depends": [dependency(place, number)],
            }
    for version in UPSTREAM:
        packages[f"dock-{version}-0.conda"] = {"name": "dock", "version": version, "build": "0", "build_number": 0}
    return channel_from_packages("quay", {"noarch": packages})


def admitted(record: dict[str, Any], version: str) -> bool:
    specs = [parse_dependency(text) for text in (*record["depends"], *record.get("constrains", ()))]
    return all(s.version is None or version_meets(s.version, version) for s in specs if s.name == "dock")


def plain(channel: Channel) -> dict[str, dict[str, Any]]:
    return {
        record.file_name: {
            "name": record.name,
            "version": record.version,
            "build": record.build,
            "build_number": record.build_number,
            "depends": list(record.depends),
        }
        for record in channel.records()
    }


def check(table: list[Row], made: Suggestion, channel: Channel) -> None:
    before = plain(channel)
    patched = apply_documents(made.documents, before, "noarch")
    assert not patched.unanswered
    after = {**before, **patched.changed}
    exact = {(down, build) for _, _, down, build, _ in table if build is not None}
    for _, candidate, down, build, status in table:
        if status not in ("breaks", "contained"):
            continue
        # What is said of a whole release holds for its builds of which nothing else is said, the first one here.
        number = build if build is not None else 0
        if build is None and any((down, other) in exact for other in (0, 1)):
            continue
        assert not admitted(after[f"ferry-{DOWNSTREAM[down]}-py_{number}.conda"], UPSTREAM[candidate])
    for baseline, candidate, down, build, status in table:
        broken = [row[1] for row in table if row[2:4] == (down, build) and row[4] in ("breaks", "contained")]
        if status != "clear" or candidate in broken or any(place <= baseline for place in broken):
            continue
        number = build if build is not None else 2
        if build is None and any((down, other) in exact for other in (0, 1)):
            continue
        name = f"ferry-{DOWNSTREAM[down]}-py_{number}.conda"
        assert admitted(after[name], UPSTREAM[candidate]) == admitted(before[name], UPSTREAM[candidate])


@settings(max_examples=150, deadline=None)
@given(rows, st.lists(st.sampled_from(DEPENDENCIES), min_size=15, max_size=15))
def test_broken_pairs_are_shut_out_and_fine_pairs_are_not(table: list[Row], depends: list[str]) -> None:
    channel = quay(lambda place, number: depends[3 * place + number])
    check(table, suggest(reports_of(table), [channel]), channel)


@settings(max_examples=75, deadline=None)
@given(rows, st.sampled_from(["dock", "dock >=4.9", "dock >=4.10,<6.0a0"]))
def test_they_are_so_too_when_no_channel_was_looked_at(table: list[Row], dependency: str) -> None:
    check(table, suggest(reports_of(table)), quay(lambda place, number: dependency))


@settings(max_examples=75, deadline=None)
@given(rows, st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_reports_does_not_matter_and_the_text_reads_back(
    table: list[Row], random: Any, with_channel: bool
) -> None:
    channels = [quay(lambda place, number: "dock >=4.9")] if with_channel else []
    reports = reports_of(table)
    first = suggest(reports, channels)
    random.shuffle(reports)
    assert suggest(reports, channels).text == first.text
    assert (parse_patches(first.text) if first.documents else ()) == first.documents
