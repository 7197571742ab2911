"""Asks the gate about what `tailrace channel promote` moves, and records the decisions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tailrace.channel import File
    from tailrace.gate.decision import Decision
    from tailrace.gate.names import Subject
    from tailrace.gate.policy import Policy


def ask_gate(
    folder: Path, channel: Path, label: str, target: str | None, override: str | None
) -> Callable[[Sequence[tuple[str, File]]], Sequence[str]]:
    """A function that decides on the files of a promotion with the ledger in `folder`.

    `channel`: the folder of the channel, `label`: where they go. With an `override` the decisions are recorded, and
    nothing is refused. The function raises GateClosedError where a decision is not go.
    """
    import time

    from tailrace.gate.errors import GateClosedError
    from tailrace.gate.evaluate import evaluate
    from tailrace.gate.gitstate import check_git_state
    from tailrace.gate.ledger import Ledger, check_now
    from tailrace.gate.names import choose_target

    ledger = Ledger.find(folder)
    check_git_state(ledger)
    facts = ledger.read_facts()
    where = choose_target(target, facts.policy.targets) if target is not None else _target(facts.policy, channel, label)

    def ask(files: Sequence[tuple[str, File]]) -> Sequence[str]:
        moment = int(time.time()) * 1000
        check_now(ledger.read_decisions(), moment)
        subjects = _subjects(files)
        decisions = [evaluate(facts, one, where, moment, together=subjects) for one in subjects]
        ledger.record(tuple(decisions))
        closed = [one for one in decisions if one.verdict != "go"]
        if closed and override is None:
            raise GateClosedError(_said(closed), status=_status(closed), subject=str(closed[0].subject))
        return [f"gate: {one.subject} to {where}: {one.verdict} (decision {one.id[:16]})" for one in decisions]

    return ask


def _subjects(files: Sequence[tuple[str, File]]) -> list[Subject]:
    """The releases with their files."""
    from tailrace.gate.names import File as NamedFile
    from tailrace.gate.names import Subject

    groups: dict[tuple[str, str], list[NamedFile]] = {}
    for file_name, file in files:
        groups.setdefault((file.name, file.version), []).append(NamedFile(name=file_name, sha256=file.sha256))
    return [
        Subject(name=name, version=version, files=tuple(sorted(found)))
        for (name, version), found in sorted(groups.items())
    ]


def _target(policy: Policy, channel: Path, label: str) -> str:
    """The target of the policy that is a label of the channel in a folder. Raises SubjectError."""
    from tailrace.conda.folders import served_folder
    from tailrace.gate.errors import SubjectError
    from tailrace.gate.names import channel_of, same_target

    mine = served_folder(str(channel))
    names = [
        name
        for name, place in policy.channels.items()
        if (found := served_folder(place)) is not None and mine is not None and found.path == mine.path
    ]
    names += [channel.resolve().name]
    wanted = label.removeprefix("label/")
    for name in names:
        for target in policy.targets:
            if channel_of(target) == name and same_target(target, f"{name}/{wanted}"):
                return target
    raise SubjectError(
        f"the policy {policy.id!r} has no target that is the label {wanted} of {channel}.",
        hint=f"Name one with --gate-target; the targets are {', '.join(policy.targets)}.",
    )


def _said(closed: Sequence[Decision]) -> str:
    from tailrace.gate.overview import root_blocker

    said = []
    for one in closed:
        root = root_blocker(one)
        why = f"{root.id}: {root.reason}" if root is not None else "no rule is in force"
        opens = f"; it opens at {one.opens_at}" if one.opens_at else ""
        said.append(f"the gate says {one.verdict} for {one.subject} ({why}{opens})")
    return "; ".join(said)


def _status(closed: Sequence[Decision]) -> int:
    from tailrace.gate.overview import worst_status

    return worst_status(closed)
