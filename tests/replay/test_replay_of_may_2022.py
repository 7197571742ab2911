"""The replay of conda 4.13 holds what is known of the incident; every number is worked out again and found equal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from replayed import NAMES, blocks, golden, play, replayed, step, table

from tailrace.conda.timestamps import parse_moment
from tailrace.hotfix import parse_patches
from tailrace.replay import load_incident, replay_incident
from tailrace.replay import view as v
from tailrace.replay.play import state_of

GOLDEN = Path(__file__).parent / "golden"
SAFE, EXPOSED, UNSOLVABLE = "safe", "exposed", "unsolvable"
ROWS = [(order, priority) for order in (0, 1) for priority in ("strict", "flexible", "disabled")]


@pytest.mark.parametrize("name", NAMES)
def test_the_view_is_the_golden_one(name: str) -> None:
    """To renew it after a wanted change: `python tests/replay/renew.py`."""
    assert golden(replayed(name)) == json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_a_second_replay_is_the_same(name: str) -> None:
    assert replay_incident(load_incident(name)) == replayed(name)


@pytest.mark.parametrize(
    ("day", "specs", "healed", "expected"),
    [
        # The six values: conda-forge first, then defaults first; strict, flexible, disabled.
        ("2022-05-25", ("conda-smithy",), False, [SAFE, SAFE, SAFE, SAFE, SAFE, SAFE]),
        ("2022-05-26", ("conda-smithy",), False, [SAFE, SAFE, EXPOSED, EXPOSED, EXPOSED, EXPOSED]),
        (
            "2022-05-26",
            ("conda-smithy", "conda >=4.13"),
            False,
            [UNSOLVABLE, EXPOSED, EXPOSED, EXPOSED, EXPOSED, EXPOSED],
        ),
        ("2022-05-26", ("conda-smithy",), True, [SAFE] * 6),
        ("2022-05-26T23:08Z", ("conda-smithy",), False, [SAFE] * 6),
        ("2022-05-29", ("conda-smithy",), False, [SAFE] * 6),
        ("2022-06-11", ("conda-smithy", "conda >=4.13"), False, [SAFE] * 6),
    ],
)
@pytest.mark.parametrize("client", ["conda", "mamba"])
def test_the_grid_is_that_of_the_incident(
    client: str, day: str, specs: tuple[str, ...], healed: bool, expected: list[str]
) -> None:
    incident = play("conda-4.13")
    moment = parse_moment(day)
    cells = incident.cells(specs, moment, incident.healed if healed else incident.world.on(moment))
    orders = incident.scenario.grid.orders
    assert [state_of(cells[orders[order], priority, client]) for order, priority in ROWS] == expected  # type: ignore[index]


def test_the_check_names_both_victims_and_clears_their_repairs() -> None:
    (found,) = blocks("conda-4.13", "check", v.Downstreams)
    assert [(d.name, d.version, d.status, [(f.rule, f.place) for f in d.findings]) for d in found.downstreams] == [
        ("conda-build", "3.21.7", "breaks", [("name-removed", "conda_build/utils.py:2084")]),
        ("conda-build", "3.21.8", "breaks", [("name-removed", "conda_build/utils.py:2084")]),
        ("mamba", "0.23.3", "breaks", [("option-conflict", "mamba/mamba.py:775")]),
        ("conda-build", "3.21.9", "clear", []),
        ("mamba", "0.24.0", "clear", []),
    ]
    assert step("conda-4.13", "check").recorded
    assert not any(one.recorded for one in replayed("conda-4.13").steps if one.id != "check")


def test_the_derived_bounds_are_those_that_were_written_by_hand() -> None:
    """conda-forge's documents of today, in their own words."""
    of_today = parse_patches(
        """
if: {name: conda-build, version_le: 3.21.7}
then: [{tighten_depends: {name: conda, upper_bound: "4.13"}}]
---
if: {name: conda-build, version: 3.21.8, build_number: 0}
then: [{tighten_depends: {name: conda, upper_bound: "4.13"}}]
"""
    )
    derived = play("conda-4.13").derived
    assert derived["conda-forge"].documents[:2] == of_today
    rows = table("conda-4.13", "hotfix", "What each record allows")
    assert [row[-1] for row in rows] == ["same"] * len(rows)
    assert ["conda-build 3.21.8 build 1", "conda-forge", ">=4.5", ">=4.5", ">=4.5", "same"] in rows
    assert ["mamba 0.24.0 build 1", "conda-forge", ">=4.8", ">=4.8", ">=4.8", "same"] in rows
    bounded = {row[0] for row in rows if row[3] != row[2]}
    assert bounded == {
        "conda-build 3.21.7 build 0",
        "conda-build 3.21.8 build 0",
        "conda-build 3.21.8 build 2",
        "mamba 0.23.1 build 1",
        "mamba 0.23.3 build 1",
    }


