"""Updates what is known with a report, and makes a message where a verdict changed. A pure function."""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec

from tailrace.notify.model import KnownCause, KnownScope, NotifyState, Reading, SeenCause, VerdictChange

#: So many messages are remembered, for the feed.
KEPT = 200
_NAMED = 10


class CauseChange(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to one cause."""

    change: Literal["opened", "opened-again", "changed", "closed"]
    cause: KnownCause


class NotifyChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What a run changed. `messages`: what people are told, oldest first. `failures`: what a channel did not take."""

    schema: Literal["tailrace.notify-changes/1"] = "tailrace.notify-changes/1"
    messages: tuple[VerdictChange, ...] = ()
    causes: tuple[CauseChange, ...] = ()
    failures: tuple[str, ...] = ()


def changes_between(before: NotifyState, after: NotifyState, failures: tuple[str, ...] = ()) -> NotifyChanges:
    """What is new in the second state."""
    known = {cause.id: cause for cause in before.causes}
    sent = {message.id for message in before.messages}
    causes = []
    for cause in after.causes:
        earlier = known.get(cause.id)
        if earlier is None or earlier.state != cause.state:
            if cause.state == "closed":
                causes.append(CauseChange(change="closed", cause=cause))
            else:
                causes.append(CauseChange(change="opened" if earlier is None else "opened-again", cause=cause))
        elif earlier.revision != cause.revision:
            causes.append(CauseChange(change="changed", cause=cause))
    messages = tuple(message for message in after.messages if message.id not in sent)
    return NotifyChanges(messages=messages, causes=tuple(causes), failures=failures)


def apply_reading(state: NotifyState, reading: Reading) -> NotifyState:
    """The state after a report. One that is older than what is known of its scope changes nothing."""
    scopes = {(one.kind, one.scope): one for one in state.scopes}
    known = scopes.get((reading.kind, reading.scope))
    if known is not None and reading.at < known.at:
        return state
    causes = {cause.id: cause for cause in state.causes}
    opened, closed = [], []
    for seen in reading.causes:
        before = causes.get(seen.id)
        causes[seen.id] = _seen(before, seen, reading)
        if before is None or before.state == "closed":
            opened.append(causes[seen.id])
    current = {seen.id for seen in reading.causes}
    for cause in list(causes.values()):
        mine = (cause.kind, cause.scope) == (reading.kind, reading.scope)
        if mine and cause.state == "open" and cause.id not in current and reading.complete:
            gone = msgspec.structs.replace(cause, state="closed", closed_at=reading.at, changed_at=reading.at)
            causes[cause.id] = _revised(gone)
            closed.append(causes[cause.id])
    changed = known is None or known.verdict != reading.verdict
    scopes[reading.kind, reading.scope] = KnownScope(
        kind=reading.kind,
        scope=reading.scope,
        verdict=reading.verdict,
        is_good=reading.is_good,
        since=reading.at if known is None or changed else known.since,
        at=reading.at,
    )
    messages = state.messages
    # What begins well is no news.
    if changed and not (known is None and reading.is_good):
        messages = (*messages, _message(reading, known, opened, closed, list(causes.values())))[-KEPT:]
    return NotifyState(
        scopes=tuple(scopes[key] for key in sorted(scopes)),
        causes=tuple(causes[id] for id in sorted(causes)),
        messages=messages,
        receivers=state.receivers,
    )


def _seen(before: KnownCause | None, seen: SeenCause, reading: Reading) -> KnownCause:
    if before is None:
        return _revised(
            KnownCause(
                id=seen.id,
                kind=reading.kind,
                scope=reading.scope,
                title=seen.title,
                text=seen.text,
                items=seen.items,
                lines=seen.lines,
                owner=seen.owner,
                opened_at=reading.at,
                changed_at=reading.at,
            )
        )
    again = before.state == "closed"
    after = msgspec.structs.replace(
        before,
        title=seen.title,
        text=seen.text,
        items=seen.items,
        lines=seen.lines,
        owner=seen.owner,
        state="open",
        closed_at="",
        times_opened=before.times_opened + again,
        opened_at=reading.at if again else before.opened_at,
    )
    after = _revised(after)
    return after if after.revision == before.revision else msgspec.structs.replace(after, changed_at=reading.at)


def _revised(cause: KnownCause) -> KnownCause:
    parts = (cause.title, cause.text, *cause.items, "", *cause.lines, "", cause.owner, cause.state)
    parts = (*parts, str(cause.times_opened))
    return msgspec.structs.replace(cause, revision=_digest(*parts))


def _message(
    reading: Reading,
    known: KnownScope | None,
    opened: list[KnownCause],
    closed: list[KnownCause],
    causes: list[KnownCause],
) -> VerdictChange:
    before = known.verdict if known is not None else ""
    still = [c for c in causes if (c.kind, c.scope) == (reading.kind, reading.scope) and c.state == "open"]
    lines = [f"{reading.kind} {reading.scope}: {before or 'nothing was known'} → {reading.verdict}"]
    lines += [reading.summary] if reading.summary else []
    lines += [f"new: {cause.title}" for cause in opened[:_NAMED]]
    lines += [f"gone: {cause.title}" for cause in closed[:_NAMED]]
    rest = [cause for cause in still if cause not in opened]
    lines += [f"still: {cause.title}" for cause in rest[:_NAMED]]
    return VerdictChange(
        id=_digest(reading.kind, reading.scope, before, reading.verdict, reading.at),
        kind=reading.kind,
        scope=reading.scope,
        at=reading.at,
        before=before,
        after=reading.verdict,
        is_good=reading.is_good,
        title=f"{reading.scope}: {reading.verdict}" + (f" (was {before})" if before else ""),
        body="\n".join(lines),
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
