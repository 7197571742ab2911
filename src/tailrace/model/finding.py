"""A finding: one place in a downstream, and the change in the upstream that breaks it."""

from __future__ import annotations

from typing import Literal

import msgspec

from tailrace.model.verification import Observation

Confidence = Literal["certain", "likely", "possible"]
Severity = Literal["error", "warning", "note"]
Scope = Literal["import", "function"]


class CauseSite(msgspec.Struct, frozen=True, kw_only=True):
    """Where the cause stood in the baseline (or stands in the candidate, for an addition). Lines are 1-based."""

    file: str | None = None
    line: int | None = None
    in_candidate: bool = False


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One broken use. The report format is `tailrace.check/1`; fields are only ever added.

    `symbol`: of the change in the upstream that causes it (see `Change.symbol`). `used`: the upstream path that the
    downstream uses, where it is another one: `up.legacy.A`, gone with the module `up.legacy`. `file`: relative to the
    downstream's artifact, POSIX. `line`, `column`: 1-based. `scope`: `import` when the line runs at import time, else
    `function`. `inside`: dotted name of the innermost module, class or function around the line. `guard`: text of the
    guard that really catches the failure, `None` when unguarded. `condition`: text of a test that must hold for the
    line to run (`sys.version_info < (3, 8)`), with `condition_met`: whether a supported interpreter or platform can
    meet it (`None`: not decided). `platforms`: `sys.platform` values the line is limited to, empty for all. `pythons`:
    the series of Python (`3.7`) that run the line, empty for all.
    `import_breaks`: modules, console scripts (`script:NAME`) and plug-ins (`entry-point:GROUP:NAME`) of the
    downstream that no longer load. `witness`: the smallest program that shows it. `fix`: the requirement that
    contains it. `fingerprint`: 16 hex digits, stable when unrelated lines move. `allowed`: the reason given in the
    allow-list. `verification`: what running it showed, `None` where it was not asked for.
    """

    rule: str
    confidence: Confidence
    severity: Severity
    symbol: str
    used: str = ""
    file: str
    line: int
    column: int = 1
    source: str = ""
    scope: Scope = "import"
    inside: str = ""
    guard: str | None = None
    condition: str | None = None
    condition_met: bool | None = None
    only_in_tests: bool = False
    platforms: tuple[str, ...] = ()
    pythons: tuple[str, ...] = ()
    import_breaks: tuple[str, ...] = ()
    message: str = ""
    cause: CauseSite | None = None
    witness: str | None = None
    fix: str | None = None
    fingerprint: str = ""
    allowed: str | None = None
    verification: Observation | None = None

    @property
    def refuted(self) -> bool:
        """True where running it showed that it does not fail."""
        return self.verification is not None and self.verification.outcome == "refuted"

    @property
    def counts_as_break(self) -> bool:
        """True for an unguarded, not allowed, not refuted `certain` or `likely` error outside tests that a supported
        interpreter can reach."""
        return (
            self.severity == "error"
            and self.confidence != "possible"
            and self.guard is None
            and self.allowed is None
            and not self.only_in_tests
            and self.condition_met is not False
            and not self.refuted
        )
