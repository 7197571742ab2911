"""What a channel or an index offers, as far as one release is concerned (`tailrace.channel-state/1`). Values only."""

from __future__ import annotations

from typing import Literal

import msgspec

from tailrace.gate.evidence import SubjectText
from tailrace.gate.names import same_name, same_version


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """One file that can be installed. `since`: when it appeared, ISO 8601 UTC, null where that is not known.
    `requires`: its requirements on the subject as they are served, hotfixes applied. `admits`: whether they let the
    subject in; null where that could not be decided.
    """

    name: str
    version: str
    build: str = ""
    build_number: int = 0
    subdir: str = ""
    sha256: str | None = None
    since: str | None = None
    requires: tuple[str, ...] = ()
    admits: bool | None = None


class ChannelState(msgspec.Struct, frozen=True, kw_only=True):
    """The files of the subject's own package, of its downstreams and of the packages that go out with it.

    `channel`: the target, `CHANNEL/LABEL`. `as_of`: ISO 8601, UTC. `complete`: the whole index could be read.
    """

    schema: Literal["tailrace.channel-state/1"] = "tailrace.channel-state/1"
    channel: str
    subject: SubjectText
    as_of: str
    complete: bool = True
    offered: tuple[Offered, ...] = ()

    def of(self, name: str, version: str | None = None) -> tuple[Offered, ...]:
        """The files of one package, or of one release."""
        return tuple(
            one
            for one in self.offered
            if same_name(one.name, name) and (version is None or same_version(one.version, version))
        )
