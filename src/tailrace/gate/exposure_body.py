"""As much of an exposure report and of a hotfix proof as the gate looks at. Values only; no solver is imported."""

from __future__ import annotations

import msgspec


class CellBody(msgspec.Struct, frozen=True, kw_only=True):
    """One configuration: whether it gets the harmful combination, and its packages (`channel::name-version-build`)."""

    exposed: bool | None = None
    packages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


class ExposureBody(msgspec.Struct, frozen=True, kw_only=True):
    """The cells of the grid."""

    cells: tuple[CellBody, ...] = ()


class ProofBody(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict of a hotfix proof: `proven`, `not-proven`, `nothing-to-prove` or `incomplete`."""

    verdict: str = ""
