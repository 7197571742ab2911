"""Patches that work, that do too little, and that do too much."""

from __future__ import annotations

from typing import Any

import pytest
from quay_channels import BROKEN, HOTFIX, channel, documents, question

from tailrace.exposure.harmful import parse_broken
from tailrace.hotfix import PatchInstructions
from tailrace.hotfix.apply.channel import patch_channel
from tailrace.hotfix.prove import FAILURES, HotfixProof, parse_request, prove
from tailrace.hotfix.prove.requests import combinations

TOO_LITTLE = HOTFIX.replace('version_lt: "1.2"', 'version: "1.0"')
TOO_MUCH = HOTFIX.replace('upper_bound: "2.0"', 'upper_bound: "1.5"')
UNDECIDED = "if: {name: ferry, license: MIT}\nthen:\n  - add_constrains: dock <2\n" + "---\n" + HOTFIX


def proof(patches: Any, *requests: str, **more: Any) -> HotfixProof:
    ask = question(channel("harbour"), channel("quay"), **more)
    return prove({"harbour": patches, "quay": patches}, ask, [parse_request(r) for r in requests])


@pytest.mark.parametrize(
    ("text", "verdict", "status", "outcomes"),
    [
        (HOTFIX, "proven", 0, {"healed", "refused", "kept"}),
        (TOO_LITTLE, "not-proven", 1, {"still-exposed"}),
        (TOO_MUCH, "not-proven", 1, {"lost"}),
        (UNDECIDED, "incomplete", 3, {"healed"}),
    ],
)
def test_the_verdict(text: str, verdict: str, status: int, outcomes: set[str]) -> None:
    found = proof(documents(text), "line", "line & dock >=2")
    assert (found.verdict, found.exit_status) == (verdict, status)
    assert outcomes <= set(found.counts)
    assert (set(found.counts) & FAILURES != set()) == (verdict == "not-proven")
    assert sum(found.counts.values()) == len(found.cells)


def test_every_cell_is_told_before_and_after() -> None:
    found = proof(documents(), "line & dock", priorities=("disabled",), clients=("conda", "mamba"))
    cells = [cell for cell in found.cells if cell.request == ("line", "dock")]
    assert [(cell.client, cell.outcome) for cell in cells] == [("conda", "healed"), ("mamba", "healed")]
    assert [(one.name, one.before, one.after, one.kind) for one in cells[0].shifts] == [
        ("dock", "quay::dock-2.0-0", "harbour::dock-1.9-0", "downgraded")
    ]
    assert found.records == 2


def test_nothing_was_shown_when_nobody_was_harmed_before() -> None:
    found = proof(documents(), priorities=("strict",), broken="dock >=3 & ferry <1.2")
    assert (found.verdict, found.exit_status) == ("nothing-to-prove", 3)
    assert any("No cell got the harmful combination" in note for note in found.notes)
    found = proof(documents("if: {name: barge}\nthen:\n  - add_depends: dock\n"))
    assert found.verdict == "not-proven"
    assert "The patches change no record of these channels." in found.notes


def test_only_the_named_channels_are_patched() -> None:
    ask = question(channel("harbour"), channel("quay"), priorities=("disabled",))
    assert prove({"quay": documents()}, ask).verdict == "not-proven"
    assert prove({"harbour": documents()}, ask).verdict == "proven"


def test_instructions_are_proven_like_documents() -> None:
    fixed = {"depends": ["dock >=1,<2.0a0"]}
    files = {"packages.conda": {"ferry-1.0-py_0.conda": fixed, "ferry-1.1-py_0.conda": fixed}}
    assert proof(PatchInstructions(packages_conda=files["packages.conda"]), "line & dock").verdict == "proven"
    gone = proof(PatchInstructions(remove=("ferry-1.0-py_0.conda", "ferry-1.1-py_0.conda")), "line")
    assert (gone.verdict, gone.records) == ("not-proven", 2)
    assert gone.counts["lost"] > 0


def test_a_patched_channel_is_a_new_value() -> None:
    before = channel("harbour")
    done = patch_channel(before, documents())
    assert sorted(new.depends for _, new in done.changed) == [("dock >=1,<2.0a0",)] * 2
    assert all(record.depends != ("dock >=1,<2.0a0",) for record in before.records())
    assert done.channel.url == before.url
    assert len(list(done.channel.records())) == len(list(before.records()))
    assert not patch_channel(done.channel, documents()).changed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BROKEN, [("dock >=2", "ferry <1.2")]),
        ("dock >=2 & (ferry <1 | ferry 1.1)", [("dock >=2", "ferry <1"), ("dock >=2", "ferry 1.1")]),
        ("dock 2 | dock 3", [("dock 2",), ("dock 3",)]),
    ],
)
def test_harmful_combinations_are_asked_for_by_name(text: str, expected: list[tuple[str, ...]]) -> None:
    assert combinations(parse_broken(text)) == expected
