"""Verifies one downstream in its two environments."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from tailrace.model import Artifact, CheckReport, DownstreamReport, Finding, Observation, Verification
from tailrace.verify.bench import Bench, Failures, Log, passes, tail_of
from tailrace.verify.environments import Pair
from tailrace.verify.errors import VerifyError
from tailrace.verify.feed import Feed, Wanted
from tailrace.verify.installed import Distribution, installed_names, read_distribution
from tailrace.verify.judging import worst
from tailrace.verify.options import VerifyOptions
from tailrace.verify.probes import Probe, is_probed, probes_for
from tailrace.verify.programs import Trace
from tailrace.verify.sandbox import Limits, Sandbox
from tailrace.verify.smoke import (
    batch_program,
    became_silent,
    command_program,
    host_programs,
    read_batch,
    statements,
    subcommands,
)
from tailrace.verify.testing import Make, OwnTests

# So many failures of a smoke run are looked into one by one; where there are more they have few causes.
_MOST_SINGLE = 12
_FAILS = re.compile(r"only when `.*` fails", re.DOTALL)
_NO_SETUPTOOLS = re.compile(r"No module named '(?:pkg_resources|setuptools|distutils)\b")
_MOST_SERIES = 3


@dataclass(frozen=True, slots=True)
class Runner:
    """What every downstream of a verification shares."""

    sandbox: Sandbox
    limits: Limits
    options: VerifyOptions
    report: CheckReport
    logs: Path
    feed: Feed

    def run(self, downstream: DownstreamReport, wanted: Wanted, pair: Pair, make: Make) -> DownstreamReport:
        """The downstream with what running it showed. `make`: the pair with more requirements in it."""
        artifact = self.feed.open(wanted.release)
        bench = Bench(self, pair, Log(self.logs, downstream, self.report))
        prober = Prober(bench, artifact)
        findings = tuple(
            msgspec.structs.replace(finding, verification=prober.probe(finding)) if is_probed(finding) else finding
            for finding in downstream.findings
        )
        findings, pair = self._with_setuptools(findings, pair, make, artifact, bench.log)
        if pair is not bench.pair:
            bench = Bench(self, pair, bench.log)
        findings, older = self._with_older(findings, pair, make, artifact, bench.log)
        observations: tuple[Observation, ...] = ()
        if self.options.level != "probe":
            findings, observations = Smoke(bench, downstream, findings).run_all()
        if self.options.level == "test":
            source = self.feed.source_files(wanted.release)
            tests = OwnTests(self, pair, make, source, bench.log, downstream, findings)
            findings, seen = tests.run_all()
            observations += seen
        outcomes = [f.verification for f in findings if f.verification is not None]
        serious = [*outcomes, *(o for o in observations if not is_remark(o))]
        outcome = worst([o.outcome for o in serious])
        if not serious and observations:
            outcome = "refuted"
        verification = Verification(
            outcome=outcome,
            level=self.options.level,
            ecosystem=self.options.ecosystem,
            reason=self._reason(outcome, serious, observations),
            python=pair.interpreter.text,
            platform=f"{sys.platform}-{platform.machine()}",
            sandbox=self.sandbox.name,
            moved=tuple(
                f"{name} {baseline or 'none'} -> {candidate or 'none'}" for name, baseline, candidate in pair.moved
            ),
            notes=(*pair.notes, *older),
            observations=observations,
            log=bench.log.write(),
        )
        return msgspec.structs.replace(downstream, findings=findings, verification=verification)

    def _with_setuptools(
        self, findings: tuple[Finding, ...], pair: Pair, make: Make, artifact: Artifact, log: Log
    ) -> tuple[tuple[Finding, ...], Pair]:
        """The findings and environments with setuptools, which every environment held when nothing required it."""
        lacking = [number for number, finding in enumerate(findings) if _lacks_setuptools(finding)]
        if not lacking:
            return findings, pair
        try:
            other = make(("setuptools",))
        except VerifyError:
            return findings, pair
        prober = Prober(Bench(self, other, log), artifact)
        found = list(findings)
        for number in lacking:
            found[number] = msgspec.structs.replace(found[number], verification=prober.probe(found[number]))
        notes = (*other.notes, "setuptools was installed too, which is imported and not required")
        return tuple(found), replace(other, notes=notes)

    def _with_older(
        self, findings: tuple[Finding, ...], pair: Pair, make: Make, artifact: Artifact, log: Log
    ) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
        """The findings that only another Python meets, run with the newest one on this machine that meets them."""
        if self.options.python is not None:
            return findings, ()
        here = "{}.{}".format(*pair.interpreter.series)
        findings, notes = self._with_oldest(findings, pair, make, artifact, log)
        found = list(findings)
        for pythons in dict.fromkeys(f.pythons for f in findings if _is_unmet(f, here)):
            other = self._other_pair(make, pythons)
            if other is None:
                continue
            prober = Prober(Bench(self, other, log), artifact)
            for number, finding in enumerate(found):
                if finding.pythons == pythons and _is_unmet(finding, here):
                    found[number] = msgspec.structs.replace(finding, verification=prober.probe(finding))
            notes.append(f"what only Python {pythons[-1]} or older runs was run with Python {other.interpreter.text}")
        return tuple(found), tuple(notes)

    def _with_oldest(
        self, findings: tuple[Finding, ...], pair: Pair, make: Make, artifact: Artifact, log: Log
    ) -> tuple[tuple[Finding, ...], list[str]]:
        """The findings that nothing here decides, run with the oldest Python that the releases admit: a module of the
        downstream may choose by version what a name stands for.
        """
        undecided = [number for number, finding in enumerate(findings) if _is_undecided(finding)]
        if not undecided or not pair.older:
            return findings, []
        try:
            other = make(python=pair.older)
        except VerifyError:
            return findings, []
        prober = Prober(Bench(self, other, log), artifact)
        found = list(findings)
        for number in undecided:
            seen = prober.probe(found[number])
            if seen.outcome == "reproduced":
                found[number] = msgspec.structs.replace(found[number], verification=seen)
        shown = sum(found[number] is not findings[number] for number in undecided)
        return tuple(found), [f"{shown} reproduced with Python {other.interpreter.text}"] if shown else []

    def _other_pair(self, make: Make, pythons: tuple[str, ...]) -> Pair | None:
        for series in list(reversed(pythons))[:_MOST_SERIES]:
            try:
                return make(python=series)
            except VerifyError:
                continue
        return None

    def _reason(self, outcome: str, serious: Sequence[Observation], others: Sequence[Observation]) -> str | None:
        if outcome == "reproduced":
            return None
        found = next((o.reason for o in serious if o.outcome == outcome and o.reason), None)
        return found or next((o.reason for o in others if o.reason), None) or "nothing differs between the two releases"


class Prober:
    """Runs the probes of the findings."""

    def __init__(self, bench: Bench, artifact: Artifact) -> None:
        self.bench = bench
        self.artifact = artifact
        self._sources: dict[str, str] = {}  # what is shown of a program → the program

    def probe(self, finding: Finding) -> Observation:
        """What running one finding showed."""
        seen = self._probe(finding)
        if seen.outcome == "reproduced" and seen.program is not None:
            program = self._sources.get(seen.program, seen.program)
            moved = self.bench.moved_owner(self.bench.run(program, self.bench.pair.candidate))
            if moved is not None:
                said = seen.traceback[-1] if seen.traceback else "it fails"
                reason = f"it fails in {moved}, which had to move with the upstream: {said}"
                return msgspec.structs.replace(seen, outcome="not-run", reason=reason)
        if seen.outcome == "reproduced" and _is_in_undecided_handler(finding) and not self._passes_line(finding, seen):
            reason = f"alone it fails, and whether it is reached is not known: {finding.condition}"
            return msgspec.structs.replace(seen, outcome="not-run", reason=reason)
        if seen.outcome == "refuted" and (finding.condition is not None or finding.platforms):
            # Here the condition may not hold, and then another line runs than the one that breaks.
            under = finding.condition or f"the platform is {' or '.join(finding.platforms)}"
            reason = f"it fails only if {under}, which need not hold here; --python names another interpreter"
            return msgspec.structs.replace(seen, outcome="not-run", reason=reason)
        return seen

    def _passes_line(self, finding: Finding, seen: Observation) -> bool:
        """Whether the program that failed ran the line of the finding itself."""
        program = self._sources.get(seen.program or "", seen.program or "")
        return passes(self.bench.run(program, self.bench.pair.candidate), finding)

    def _probe(self, finding: Finding) -> Observation:
        probes = probes_for(finding, self.artifact.search_paths, self._source(finding), self._hosts())
        if not probes:
            return Observation(outcome="not-run", reason="no program is known that shows it")
        module = next((probe for probe in probes if probe.kind == "module"), None)
        seen = self.bench.observe(module.source) if module is not None else None
        if seen is not None and seen.outcome == "reproduced" and self._is_at(finding, module):
            return seen
        alone: Observation | None = None
        for statement in (probe for probe in probes if probe.kind == "statement"):
            tried = self.bench.observe(statement.source)
            if statement.shown:
                self._sources[statement.shown] = statement.source
                tried = msgspec.structs.replace(tried, program=statement.shown)
            if statement.weak and tried.outcome == "refuted":
                reason = "what could be run of it works with both releases, which decides nothing"
                tried = msgspec.structs.replace(tried, outcome="not-run", reason=reason)
            if statement.guessed and tried.outcome == "broken-before":
                reason = "the values that stand for those of the downstream do not fit"
                tried = msgspec.structs.replace(tried, outcome="not-run", reason=reason, traceback=())
            # What fails with the baseline already shows nothing; another program may.
            if alone is None or alone.outcome in ("broken-before", "not-run") or tried.outcome == "reproduced":
                alone = tried
            if tried.outcome == "reproduced":
                break
        if alone is None and module is not None and module.weak and seen is not None and seen.outcome == "refuted":
            reason = "its module can be imported with both releases, which decides nothing"
            return msgspec.structs.replace(seen, outcome="not-run", reason=reason)
        if alone is None:
            return seen or Observation(outcome="not-run", reason="no program is known that shows it")
        if module is not None and module.weak:
            return alone
        if alone.outcome == "reproduced" and module is not None and seen is not None and seen.outcome == "refuted":
            return self._not_reached(finding, module, alone)
        if alone.outcome == "broken-before" and seen is not None and seen.outcome in ("refuted", "spurious"):
            return seen
        return alone

    def _hosts(self) -> tuple[tuple[str, str], ...]:
        """What loads the downstream as a plug-in, where that is installed."""
        place = self.bench.pair.baseline.place
        distribution = read_distribution(place, self.artifact.release.name)
        return host_programs(distribution, installed_names(place)) if distribution is not None else ()

    def _source(self, finding: Finding) -> bytes | None:
        if finding.file not in self.artifact.python_files:
            return None
        try:
            return (self.artifact.root / finding.file).read_bytes()
        except OSError:
            return None

    def _not_reached(self, finding: Finding, module: Probe, alone: Observation) -> Observation:
        """The statement fails, and the module that holds it can be imported all the same."""
        trace = Trace(tail_of(finding.file), (finding.line,))
        result = self.bench.run(module.source, self.bench.pair.candidate, trace)
        if finding.line in result.reached:
            reason = "the line runs with the candidate, and what it raises is caught"
        else:
            reason = "the module is imported with the candidate without running the line"
        return msgspec.structs.replace(alone, outcome="refuted", reason=reason, program=module.source, traceback=())

    def _is_at(self, finding: Finding, module: Probe | None) -> bool:
        """Whether the failure of the import passes through the very line of the finding."""
        if module is None:
            return False
        result = self.bench.run(module.source, self.bench.pair.candidate)
        return passes(result, finding)


class Smoke(Failures):
    """Runs all of a downstream: every module, entry point and command; what differs between the releases counts."""

    def run_all(self) -> tuple[tuple[Finding, ...], tuple[Observation, ...]]:
        """The findings, those that only running shows among them, and what was seen besides."""
        if self.distribution is None:
            reason = "it is not installed under its name, so its modules are not known"
            self.observations.append(Observation(outcome="not-run", level="smoke", reason=reason))
        else:
            self._statements(self.distribution)
            self._commands(self.distribution)
        return tuple(self.findings), tuple(self.observations)

    def _statements(self, distribution: Distribution) -> None:
        every = dict(statements(distribution))
        if not every:
            return
        program = batch_program(tuple(every.items()))
        baseline = read_batch(self.bench.run(program, self.bench.pair.baseline))
        candidate = read_batch(self.bench.run(program, self.bench.pair.candidate))
        if baseline is None or candidate is None:
            broken = list(every)[: 4 * _MOST_SINGLE]  # one of them ends the whole program: each for itself
        else:
            broken = [key for key in every if baseline[key].error is None and candidate[key].error is not None]
            warned = sorted(
                {w for key in every for w in candidate[key].warnings}
                - {w for h in baseline.values() for w in h.warnings}
            )
            for warning in warned[:_MOST_SINGLE]:
                self.observations.append(
                    Observation(outcome="new", level="smoke", reason=f"a new warning: {warning}", program="import")
                )
        errors: set[str] = set()
        for key in broken:
            said = candidate[key].error if candidate is not None else None
            if said is not None and said in errors and len(errors) >= 1:
                continue  # the same error again: one program shows it
            if len(errors) >= _MOST_SINGLE:
                break
            if self._fails(every[key]) and said is not None:
                errors.add(said)
        if baseline is not None and candidate is not None:
            fine = sum(heard.error is None for heard in candidate.values())
            self.observations.append(
                Observation(
                    outcome="refuted",
                    level="smoke",
                    reason=f"{fine} of {len(every)} imports and entry points load with the candidate, "
                    f"{sum(heard.error is None for heard in baseline.values())} with the baseline",
                )
            )

    def _commands(self, distribution: Distribution) -> None:
        programs: list[tuple[str, str]] = []
        for name, target in distribution.scripts:
            program = command_program(name, target, "--help")
            if program is None:
                continue
            programs.append((f"{name} --help", program))
            help_text = self.bench.run(program, self.bench.pair.baseline).stdout
            for subcommand in subcommands(help_text):
                deeper = command_program(name, target, subcommand, "--help")
                if deeper is not None:
                    programs.append((f"{name} {subcommand} --help", deeper))
        programs += host_programs(distribution, installed_names(self.bench.pair.baseline.place))
        for shown, program in programs:
            baseline = self.bench.run(program, self.bench.pair.baseline)
            if not baseline.completed:
                continue
            candidate = self.bench.run(program, self.bench.pair.candidate)
            if not candidate.completed:
                self._fails(program, shown)
            elif became_silent(baseline, candidate):
                reason = f"`{shown}` writes nothing any more"
                observation = Observation(outcome="new", level="smoke", reason=reason, program=shown)
                self._add(observation, candidate)


def _is_in_undecided_handler(finding: Finding) -> bool:
    """Whether the line runs only where another statement fails, of which the check does not know whether it does."""
    return (
        finding.condition_met is None and finding.condition is not None and _FAILS.search(finding.condition) is not None
    )


def _lacks_setuptools(finding: Finding) -> bool:
    seen = finding.verification
    return seen is not None and seen.outcome == "broken-before" and _NO_SETUPTOOLS.search(seen.reason or "") is not None


def _is_undecided(finding: Finding) -> bool:
    seen = finding.verification
    return (
        seen is not None and not finding.pythons and seen.outcome in ("not-run", "broken-before") and bool(seen.program)
    )


def _is_unmet(finding: Finding, series: str) -> bool:
    seen = finding.verification
    return seen is not None and seen.outcome == "not-run" and bool(finding.pythons) and series not in finding.pythons


def is_remark(observation: Observation) -> bool:
    """Whether an observation is worth reading and no failure: a new warning, a summary, somebody else's fault."""
    said = observation.reason or ""
    return (
        said.startswith("a new warning")
        or "which had to move with the upstream" in said
        or (observation.level != "probe" and observation.outcome == "refuted")
    )
