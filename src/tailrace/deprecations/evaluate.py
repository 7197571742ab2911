"""Makes the deprecation report of two releases, or of one that is about to be tagged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from packaging.version import Version

from tailrace.changes.diff import load_or_diff
from tailrace.deprecations.errors import DeprecationPolicyError
from tailrace.deprecations.identity import Announced, match_marks
from tailrace.deprecations.model import (
    RULE_IDS,
    AnnouncedRemoval,
    DeprecationFinding,
    DeprecationReport,
    DeprecationRule,
    MarkCounts,
    Moved,
    NotJudged,
    UsedBy,
)
from tailrace.deprecations.own_use import find_own_uses
from tailrace.deprecations.profiles import WindowPolicy
from tailrace.deprecations.public import PublicNames
from tailrace.deprecations.release_marks import MarkedRelease, read_release_marks
from tailrace.deprecations.removals import Removal, find_removals
from tailrace.deprecations.replacements import replacement_fault
from tailrace.deprecations.versions import read_version
from tailrace.deprecations.windows import Fault, is_overdue, overdue_fault, removal_fault, window_faults
from tailrace.model import Artifact, CheckReport
from tailrace.model.report import Tool
from tailrace.python.marks import DeprecationMark
from tailrace.python.removal_comments import BY

_ORDER = {rule: number for number, rule in enumerate(RULE_IDS)}
Uses = dict[str, tuple[UsedBy, ...]]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `cutting`: the version that the candidate is to have, where it is not the one that it says.

    `checked`: a check of the same two releases against downstreams, `None` where none was named. `cache_dir`: where
    comparisons are kept, `None` for nowhere.
    """

    profile: WindowPolicy
    public: PublicNames
    cutting: str | None = None
    checked: CheckReport | None = None
    cache_dir: Path | None = None


def judge_pair(baseline: Artifact, candidate: Artifact, question: Question) -> DeprecationReport:
    """What of the candidate departs from the policy, compared with the release before it."""
    before, after = read_release_marks(baseline), read_release_marks(candidate)
    question.public.refuse_unfit(before.surface, after.surface)
    changes = load_or_diff(baseline, candidate, question.cache_dir, (before.surface, after.surface)).changes
    judged = _Judged(after, question)
    removals, _ = find_removals(changes, before, after, question.public)
    uses = _uses(question.checked)
    # `**kwargs` that is gone takes nothing away by name: it counts where a downstream gave it something.
    removals = [one for one in removals if "(**" not in one.change.symbol or uses.get(one.change.symbol)]
    for removal in removals:
        judged.removal(removal, uses.get(removal.change.symbol, ()))
    public_before = judged.public_marks(before)
    announced, new = match_marks(before.marks, after.marks)
    public_new = [mark for mark in new if judged.is_public(after, mark)]
    judged.windows(public_new, uses)
    judged.brought_forward([a for a in announced if judged.is_public(after, a.mark)])
    judged.standing()
    judged.unread((*before.unread, *after.unread))
    judged.unchecked(question.checked)
    counts = MarkCounts(
        baseline=len(public_before),
        candidate=len(judged.public_marks(after)),
        new=len(public_new),
        removals=len(removals),
        announced=sum(r.mark is not None for r in removals),
    )
    return judged.report(baseline, counts)


def judge_tree(candidate: Artifact, question: Question) -> DeprecationReport:
    """What a tree still has that the version which is to be cut from it must not have."""
    after = read_release_marks(candidate)
    question.public.refuse_unfit(after.surface)
    judged = _Judged(after, question)
    judged.standing()
    judged.unread(after.unread)
    number = len(judged.public_marks(after))
    counts = MarkCounts(baseline=0, candidate=number, new=0, removals=0, announced=0)
    return judged.report(None, counts)


