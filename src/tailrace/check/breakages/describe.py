"""Makes the finding that a reader gets from a break and its context: message, witness, fix, fingerprint."""

from __future__ import annotations

import hashlib

from tailrace.check.breakage import Breakage
from tailrace.check.guards.context import Context
from tailrace.model import CauseSite, Change, Deprecation, Finding, Release
from tailrace.python.modules import is_test_file
from tailrace.rules import Break, get_rule


def to_break(hit: Breakage, candidate: Release, baseline: Release) -> Break:
    """The hit as the rules speak of it."""
    return Break(
        rule=hit.rule,
        symbol=hit.symbol,
        module=hit.module,
        name=hit.name,
        how=hit.how,
        upstream=candidate.name,
        candidate_version=candidate.version,
        baseline_version=baseline.version,
        detail=hit.detail,
        facts=hit.facts,
        used=hit.used,
    )


def describe(
    hit: Breakage,
    context: Context,
    *,
    candidate: Release,
    baseline: Release,
    downstream: str,
    source: str,
    inside: str,
    import_breaks: tuple[str, ...],
    fix: str | None,
    in_tests: bool = False,
) -> Finding:
    """The finding for one hit. `in_tests`: it stands in code that is a test, though its path does not say so."""
    rule = get_rule(hit.rule)
    spoken = to_break(hit, candidate, baseline)
    confidence = "possible" if context.doubtful else hit.confidence
    # What stands in metadata, or in a call that builds a command line, does not run when the module is imported.
    scope = hit.use.scope if hit.use is not None else "function"
    return Finding(
        rule=hit.rule,
        confidence=confidence,
        severity="note" if context.guard is not None else hit.severity or rule.severity,
        symbol=hit.symbol,
        used=hit.used,
        file=hit.file,
        line=hit.line,
        column=hit.column,
        source=source.strip()[:400],
        scope=scope,
        inside=inside,
        guard=context.guard,
        condition=context.condition,
        condition_met=context.condition_met,
        only_in_tests=in_tests or is_test_file(hit.file),
        platforms=context.platforms,
        pythons=context.pythons,
        import_breaks=import_breaks,
        message=rule.message(spoken),
        cause=CauseSite(file=hit.cause_file, line=hit.cause_line, in_candidate=hit.cause_in_candidate)
        if hit.cause_file is not None
        else None,
        witness=rule.witness(spoken),
        fix=(fix or None) if rule.severity != "note" else None,  # what works as before needs no bound
        fingerprint=fingerprint(hit, downstream, source, inside),
    )


def fingerprint(hit: Breakage, downstream: str, source: str, inside: str) -> str:
    """16 hex digits that stay the same when unrelated lines move."""
    parts = (hit.rule, hit.path, downstream, hit.file, inside, " ".join(source.split()))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def change_of(hit: Breakage, deprecation: Deprecation | None) -> Change:
    """The change in the upstream's surface that a hit names."""
    return Change(
        rule=hit.rule,
        symbol=hit.symbol,
        file=hit.cause_file,
        line=hit.cause_line,
        detail=hit.detail,
        in_candidate=hit.cause_in_candidate,
        deprecated_in=deprecation.since if deprecation is not None else None,
        deprecation=deprecation,
    )
