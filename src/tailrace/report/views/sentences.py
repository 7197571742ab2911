"""The sentences that every format uses for the values of a report."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Literal

from tailrace.model import CauseSite, Change, CheckReport, DownstreamReport, Finding, Release, Severity, Status
from tailrace.model.foreign import is_lower
from tailrace.model.inert import cut, prose, visible

_MOST_NAMED = 6
# Only where something was taken away does it matter whether that was announced.
_REMOVALS = frozenset(
    {
        "module-removed",
        "name-removed",
        "attribute-removed",
        "parameter-removed",
        "option-removed",
        "entry-point-removed",
    }
)


def plural(number: int, one: str, many: str | None = None) -> str:
    """`1 file`, `2 files`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(items: Sequence[str], most: int = _MOST_NAMED) -> str:
    """`a, b, c and 4 more`."""
    shown = ", ".join(items[:most])
    return shown if len(items) <= most else f"{shown} and {len(items) - most} more"


def release_title(release: Release) -> str:
    """`MarkupSafe 2.1.0`: the name as the spec spells it, where that is the same name."""
    return f"{release_name(release)} {prose(release.version)}".strip()


def release_name(release: Release) -> str:
    """The name as the spec spells it (`MarkupSafe==2.1.0`), else as it is normalised."""
    from packaging.utils import canonicalize_name

    spelled = re.match(r"(?:.*::|pypi:)?\s*([A-Za-z0-9][A-Za-z0-9._-]*)", release.spec)
    if spelled and canonicalize_name(spelled.group(1)) == canonicalize_name(release.name):
        return spelled.group(1)
    return prose(release.name) or "the candidate"


def headline(report: CheckReport) -> str:
    """What follows the verdict: `MarkupSafe 2.1.0 breaks 1 of 3 downstreams (baseline 2.0.1)`."""
    counts = report.counts
    who = release_title(report.candidate)
    total = plural(counts.downstreams, "downstream")
    open_uses = sum(d.uses.undecided_changed for d in report.downstreams if d.status == "clear")
    extra = [
        f"{counts.contained} contained" if counts.contained and report.verdict != "contained" else "",
        f"{counts.possible} possible" if counts.possible else "",
        f"{counts.not_checked} not checked" if counts.not_checked and report.verdict != "incomplete" else "",
        f"{plural(open_uses, 'use')} of changed names undecided" if open_uses else "",
    ]
    extra.append(usage(report))
    match report.verdict:
        case _ if not counts.downstreams:
            said = f"{who}: there was no downstream to check"
        case "breaks":
            said = f"{who} breaks {counts.breaks} of {total}"
        case "contained":
            said = f"{who} would break {counts.contained} of {total}, whose own requirements keep it out"
        case "clear":
            said = f"{who} breaks none of {total}"
        case "incomplete":
            said = f"{who}: {counts.not_checked} of {total} could not be checked"
    baseline = prose(report.baseline.version)
    if is_lower(report.candidate.version, report.baseline.version):
        baseline += ", which is newer"
    return f"{', '.join([said, *filter(None, extra)])} (baseline {baseline})"


def usage(report: CheckReport) -> str:
    """`2 of 3 use it`, of the downstreams that were read; empty where all of them do."""
    read = [d for d in report.downstreams if d.status != "not-checked" and d.files.total]
    using = sum(bool(d.files.mentioning or d.findings) for d in read)
    if using == len(read):
        return ""
    return f"{using or 'none'} of {len(read)} {'uses' if using <= 1 else 'use'} it"


def requirement(d: DownstreamReport, candidate_version: str) -> str:
    """What the downstream itself says about the upstream, and whether that lets the candidate in."""
    if d.requirement is None:
        # Of what could not be opened nothing is known, so nothing is said.
        if d.status == "not-checked":
            return ""
        return f"states no requirement of its own, so it takes {candidate_version}"
    verb = "admits" if d.admits_candidate else "does not admit"
    return f"requires {prose(d.requirement)}, which {verb} {candidate_version}"


def files(d: DownstreamReport, shown: Sequence[Finding]) -> str:
    """`24 files, 3 name the upstream`; what is guarded, allowed or unreadable is counted with it."""
    counts = d.files
    if d.status == "not-checked" and not counts.total:
        return ""
    said = [plural(counts.total, "file")]
    if counts.mentioning or counts.read:
        verb = "name" if counts.mentioning > 1 else "names"
        said.append(f"{f'{counts.mentioning:,}' if counts.mentioning else 'none'} {verb} the upstream")
    if counts.unreadable:
        said.append(f"{counts.unreadable:,} could not be read")
    guarded = sum(f.guard is not None for f in shown)
    if guarded:
        said.append(plural(guarded, "guarded use"))
    if d.uses.undecided:
        said.append(f"{d.uses.undecided:,} of {plural(d.uses.total, 'use')} undecided")
    return ", ".join(said)


def state(d: DownstreamReport) -> str:
    """The status, and for a clear downstream what the word does not cover."""
    changed = d.uses.undecided_changed
    if d.status != "clear" or not changed:
        return d.status
    return f"clear, {plural(changed, 'use')} of changed names undecided"


def undecided(d: DownstreamReport) -> str:
    """How many uses could not be decided, and why; empty when all could."""
    uses, why = d.uses, d.uses.reasons
    if not uses.undecided:
        return ""
    reasons = (
        (why.dynamic, "of names made at run time"),
        (why.unparsable, "of modules that cannot be parsed"),
        (why.no_stub, "of compiled modules without a stub"),
        (why.type_unknown, "on values of unknown type"),
    )
    named = ", ".join(f"{number:,} {what}" for number, what in reasons if number)
    changed = f"; {uses.undecided_changed:,} of them name something that changed" if uses.undecided_changed else ""
    return (
        f"{uses.undecided:,} of {plural(uses.total, 'use')} that were looked at could not be decided: {named}{changed}"
    )