def test_before_the_first_harm_nobody_could_vouch_for_a_build_that_was_not_there() -> None:
    incident = play("conda-4.13")
    assert [d.conditions for d in incident.derived_early["conda-forge"].documents] == [
        d.conditions
        for d in parse_patches(
            "if: {name: conda-build, version_le: 3.21.8}\nthen: [{add_depends: x}]\n---\n"
            "if: {name: mamba, version_le: 0.23.3}\nthen: [{add_depends: x}]\n"
        )
    ]


def test_the_proof_counts_every_cell_once() -> None:
    rows = table("conda-4.13", "proof", "What became of the cells")
    counts = {row[1]: int(row[0]) for row in rows}
    scenario = play("conda-4.13").scenario
    moments = {parse_moment(text) for text in (*scenario.grid.moments, scenario.grid.worst)}
    assert sum(counts.values()) == len(scenario.asks) * len(moments) * 2 * 3 * 2
    assert (counts["lost"], counts["still-exposed"], counts["newly-exposed"]) == (0, 0, 0)
    assert counts["healed"] + counts["refused"] > 0


def test_old_records_hurt_the_family_that_believes_them_and_nobody_else() -> None:
    rows = table("conda-4.13", "missed", "The next change")
    assert {row[2] for row in rows} <= {SAFE, UNSOLVABLE}, "conda takes the channel's record"
    assert [row[4] for row in rows] == [UNSOLVABLE, *[EXPOSED] * 5], "mamba takes its own"
    assert EXPOSED not in {row[5] for row in rows}, "with fresh records mamba is safe as well"


def test_the_hotfix_of_the_hotfix_would_not_have_been_needed() -> None:
    ((asked, as_written, derived, corrected),) = table("conda-4.13", "aftermath", "Asked for")
    assert asked == "mamba 0.24.0 with conda >=4.13.0"
    assert (as_written, derived, corrected) == (
        "0 of 12 configurations",
        "12 of 12 configurations",
        "12 of 12 configurations",
    )
    assert "8 days 22 h" in step("conda-4.13", "aftermath").headline


def test_the_grid_and_the_course_say_the_same_of_each_day() -> None:
    for name in NAMES:
        incident = play(name)
        for ask in incident.scenario.asks:
            for configuration, stretches in incident.courses[ask.specs].items():
                for text in incident.scenario.grid.moments:
                    moment = parse_moment(text)
                    held = [s for s in stretches if (s.begin or 0) <= moment and (s.end is None or moment < s.end)]
                    cell = incident.cells(ask.specs, moment, incident.world.on(moment))[configuration]
                    assert [stretch.state for stretch in held] == [state_of(cell)]


def test_a_second_scenario_is_data_alone() -> None:
    assert [one.id for one in replayed("conda-23.9").steps] == [
        "check",
        "exposure",
        "hotfix",
        "proof",
        "missed",
        "gate",
    ], "nothing was added and no hotfix was corrected, so that step is left out"
    (found,) = play("conda-23.9").derived["conda-forge"].documents
    assert [(one.key, one.values) for one in found.conditions] == [
        ("name", ("conda-build",)),
        ("version_le", ("3.24.0",)),
    ]
    assert found.actions[0].upper_bound == "23.9"
    newest, held_back, *_ = blocks("conda-23.9", "exposure", v.Grid)
    states = [
        {answer.state for row in g.rows for cell in row.cells for answer in cell.answers} for g in (newest, held_back)
    ]
    assert states == [{SAFE}, {SAFE, EXPOSED}], "whoever took the newest of both was never exposed"


def test_every_reconstructed_record_says_so() -> None:
    origin = replayed("conda-4.13").provenance
    assert origin.recorded == 11
    assert [file.partition("::")[0] for file, _ in origin.reconstructed] == ["defaults"] * 4
    assert all(why for _, why in origin.reconstructed)


def test_no_path_of_a_machine_is_in_the_recorded_reports() -> None:
    for name in NAMES:
        report = load_incident(name).report
        specs = [report.candidate.spec, report.baseline.spec, *(d.spec for d in report.downstreams)]
        assert all(spec.startswith("git+https://github.com/") for spec in specs)


def test_the_last_step_is_the_gate_itself_at_every_moment_at_which_something_changed() -> None:
    rows = table("conda-4.13", "gate", "The decision as things changed")
    assert [(row[0], row[1]) for row in rows] == [
        ("2022-05-19 16:57", "stop"),
        ("2022-05-26 23:09", "stop"),
        ("2022-05-27 17:04", "stop"),
        ("2022-05-28 03:10", "stop"),
        ("2022-05-30 12:08", "stop"),
        ("2022-06-10 12:38", "wait"),
        ("2022-06-12", "wait"),
    ]
    assert rows[0][2].startswith("breaks conda-build 3.21.7, 3.21.8; waits for conda-build 3.21.9")
    assert rows[5][2] == "2 quiet days begin in 11 hours (DE-BE and US)", "only the weekend is in the way by then"
    assert step("conda-4.13", "gate").headline.startswith("Held on the day of the tag, 7 days 6 h")
