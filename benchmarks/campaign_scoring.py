"""Scores what the check said against what running showed, site by site."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from campaign_truth import LostModule, Truth
from incident_scoring import last_name
from tailrace.model import Finding
from tailrace.model.report import UseCounts

Decision = Literal["confirmed", "refuted", "undecided"]


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What the check said of one pair. `error`: the end of what it wrote where it made no report."""

    status: str = "error"
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    uses: UseCounts = UseCounts()
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    error: str = ""

    @property
    def says_breaks(self) -> bool:
        """Whether it says that the downstream breaks, wherever its own requirement stands."""
        return self.status in ("breaks", "contained")


class CampaignRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the result file."""

    truth: Truth
    checked: Checked

    @property
    def title(self) -> str:
        """`1-17 flask==2.0 click 7.1 -> 8.0 (next-major)`."""
        pair = self.truth.pair
        name, _, old = pair.baseline.partition("==")
        return f"{pair.id} {pair.downstream} {name} {old} -> {pair.candidate.partition('==')[2]} ({pair.kind})"

    @property
    def summary(self) -> str:
        """One line for whoever watches."""
        if self.truth.state != "ran":
            return f"not run: {self.truth.reason[:120]}"
        scored = score(self)
        return (
            f"{self.checked.status or self.checked.error}; live {len(scored.live)}, found {len(scored.found)}; "
            f"confirmed {scored.count('confirmed')}, refuted {scored.count('refuted')}, "
            f"undecided {scored.count('undecided')}"
        )


@dataclass(frozen=True, slots=True)
class LiveBreak:
    """An unguarded break that running showed: one place and what fails there."""

    file: str
    line: int
    end: int
    path: str
    error: str
    kind: str


@dataclass(frozen=True, slots=True)
class Scored:
    """One pair. `found`: the live breaks at whose place a counting finding stands; `hinted`: at whose place only a
    weaker one does. `decisions`: one for each counting finding, with what decided it.
    """

    live: tuple[LiveBreak, ...]
    found: frozenset[LiveBreak]
    hinted: frozenset[LiveBreak]
    decisions: tuple[tuple[Finding, Decision, str], ...]

    def count(self, decision: Decision) -> int:
        """How many findings were decided so."""
        return sum(one == decision for _, one, _ in self.decisions)


def score(row: CampaignRow) -> Scored:
    """Compare one pair."""
    truth = row.truth
    live = live_breaks(truth)
    counting = [finding for finding in row.checked.findings if finding.counts_as_break]
    weaker = [f for f in row.checked.findings if not f.counts_as_break and f.severity == "error"]
    found = frozenset(one for one in live if any(_at(finding, one) for finding in counting))
    hinted = frozenset(one for one in live if one not in found and any(_at(finding, one) for finding in weaker))
    return Scored(live, found, hinted, tuple((f, *decide(f, truth, live)) for f in counting))


def live_breaks(truth: Truth) -> tuple[LiveBreak, ...]:
    """The unguarded breaks, each once. Left out is what fails only because an import above it fails, and what runs
    at the import of a module that loads with the candidate, or with neither.
    """
    lost_imports = {
        (s.file, s.path.replace(":", ".")) for s in truth.sites if s.broken and s.kind in ("from", "import")
    }
    lost = {one.name for one in truth.lost}
    own = {name for name in (*truth.sound_modules, *lost) if "." in name}
    found: dict[tuple[str, int, str], LiveBreak] = {}
    for site in truth.sites:
        if not site.broken or site.guard or (site.kind in _OF_PATHS and _is_own(site.path, own)):
            continue
        module = _module(site.file)
        if site.scope == "import" and (module in truth.sound_modules or not (truth.incomplete or module in lost)):
            continue
        head = site.path.partition("|")[0]
        if site.kind in ("path", "call", "base") and any(
            file == site.file and (head == name or head.startswith(f"{name}.")) for file, name in lost_imports
        ):
            continue
        key = (site.file, site.line, _bare(site.path))
        found.setdefault(key, LiveBreak(site.file, site.line, site.end, _bare(site.path), site.candidate, site.kind))
    for failed in truth.lost:
        if failed.place is None or not failed.by_upstream or _follows(failed, truth):
            continue
        file, line = failed.place
        if not any(one.file == file and one.line <= line <= one.end for one in found.values()):
            found[(file, line, "")] = LiveBreak(file, line, line, "", failed.error, "module")
    return tuple(sorted(found.values(), key=lambda one: (one.file, one.line, one.path)))


_OF_PATHS = ("from", "import", "path", "call", "base")


def _is_own(path: str, own: Collection[str]) -> bool:
    """Whether a path leads to a module of the downstream, which lies in one namespace with the upstream."""
    module = re.split(r"[:|]", path, maxsplit=1)[0]
    return module in own or module.rpartition(".")[0] in own


_PARTIAL = re.compile(r"partially initialized module '([\w.]+)'")


def _follows(lost: LostModule, truth: Truth) -> bool:
    """Whether a module only meets what an earlier failure left: a module of the downstream that is half imported."""
    match = _PARTIAL.search(lost.error)
    return match is not None and match[1] in {*truth.sound_modules, *(one.name for one in truth.lost)}


def decide(finding: Finding, truth: Truth, live: Sequence[LiveBreak]) -> tuple[Decision, str]:
    """Whether running confirms a finding that counts, and what says so."""
    if any(_at(finding, one) for one in live):
        return "confirmed", "a live break is there"
    module = _module(finding.file)
    if finding.scope == "import" and module in truth.sound_modules and finding.rule != "entry-point-removed":
        return "refuted", f"{module} is imported with both"
    here = [s for s in truth.sites if _same_file(s.file, finding.file) and s.line <= finding.line <= s.end]
    if any(site.broken and not site.guard for site in here):
        return "confirmed", "what is used there fails with the candidate only"
    if any(site.broken for site in here):
        return "undecided", "what fails there has a guard: " + ", ".join(sorted({s.guard for s in here if s.broken}))
    before, after = truth.witnesses.get(finding.witness or "", ("", ""))
    if before == "ok" and after != "ok":
        return "confirmed", f"the witness ends with {after}"
    weak = "inspect.signature" in (finding.witness or "")
    if before == after == "ok" and not weak:
        return "refuted", "the witness runs with both"
    words = {last_name(finding.symbol), last_name(finding.used or finding.symbol)}
    if not finding.symbol.endswith(")"):
        for file, first, last, what in truth.sound:
            if _same_file(file, finding.file) and first <= finding.line <= last:
                kind, _, path = what.partition(" ")
                if kind != "call" and not words.isdisjoint(re.split(r"[.|:]", path)):
                    return "refuted", f"{path} is there with both"
    elif before == after == "ok":
        for file, first, last, what in truth.sound:
            kind, _, path = what.partition(" ")
            if kind == "call" and _same_file(file, finding.file) and first <= finding.line <= last:
                return "refuted", f"the call of {path} binds with both"
    return "undecided", f"the witness fails with the baseline: {before}" if before not in ("", "ok") else "not tried"


def _bare(path: str) -> str:
    return path.replace("|", ".").replace(":", ".")


def _at(finding: Finding, live: LiveBreak) -> bool:
    return _same_file(live.file, finding.file) and live.line <= finding.line <= live.end


def _same_file(installed: str, reported: str) -> bool:
    return reported == installed or reported.endswith(f"/{installed}")


def _module(file: str) -> str:
    parts = file.removesuffix(".py").split("/")
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


# --- the table --------------------------------------------------------------------------------------------------------


def render(rows: Sequence[CampaignRow], *, verbose: bool = False) -> str:
    """The table, and with `verbose` what to read by hand."""
    ran = [row for row in rows if row.truth.state == "ran" and not row.checked.error]
    scored = [(row, score(row)) for row in ran]
    draws = Counter(f"{row.truth.pair.draw}, seed {row.truth.pair.seed}" for row in rows)
    lines = ["draw: " + "; ".join(f"{draw}: {count}" for draw, count in sorted(draws.items()))]
    lines.append(f"pairs {len(rows)}, run {len(ran)}, not run {len(rows) - len(ran)}")
    lines += [f"  {count} x {why}" for why, count in _reasons(rows)]
    live = sum(len(s.live) for _, s in scored)
    found = sum(len(s.found) for _, s in scored)
    hinted = sum(len(s.hinted) for _, s in scored)
    broken = [(row, s) for row, s in scored if s.live]
    clear = [row for row, _ in broken if row.checked.status == "clear"]
    lines.append(
        f"pairs with a live unguarded break: {len(broken)}, of them called clear: {_of(len(clear), len(broken))}"
    )
    lines.append(f"recall of live unguarded breaks: {_of(found, live)}; only possible or guarded: {hinted}")
    counts = Counter(decision for _, s in scored for _, decision, _ in s.decisions)
    decided = counts["confirmed"] + counts["refuted"]
    lines.append(
        f"precision of findings: {_of(counts['confirmed'], decided)} of those decided; undecided {counts['undecided']}"
    )
    verdicts = Counter(verdict(s) for row, s in scored if row.checked.says_breaks)
    decided = verdicts["confirmed"] + verdicts["refuted"]
    lines.append(
        f"precision of `breaks`: {_of(verdicts['confirmed'], decided)} of those decided; "
        f"undecided {verdicts['undecided']}"
    )
    statuses = Counter(row.checked.status for row in ran)
    lines.append("status: " + ", ".join(f"{count} {status}" for status, count in sorted(statuses.items())))
    total = sum(row.checked.uses.total for row in ran)
    lines.append(
        f"uses that the check calls undecided: {_of(sum(r.checked.uses.undecided for r in ran), total)}, "
        f"of changed names: {_of(sum(r.checked.uses.undecided_changed for r in ran), total)}"
    )
    for name, values in (
        ("seconds", [row.checked.seconds for row in ran]),
        ("processor seconds", [row.checked.cpu_seconds for row in ran]),
        ("MiB of the largest process", [row.checked.peak_bytes / 2**20 for row in ran]),
    ):
        lines.append(f"{name}: median {_quantile(values, 0.5):.1f}, p95 {_quantile(values, 0.95):.1f}")
    if verbose:
        lines += _details(scored)
    return "\n".join(lines)


def verdict(scored: Scored) -> Decision:
    """Whether running confirms that the downstream breaks."""
    if scored.live or scored.count("confirmed"):
        return "confirmed"
    return "undecided" if scored.count("undecided") else "refuted"


def _details(scored: Iterable[tuple[CampaignRow, Scored]]) -> list[str]:
    lines = []
    for row, s in scored:
        told = []
        for one in s.live:
            if one not in s.found:
                how = "hinted" if one in s.hinted else "MISSED"
                told.append(f"  {how} {one.file}:{one.line} {one.kind} {one.path}: {one.error}")
        for finding, decision, why in s.decisions:
            if decision != "confirmed":
                place = f"{finding.file}:{finding.line}"
                named = f"{finding.rule} {finding.confidence} {place} {finding.used or finding.symbol}"
                told.append(f"  {decision.upper()} {named}: {why} | {finding.source.strip()[:100]}")
        if told:
            lines += ["", f"{row.title}: {row.checked.status} (Python {row.truth.python})", *told]
    return lines


def _reasons(rows: Sequence[CampaignRow]) -> list[tuple[str, int]]:
    reasons: Counter[str] = Counter()
    for row in rows:
        if row.truth.state != "ran":
            reasons[re.sub(r"[\w.-]+==?[\w.]+|[\w./-]*/[\w./-]+", "…", row.truth.reason)[:90]] += 1
        elif row.checked.error:
            reasons[f"check: {row.checked.error[-80:]}"] += 1
    return reasons.most_common(8)


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole}" + (f" ({100 * part / whole:.1f} %)" if whole else "")


def _quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
