"""From specs, channels and a harmful combination to an exposure report: what lies between user input and the grid."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import msgspec

from tailrace.conda.errors import ChannelError
from tailrace.conda.records import Channel
from tailrace.conda.specs import Spec, parse_spec
from tailrace.conda.timestamps import parse_moment
from tailrace.exposure.grid import ExposureReport, Question, Tell, expose
from tailrace.exposure.harmful import HarmfulCombination
from tailrace.exposure.known_names import leaves, notes_on_versions, refuse_unknown_names
from tailrace.exposure.timeline import follow
from tailrace.solvers import CLIENT_MODELS, FAMILIES, Client

MOST_ORDERED = 4


class QuestionError(ChannelError):
    """The parts of a question contradict each other, or one of them is missing."""


def answer_question(
    question: Question,
    *,
    span: tuple[int, int] | None = None,
    suspected: Sequence[Spec] = (),
    tell: Tell | None = None,
) -> ExposureReport:
    """Who gets what: a cell for each moment of the question, or each configuration's course over `span`.

    `span`: begin and end in ms since the epoch UTC, both included. `suspected`: specs of the harmful combination that
    a person wrote, so that a mistyped name is refused rather than found harmless. `tell` is called for each answer.
    Raises UnknownPackageError for names that no channel has, and what the solvers raise.
    """
    named = tuple(parse_spec(text) for text in question.specs)
    installed = {one.record.name for one in question.installed}
    channels = tuple(dict.fromkeys(channel for order in question.orders for channel in order))
    refuse_unknown_names((*named, *suspected), channels, installed)
    report = expose(question, tell) if span is None else follow(question, *span, tell)
    notes = notes_on_versions((spec for spec in (*named, *suspected) if spec.name not in installed), channels)
    return msgspec.structs.replace(report, notes=(*report.notes, *notes)) if notes else report


def suspected_specs(broken: HarmfulCombination | None, *, from_reports: bool) -> tuple[Spec, ...]:
    """The specs of a harmful combination whose names must exist: none of one that check reports show."""
    return () if broken is None or from_reports else tuple(leaves(broken))


def parse_moments(days: Sequence[str]) -> tuple[int | None, ...]:
    """Days or moments as ms since the epoch UTC, each once; `None`, which is now, when there are none."""
    return tuple(dict.fromkeys(parse_moment(day) for day in days)) or (None,)


def parse_span(since: str | None, until: str | None, days: Sequence[str]) -> tuple[int, int] | None:
    """The time from `since` to `until` in ms since the epoch UTC; `None` when neither is given."""
    if since is None and until is None:
        return None
    if since is None or until is None:
        raise QuestionError("--since and --until belong together.")
    if days:
        raise QuestionError("--as-of looks at single days, --since and --until at all between: give one or the other.")
    begin, end = parse_moment(since, start=True), parse_moment(until)
    if begin >= end:
        raise QuestionError("--since must lie before --until.")
    return begin, end


def channel_orders(channels: Sequence[Channel], *, every: bool) -> tuple[tuple[Channel, ...], ...]:
    """The channel lists to look at: the given one, or every order of it (of up to four channels)."""
    if every and len(channels) > MOST_ORDERED:
        raise QuestionError("--every-order looks at up to four channels: more have too many orders.")
    return tuple(permutations(channels)) if every else (tuple(channels),)


def clients_asked(named: Sequence[str], prefixes: Sequence[Path] = ()) -> tuple[Client, ...]:
    """The clients named. When none is named: one of each family for a new environment; for an existing one in
    `prefixes` all that would change it.
    """
    if named:
        return tuple(named)
    if not prefixes:
        return FAMILIES
    return tuple(
        name for name, model in CLIENT_MODELS.items() if model.changes is None or any(map(model.changes, prefixes))
    )
