"""What the gate says on each day of May 2022, byte for byte, whatever the order in which evidence is read.

The verdicts are those of the field report's table. The reasons follow the records: each channel's own hotfixes, the
build of conda-build that carries the repair, and the hotfix that shut out a repaired mamba for ten days.
`python tests/gate/test_incident.py` writes the golden files anew.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from incident import CONDA, MOMENTS, TARGET, facts
from tailrace.gate.decision import Decision, encode_decision
from tailrace.gate.evaluate import evaluate
from tailrace.gate.moments import parse_time
from tailrace.report.formats.text.decision import render
from tailrace.report.options import DEFAULT_OPTIONS, RenderOptions

GOLDEN = Path(__file__).parent / "golden"
EXPECTED = {
    "2022-05-19T16:57Z": ("unknown", {
        "no-new-breaks": "there is no check report of conda 4.13.0",
        "in-tandem": "waits for a conda-build and a mamba that work with conda 4.13.0",
        "quiet-days": "2 quiet days begin in 31 hours",
    }),
    "2022-05-19T17:30Z": ("stop", {
        "no-new-breaks": "breaks conda-build 3.21.7, 3.21.8",
        "removals-announced": "1 finding removed-unannounced",
    }),
    "2022-05-26T17:07Z": ("stop", {
        "no-new-breaks": "breaks conda-build 3.21.7, 3.21.8 and mamba 0.23.3",
        "quiet-days": "3 quiet days begin in 30 hours",
    }),
    "2022-05-26T23:09Z": ("stop", {
        "no-new-breaks": "breaks conda-build 3.21.7, 3.21.8 and mamba 0.23.3",
        "quiet-days": "3 quiet days begin in 24 hours",
    }),
    # conda-forge is patched, defaults is not.
    "2022-05-27T17:04Z": ("stop", {"no-new-breaks": "breaks conda-build 3.21.8 and mamba 0.23.3"}),
    # Both are patched for conda-build; mamba was patched two days later.
    "2022-05-28T03:10Z": ("stop", {
        "no-new-breaks": "breaks mamba 0.23.3",
        "both-channels": "on defaults for 28 hours and not on conda-forge",
        "quiet-days": "in 3 quiet days",
    }),
    "2022-05-31T15:36Z": ("stop", {
        "no-new-breaks": "contained for conda-build",
        "removals-announced": "1 finding removed-unannounced",
        "in-tandem": "waits for mamba 0.24.0 on conda-forge/main",
    }),
    # mamba 0.24.0 is there, and a hotfix that was one version too wide shuts it out.
    "2022-06-01T15:00Z": ("stop", {
        "removals-announced": "1 finding removed-unannounced",
        "in-tandem": "waits for mamba 0.24.0 on conda-forge/main",
    }),
    # The hotfix of the hotfix, and a waiver for what was removed: the one way left.
    "2022-06-14T12:00Z": ("go", {
        "removals-announced": "waived: 1 finding removed-unannounced",
        "in-tandem": "conda-build and mamba can go out with it",
        "both-channels": "on conda-forge and defaults",
    }),
}  # fmt: skip


def decision(moment: str, order: int | None = None) -> Decision:
    known = facts()
    if order is not None:
        shuffled = list(known.evidence)
        random.Random(order).shuffle(shuffled)
        known = replace(known, evidence=tuple(shuffled))
    return evaluate(known, CONDA, TARGET, parse_time(moment))


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_decision_of_each_day(moment: str) -> None:
    verdict, reasons = EXPECTED[moment]
    found = decision(moment)
    assert found.verdict == verdict, render(found, DEFAULT_OPTIONS)
    said = {rule.id: rule.reason for rule in found.rules}
    assert {rule: text for rule, text in reasons.items() if text not in said[rule]} == {}


@pytest.mark.parametrize("moment", MOMENTS)
def test_its_bytes_are_the_recorded_ones(moment: str) -> None:
    number = MOMENTS.index(moment)
    lines = (GOLDEN / "may-2022.jsonl").read_bytes().splitlines()
    assert encode_decision(decision(moment)) == lines[number]
    for order in range(3):
        assert encode_decision(decision(moment, order)) == lines[number]


def test_the_lead_time_of_a_stop_is_a_week() -> None:
    first = next(moment for moment in MOMENTS if decision(moment).verdict == "stop")
    assert parse_time("2022-05-26T23:09Z") - parse_time(first) > 7 * 86_400_000


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_must_happen_is_said_once_and_its_commands_can_be_run(moment: str) -> None:
    found = decision(moment)
    for step in found.next:
        others = [other for other in found.next if other is not step and other.who == step.who]
        assert not [other for other in others if step.what in other.what], step
        if "hotfix suggest" in step.command:
            report, option, channel = step.command.split()[3:]
            assert report.removeprefix("gate/evidence/").removesuffix(".json") in found.evidence
            assert (option, channel) == ("-c", "defaults")


def test_nobody_is_asked_for_a_release_that_exists() -> None:
    steps = {step.rule: step.what for step in decision("2022-05-19T17:30Z").next if "conda-build" in step.who}
    assert steps["no-new-breaks"] == ("contain conda-build 3.21.7, 3.21.8 on defaults; 3.21.9 works with conda 4.13.0")


@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize("moment", MOMENTS)
def test_its_text_fits_the_terminal(moment: str, width: int) -> None:
    """All but what must stay on one line: commands, which are copied."""
    text = render(decision(moment), RenderOptions(width=width))
    long = [line for line in text.splitlines() if len(line) > width and not line.startswith("    tailrace ")]
    assert long == []


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    (GOLDEN / "may-2022.jsonl").write_bytes(b"".join(encode_decision(decision(one)) + b"\n" for one in MOMENTS))
