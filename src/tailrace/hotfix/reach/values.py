"""What `hotfix reach` says. Values only."""

from __future__ import annotations

from typing import Literal

import msgspec

from tailrace.hotfix.reach.clients import Kind, TrustFact
from tailrace.outcome import CommandOutcome, HasOutcome
from tailrace.solvers import Client, Priority, Status


class Miss(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One place that the hotfix does not reach. `where`: file or folder; `package`: `name-version-build`.

    `lacks`: entries of the patched record that the old one there has not; `has`: what it has instead. `trusted_by`: the
    clients that act on it.
    """

    kind: Kind
    where: str
    package: str
    lacks: tuple[str, ...] = ()
    has: tuple[str, ...] = ()
    trusted_by: tuple[str, ...] = ()


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """What one client does to the environment when asked for `request`, by its own records and by the channel's."""

    request: tuple[str, ...]
    client: Client
    priority: Priority
    status: Status
    exposed: bool | None
    status_if_fresh: Status
    exposed_if_fresh: bool | None
    packages: tuple[str, ...] = ()

    @property
    def hurt(self) -> bool:
        """Whether the update leads to the harmful combination."""
        return bool(self.exposed)

    @property
    def by_old_records(self) -> bool:
        """Whether it does so only because of old records."""
        return self.hurt and not self.exposed_if_fresh


class PrefixFindings(msgspec.Struct, frozen=True, kw_only=True):
    """One environment. `harmful_now`: it holds the combination already. `repair`: commands, in order."""

    prefix: str
    packages: int
    unknown: int
    harmful_now: bool | None
    updates: tuple[Update, ...] = ()
    repair: tuple[str, ...] = ()

    @property
    def would_be_hurt(self) -> bool:
        """Whether some client's next update leads to the harmful combination."""
        return any(update.hurt for update in self.updates)


class ReachReport(HasOutcome, msgspec.Struct, frozen=True, kw_only=True):
    """Whom patches do not reach, with what would repair each of them.

    `looked_at`: what was read; `not_checked`: what could not be, with the reason.
    """

    schema: Literal["tailrace.hotfix-reach/1"] = "tailrace.hotfix-reach/1"
    status: Literal["reached", "missed", "incomplete"]
    broken: str | None
    misses: tuple[Miss, ...]
    environments: tuple[PrefixFindings, ...]
    clients: tuple[TrustFact, ...]
    looked_at: tuple[str, ...]
    not_checked: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def outcome(self) -> CommandOutcome:
        """How the command ends."""
        return _OUTCOMES[self.status]


_OUTCOMES = {
    "reached": CommandOutcome.CLEAR,
    "missed": CommandOutcome.BREAKS,
    "incomplete": CommandOutcome.INCOMPLETE,
}
