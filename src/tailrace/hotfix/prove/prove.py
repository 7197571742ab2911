"""Computes an exposure grid without and with patches. Writes nothing, downloads nothing.

Proven means: some cell got the harmful combination before, none does afterwards, and nothing that worked has become
unsolvable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from tailrace.conda import rattler
from tailrace.conda.records import Channel
from tailrace.conda.repodata import Repodata
from tailrace.exposure.grid import Cell, Question, Tell, expose
from tailrace.hotfix.apply.channel import PatchedChannel, Patches, patch_channel
from tailrace.hotfix.prove.proof import FAILURES, HotfixProof, Outcome, ProofCell, Shift, Verdict
from tailrace.hotfix.prove.requests import Request, default_requests


def prove(
    patches: Mapping[str, Patches],
    question: Question,
    requests: Sequence[Request] = (),
    *,
    indexes: Mapping[str, Mapping[str, Repodata]] | None = None,
    tell: Tell | None = None,
) -> HotfixProof:
    """Whether the patches, by channel name, do what they are for.

    `question` says what is harmful (its `broken` is needed) and spans the grid; its specs are not used. `requests`:
    what users ask for, besides what the harmful combination itself suggests. `indexes`: served repodata by channel
    URL and subdir, see `patch_channel`.
    """
    broken = question.broken
    if broken is None:
        raise ValueError("a proof needs to know what is harmful")
    done = patch_all(patches, question, indexes or {})
    changed = [before for one in done.values() for before, _ in one.changed]
    changed += [record for one in done.values() for record in one.removed]
    given, notes = default_requests(broken, changed)
    cells = tuple(
        cell for request in dict.fromkeys((*requests, *given)) for cell in _compared(question, done, request, tell)
    )
    unanswered = tuple(sorted({str(one) for patched in done.values() for one in patched.unanswered}))
    counts = Counter(str(cell.outcome) for cell in cells)
    return HotfixProof(
        verdict=_verdict(cells, bool(unanswered)),
        broken=broken.text,
        records=len(changed),
        counts=dict(sorted(counts.items())),
        cells=cells,
        unanswered=unanswered,
        notes=(*notes, *_notes(cells, len(changed))),
    )


def patch_all(
    patches: Mapping[str, Patches], question: Question, indexes: Mapping[str, Mapping[str, Repodata]]
) -> dict[Channel, PatchedChannel]:
    """Each channel of the question with what its patches make of it."""
    channels = dict.fromkeys(channel for order in question.orders for channel in order)
    return {
        channel: patch_channel(channel, patches[channel.name], indexes.get(channel.url))
        if channel.name in patches
        else PatchedChannel(channel)
        for channel in channels
    }


def _compared(
    question: Question, done: Mapping[Channel, PatchedChannel], request: Request, tell: Tell | None
) -> Iterator[ProofCell]:
    before = replace(question, specs=request)
    after = replace(before, orders=tuple(tuple(done[one].channel for one in order) for order in question.orders))
    for old, new in zip(expose(before, tell).cells, expose(after, tell).cells, strict=True):
        yield ProofCell(
            request=request,
            client=old.client,
            priority=old.priority,
            channels=old.channels,
            subdir=old.subdir,
            as_of=old.as_of,
            outcome=outcome_of(old, new),
            before=old.status,
            after=new.status,
            shifts=tuple(shifts(old.packages, new.packages)) if old.status == new.status == "solved" else (),
            explanation=new.explanation,
        )


def outcome_of(old: Cell, new: Cell) -> Outcome:
    """What became of one cell."""
    if new.exposed:
        return "still-exposed" if old.exposed else "newly-exposed"
    if old.exposed:
        return "healed" if new.status == "solved" else "refused"
    if old.status == "unsolvable":
        return "gained" if new.status == "solved" else "unsolvable"
    if new.status == "unsolvable":
        return "lost"
    return "kept" if old.packages == new.packages else "changed"


def shifts(before: Sequence[str], after: Sequence[str]) -> Iterator[Shift]:
    """The packages that differ, by name."""
    old, new = {_parts(one)[1]: one for one in before}, {_parts(one)[1]: one for one in after}
    for name in sorted(old.keys() | new.keys()):
        one, other = old.get(name, ""), new.get(name, "")
        if one == other:
            continue
        if not one or not other:
            yield Shift(name=name, before=one, after=other, kind="removed" if one else "added")
            continue
        a, b = rattler.version(_parts(one)[2]), rattler.version(_parts(other)[2])
        if a is not None and b is not None and a != b:
            yield Shift(name=name, before=one, after=other, kind="downgraded" if b < a else "upgraded")
        else:
            same_build = _parts(one)[1:] == _parts(other)[1:]
            yield Shift(name=name, before=one, after=other, kind="moved" if same_build else "rebuilt")


def _parts(label: str) -> tuple[str, str, str, str]:
    channel, _, rest = label.rpartition("::")
    name, version, build = rest.rsplit("-", 2)
    return channel, name, version, build


def _verdict(cells: Sequence[ProofCell], unanswered: bool) -> Verdict:
    outcomes = {cell.outcome for cell in cells}
    if outcomes & FAILURES:
        return "not-proven"
    if unanswered:
        return "incomplete"
    return "proven" if outcomes & {"healed", "refused"} else "nothing-to-prove"


def _notes(cells: Sequence[ProofCell], changed: int) -> Iterator[str]:
    if not changed:
        yield "The patches change no record of these channels."
    if not {cell.outcome for cell in cells} & {"healed", "refused", "still-exposed"}:
        yield "No cell got the harmful combination before, so nothing was shown: try other --spec, --as-of or --subdir."