class _Judged:
    """The findings so far."""

    def __init__(self, release: MarkedRelease, question: Question) -> None:
        self.release = release
        self.question = question
        self.profile = question.profile
        own = release.surface.artifact.release.version
        self.version_text = question.cutting or own
        version = read_version(self.version_text)
        if version is None and question.cutting is not None:
            raise DeprecationPolicyError(f"{question.cutting!r} is not a version.", hint="Write one such as 24.9.0.")
        self.version: Version | None = version if self.version_text != "0+unknown" else None
        self.findings: list[DeprecationFinding] = []
        self.moved: list[Moved] = []
        self.announced: list[AnnouncedRemoval] = []
        self.open: list[NotJudged] = []
        if self.version is None:
            reason = f"the candidate's version, {self.version_text}, says nothing; --cutting VERSION gives it one"
            self.open.append(NotJudged(what="whether removals are due", reason=reason, hides_a_stop=True))

    def is_public(self, release: MarkedRelease, mark: DeprecationMark) -> bool:
        """Whether a mark is on something public; options and topics are users' to see."""
        if mark.kind in {"option", "topic"}:
            return True
        return self.question.public.is_public(release.resolver, mark.symbol)

    def public_marks(self, release: MarkedRelease) -> list[DeprecationMark]:
        """The marks that concern users."""
        return [mark for mark in release.marks if self.is_public(release, mark)]

    def add(
        self,
        rule: DeprecationRule,
        symbol: str,
        message: str,
        *,
        mark: DeprecationMark | None = None,
        place: tuple[str | None, int | None] | None = None,
        in_candidate: bool = True,
        used_by: tuple[UsedBy, ...] = (),
    ) -> None:
        """Note one finding, with the severity that the profile gives its rule."""
        file, line = place if place is not None else (mark.file, mark.line) if mark is not None else (None, None)
        said = mark.deprecation if mark is not None else None
        finding = DeprecationFinding(
            rule=rule,
            severity="error" if self._stops(rule, mark, used_by) else "note",
            symbol=symbol,
            file=file or None,
            line=line if file else None,
            in_candidate=in_candidate,
            used_by=used_by,
            announced_in=said.since if said is not None else None,
            remove_in=said.removed_in if said is not None else None,
            message=message,
        )
        names = sorted({use.name for use in used_by})
        key = (rule, symbol, finding.announced_in or "", finding.remove_in or "", *names)
        fingerprint = hashlib.sha256("\0".join(key).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        self.findings.append(msgspec.structs.replace(finding, fingerprint=fingerprint))

    def _stops(self, rule: DeprecationRule, mark: DeprecationMark | None, used_by: Iterable[UsedBy]) -> bool:
        match self.profile.severities.get(rule, "note"):
            case "stop":
                return True
            case "stop-if-used":
                return any(use.breaks for use in used_by)
            case "stop-if-raises":
                return mark is not None and mark.raises
            case _:
                return False

    # -- rules -----------------------------------------------------------------------------------------------------

    def removal(self, removal: Removal, used_by: tuple[UsedBy, ...]) -> None:
        """`removed-unannounced`, `removed-early`, and announced too shortly before."""
        change, mark = removal.change, removal.mark
        place = (change.file, change.line)
        if mark is not None:
            self.announced.append(
                AnnouncedRemoval(
                    symbol=change.symbol,
                    by=mark.deprecation.by,
                    file=mark.file or None,
                    line=mark.line if mark.file else None,
                    announced_in=mark.deprecation.since,
                    remove_in=mark.deprecation.removed_in,
                    used_by=used_by,
                )
            )
        if mark is None:
            gone = "only taken by keyword now" if change.rule == "parameter-now-keyword-only" else "gone"
            said = f"it is {gone}, and no deprecation in the baseline announced it"
            self.add(
                "removed-unannounced",
                change.symbol,
                said + (f" ({change.detail})" if change.detail else ""),
                place=place,
                in_candidate=change.in_candidate,
                used_by=used_by,
            )
        elif self.version is not None:
            fault = removal_fault(mark, self.version, self.version_text, self.profile)
            if fault is not None:
                self.add(
                    fault.rule,
                    change.symbol,
                    fault.message,
                    mark=mark,
                    place=place,
                    in_candidate=change.in_candidate,
                    used_by=used_by,
                )

    def windows(self, new: Iterable[DeprecationMark], uses: Uses) -> None:
        """`window-too-short`, `window-off-schedule`: of what is announced for the first time."""
        for mark in new if self.version is not None else ():
            if is_overdue(mark, self.version):  # type: ignore[arg-type]  # not None here
                continue
            for fault in window_faults(mark, self.version, self.version_text, self.profile):  # type: ignore[arg-type]
                if fault.unknown:
                    self.open.append(NotJudged(what=f"the window of {mark.symbol}", reason=fault.message))
                else:
                    self.add(fault.rule, mark.symbol, fault.message, mark=mark, used_by=uses.get(mark.symbol, ()))

    def brought_forward(self, announced: Iterable[Announced]) -> None:
        """`removal-brought-forward`, and what was postponed."""
        for one in announced:
            if one.relation == "covered":
                continue
            texts = one.earlier.deprecation.removed_in, one.mark.deprecation.removed_in
            earlier, later = map(read_version, texts)
            if earlier is None or later is None or earlier == later:
                continue
            if later < earlier:
                said = f"its removal was announced for {texts[0]}, and is for {texts[1]} now"
                self.add("removal-brought-forward", one.mark.symbol, said, mark=one.mark)
            else:
                self.moved.append(Moved(symbol=one.mark.symbol, before=texts[0] or "", after=texts[1] or ""))

    def standing(self) -> None:
        """What can be said of the candidate alone: overdue marks, replacements that are gone, own uses."""
        for mark in (*self.release.marks, *self.release.promised):
            # A private name that raises at import breaks users all the same.
            if self.version is not None and is_overdue(mark, self.version):
                if mark.raises or self.is_public(self.release, mark):
                    fault: Fault = overdue_fault(mark, self.version)
                    self.add("removal-overdue", mark.symbol, fault.message, mark=mark)
            if mark.deprecation.by != BY and self.is_public(self.release, mark):
                said = replacement_fault(mark, self.release)
                if said is not None:
                    self.add("replacement-gone", mark.symbol, said, mark=mark)
        for use in find_own_uses(self.release):
            said = "the package uses it itself" + (f", at {use.places} places" if use.places > 1 else "")
            self.add("own-use", use.mark.symbol, said, mark=use.mark, place=(use.file, use.line))

    # -- what is left open -----------------------------------------------------------------------------------------

    def unread(self, files: Sequence[str]) -> None:
        """Files that no Python reads may hold marks and names."""
        for file in sorted(set(files)):
            self.open.append(NotJudged(what=file, reason="it could not be parsed", hides_a_stop=True))

    def unchecked(self, checked: CheckReport | None) -> None:
        """Downstreams that could not be looked at."""
        for downstream in checked.downstreams if checked is not None else ():
            if downstream.status == "not-checked":
                what = f"{downstream.name} {downstream.version}".strip()
                self.open.append(NotJudged(what=what, reason=downstream.reason or "", hides_a_stop=True))

    def report(self, baseline: Artifact | None, counts: MarkCounts) -> DeprecationReport:
        """The report in its one order."""
        from tailrace import __version__

        findings = sorted(
            {f.fingerprint + str(f.line): f for f in self.findings}.values(),
            key=lambda f: (f.severity != "error", _ORDER[f.rule], f.symbol, f.file or "", f.line or 0),
        )
        stops = any(f.severity == "error" for f in findings)
        hidden = any(one.hides_a_stop for one in self.open)
        return DeprecationReport(
            tool=Tool(version=__version__),
            profile=self.profile.id,
            candidate=self.release.surface.artifact.release,
            baseline=baseline.release if baseline is not None else None,
            version=self.version_text,
            verdict="stop" if stops else "incomplete" if hidden else "clear",
            counts=counts,
            findings=tuple(findings),
            postponed=tuple(sorted(self.moved, key=lambda m: (m.symbol, m.before))),
            not_judged=tuple(sorted(set(self.open), key=lambda o: (not o.hides_a_stop, o.what, o.reason))),
            announced=tuple(sorted(self.announced, key=lambda one: one.symbol)),
        )


def _uses(checked: CheckReport | None) -> Uses:
    """Where downstreams use what a finding of a check names, by symbol."""
    found: dict[str, set[UsedBy]] = {}
    for symbol, use in _places(checked) if checked is not None else ():
        found.setdefault(symbol, set()).add(use)
    return {symbol: tuple(sorted(uses)) for symbol, uses in found.items()}


def _places(checked: CheckReport) -> Iterator[tuple[str, UsedBy]]:
    for downstream in checked.downstreams:
        for finding in downstream.findings:
            yield (
                finding.symbol,
                UsedBy(
                    name=downstream.name,
                    version=downstream.version,
                    file=finding.file,
                    line=finding.line,
                    breaks=finding.counts_as_break and finding.confidence == "certain",
                ),
            )
