"""Delivers what is due, and remembers after each delivery, so that a run that is stopped sends nothing twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from tailrace.notify.channels.feed import feed_text
from tailrace.notify.channels.interface import IssueChannel, MessageChannel
from tailrace.notify.errors import DeliveryError, NotifyError
from tailrace.notify.ledger import NotifyLedger
from tailrace.notify.model import KnownCause, NotifySettings, NotifyState, VerdictChange

T = TypeVar("T", KnownCause, VerdictChange)


@dataclass(frozen=True, slots=True)
class Channels:
    """Where things go."""

    issues: tuple[IssueChannel, ...] = ()
    messages: tuple[MessageChannel, ...] = ()


@dataclass(slots=True)
class Delivered:
    """What a run did. `failures`: one sentence for each channel that did not take something."""

    issues: int = 0
    messages: int = 0
    failures: list[str] = field(default_factory=list)


def open_channels(settings: NotifySettings, ledger: NotifyLedger, environment: Mapping[str, str]) -> Channels:
    """The channels of the settings. Raises `NotifyError` for one whose token or secret is missing."""
    from tailrace.notify.channels.github import GitHubIssues
    from tailrace.notify.channels.markdown import MarkdownIssues
    from tailrace.notify.channels.others import OtherService
    from tailrace.notify.channels.webhook import Webhook

    issues: list[IssueChannel] = []
    if settings.issues:
        issues.append(MarkdownIssues(ledger, settings.issues))
    if settings.github is not None:
        issues.append(GitHubIssues(settings.github, environment))
    messages: list[MessageChannel] = [Webhook(one, environment) for one in settings.webhooks]
    messages += [OtherService(one, environment) for one in settings.apprise]
    names = [one.name for one in messages]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise NotifyError(f"two channels have the name {twice!r}.", hint="Give each a `name` of its own.")
    return Channels(tuple(issues), tuple(messages))


def deliver(
    ledger: NotifyLedger, settings: NotifySettings, channels: Channels, fresh: Set[str] = frozenset()
) -> Delivered:
    """Brings every channel up to date with the state of the ledger. Call it with the ledger locked.

    `fresh`: the messages of this run. A receiver that is new gets these alone, and none of the time before it.
    """
    done = Delivered()
    state = ledger.state()
    for receiver in channels.messages:
        if receiver.name not in state.receivers:
            state = _introduced(state, receiver.name, fresh)
            ledger.save(state)
    for channel in channels.issues:
        state = _issues(ledger, state, channel, done)
    for receiver in channels.messages:
        state = _messages(ledger, state, receiver, done)
    if settings.feed:
        ledger.write(settings.feed, feed_text(state.messages, settings.address))
    return done


def _introduced(state: NotifyState, name: str, fresh: Set[str]) -> NotifyState:
    messages = tuple(
        m if m.id in fresh else msgspec.structs.replace(m, delivered=(*m.delivered, name)) for m in state.messages
    )
    return msgspec.structs.replace(state, messages=messages, receivers=(*state.receivers, name))


def _issues(ledger: NotifyLedger, state: NotifyState, channel: IssueChannel, done: Delivered) -> NotifyState:
    for cause in state.causes:
        if cause.delivered.get(channel.name) == cause.revision:
            continue
        try:
            place = channel.show(cause, cause.places.get(channel.name, ""))
        except DeliveryError as error:
            done.failures.append(str(error))
            return state  # the others are due to the same channel, and wait with this one
        done.issues += 1
        shown = msgspec.structs.replace(
            cause,
            places={**cause.places, channel.name: place} if place else cause.places,
            delivered={**cause.delivered, channel.name: cause.revision},
        )
        state = _with_cause(state, shown)
        ledger.save(state)
    return state


def _messages(ledger: NotifyLedger, state: NotifyState, channel: MessageChannel, done: Delivered) -> NotifyState:
    for message in state.messages:
        if channel.name in message.delivered:
            continue
        try:
            channel.send(message)
        except DeliveryError as error:
            done.failures.append(str(error))
            return state
        done.messages += 1
        sent = msgspec.structs.replace(message, delivered=(*message.delivered, channel.name))
        state = _with_message(state, sent)
        ledger.save(state)
    return state


def _with_cause(state: NotifyState, cause: KnownCause) -> NotifyState:
    return msgspec.structs.replace(state, causes=_replaced(state.causes, cause))


def _with_message(state: NotifyState, message: VerdictChange) -> NotifyState:
    return msgspec.structs.replace(state, messages=_replaced(state.messages, message))


def _replaced(items: Iterable[T], one: T) -> tuple[T, ...]:
    return tuple(one if item.id == one.id else item for item in items)