def level(status: Status, f: Finding) -> Severity:
    """`error` for a break that reaches users, `warning` for one that is contained or only hits tests, else `note`."""
    if f.severity != "error" or f.allowed is not None or f.guard is not None or f.condition_met is False or f.refuted:
        return f.severity if f.severity != "error" else "note"
    if f.confidence == "possible":
        return "note"
    return "error" if f.counts_as_break and status == "breaks" else "warning"


def suppression(f: Finding) -> tuple[Literal["allowed", "guarded", "refuted"] | None, str]:
    """Whether and why a finding is silent."""
    if f.allowed is not None:
        return "allowed", prose(f.allowed) or "no reason was given"
    if f.guard is not None:
        return "guarded", f"guarded by {prose(f.guard)}"
    if f.refuted:
        reason = f.verification.reason if f.verification else None
        return "refuted", f"refuted by running it: {prose(reason or 'no reason was given')}"
    return None, ""


def marks(f: Finding) -> tuple[str, ...]:
    """Clauses on where and when the line runs, and on what takes the edge off it."""
    inside = prose(f.inside)
    # What stands in metadata runs nowhere.
    said = ["at import time"] if f.scope == "import" else [f"inside {inside}"] if inside else []
    if f.platforms:
        said.append(f"only on {listed([prose(p) for p in f.platforms])}")
    if f.condition is not None:
        met = {True: "a supported interpreter meets this", False: "no supported interpreter meets this"}
        decided = met[f.condition_met] if f.condition_met is not None else "whether this can be met was not decided"
        said.append(f"only if {prose(f.condition.removeprefix('only when '), 200)} ({decided})")
    if f.only_in_tests:
        said.append("only in tests")
    if f.guard is not None:
        said.append(f"guarded by {prose(f.guard, 200)}")
    if f.allowed is not None:
        said.append(f"allowed: {prose(f.allowed) or 'no reason was given'}")
    return tuple(said)


def loads(import_breaks: Sequence[str]) -> str:
    """`no longer loads: jinja2, jinja2.filters`, or nothing."""
    if not import_breaks:
        return ""
    modules = {name for name in import_breaks if ":" not in name}
    named = []
    for name in import_breaks:
        kind, _, rest = name.partition(":")
        if kind == "script":
            named.append(f"the command {prose(rest)}")
        elif kind == "entry-point":
            named.append(f"the plug-in {prose(rest)}")
        elif not any(name.startswith(f"{other}.") for other in modules):
            # A package that does not load takes its modules with it: they are counted, not listed.
            inside = sum(other.startswith(f"{name}.") for other in modules)
            named.append(prose(name) + (f" ({plural(inside, 'module')} in it)" if inside else ""))
    return f"no longer load{'s' if len(named) == 1 else ''}: {listed(named)}"


def witness(f: Finding) -> tuple[str, ...]:
    """The lines of the smallest program that shows the break."""
    lines = (f.witness or "").splitlines()[:8]
    return tuple(cut(visible(line).rstrip(), 300) for line in lines if line.strip())


def fingerprint(d: DownstreamReport, f: Finding) -> str:
    """The finding's own fingerprint; without one, a hash over what names it, so that tools can still follow it."""
    if re.fullmatch(r"[0-9a-f]{16}", f.fingerprint):
        return f.fingerprint
    parts = "\0".join((d.name, f.rule, f.symbol, f.file, f.inside, f.source.strip()))
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:16]


class Causes:
    """The changes of a report, asked for by finding."""

    def __init__(self, report: CheckReport) -> None:
        self._changes: dict[tuple[str, str], Change] = {}
        for change in report.changes:
            self._changes.setdefault((change.rule, change.symbol), change)
        self._baseline = prose(report.baseline.version)
        self.candidate_version = prose(report.candidate.version)

    def place(self, f: Finding) -> CauseSite | None:
        """Where the cause stood, from the finding or else from the change it names."""
        if f.cause is not None:
            return f.cause
        change = self._changes.get((f.rule, f.symbol))
        if change is None or change.file is None:
            return None
        return CauseSite(file=change.file, line=change.line, in_candidate=change.in_candidate)

    def sentence(self, f: Finding) -> str:
        """`markupsafe/__init__.py:288 in 2.0.1, deprecated since 2.0`; empty when nothing is known."""
        place = self.place(f)
        said = []
        if place is not None and place.file is not None:
            line = f":{place.line}" if place.line else ""
            release = self.candidate_version if place.in_candidate else self._baseline
            said.append(f"{prose(place.file)}{line} in {release}")
        change = self._changes.get((f.rule, f.symbol))
        if change is not None:
            said += filter(None, [deprecated(change)])
        return ", ".join(said)


def deprecated(change: Change) -> str:
    """What is known of a deprecation: `deprecated since 2.0`, `no deprecation mark found`, or nothing."""
    mark = change.deprecation
    since = change.deprecated_in or (mark.since if mark else None)
    removed = f", removal announced for {prose(mark.removed_in)}" if mark and mark.removed_in else ""
    if since:
        return f"deprecated since {prose(since)}{removed}"
    if mark is not None:
        return f"marked as deprecated{removed}"
    return "no deprecation mark found" if change.rule in _REMOVALS else ""
