"""One downstream and its two environments in, what running it showed out."""

from __future__ import annotations

import hashlib
import platform
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tailrace.model import Artifact, CheckReport, DownstreamReport, Finding, Level, Observation, Verification
from tailrace.verify.environments import Pair
from tailrace.verify.feed import Feed, Wanted
from tailrace.verify.installed import Distribution, installed_names, owner_of, read_distribution
from tailrace.verify.judging import judge, worst
from tailrace.verify.options import VerifyOptions
from tailrace.verify.probes import Probe, is_probed, probes_for
from tailrace.verify.programs import Environment, Result, Trace, command_for, read_result
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

# So many failures of a smoke run are looked into one by one; where there are more they have few causes.
_MOST_SINGLE = 12


@dataclass(frozen=True, slots=True)
class Runner:
    """What every downstream of a verification shares."""

    sandbox: Sandbox
    limits: Limits
    options: VerifyOptions
    report: CheckReport
    logs: Path
    feed: Feed

    def run(self, downstream: DownstreamReport, wanted: Wanted, pair: Pair) -> DownstreamReport:
        """The downstream with what running it showed."""
        artifact = self.feed.open(wanted.release)
        bench = Bench(self, pair, Log(self.logs, downstream, self.report))
        prober = Prober(bench, artifact)
        findings = tuple(
            msgspec.structs.replace(finding, verification=prober.probe(finding)) if is_probed(finding) else finding
            for finding in downstream.findings
        )
        observations: tuple[Observation, ...] = ()
        if self.options.level != "probe":
            findings, observations = Smoke(bench, downstream, findings).run_all()
        outcomes = [f.verification for f in findings if f.verification is not None]
        serious = [*outcomes, *(o for o in observations if not is_remark(o))]
        outcome = worst([o.outcome for o in serious])
        if not serious and observations:
            outcome = "refuted"
        verification = Verification(
            outcome=outcome,
            level=self.options.level,
            reason=self._reason(outcome, serious, observations),
            python=pair.interpreter.text,
            platform=f"{sys.platform}-{platform.machine()}",
            sandbox=self.sandbox.name,
            moved=tuple(f"{name} {old or 'none'} -> {new or 'none'}" for name, old, new in pair.moved),
            notes=pair.notes,
            observations=observations,
            log=bench.log.write(),
        )
        return msgspec.structs.replace(downstream, findings=findings, verification=verification)

    def _reason(self, outcome: str, serious: Sequence[Observation], others: Sequence[Observation]) -> str | None:
        if outcome == "reproduced":
            return None
        found = next((o.reason for o in serious if o.outcome == outcome and o.reason), None)
        return found or next((o.reason for o in others if o.reason), None) or "nothing differs between the two releases"


class Bench:
    """Runs programs in the two environments; the same program is run once in each."""

    def __init__(self, runner: Runner, pair: Pair, log: Log) -> None:
        self.runner = runner
        self.pair = pair
        self.log = log
        self._results: dict[tuple[str, Path], Result] = {}

    def run(self, source: str, environment: Environment, trace: Trace | None = None, *, again: bool = False) -> Result:
        """What the program did there."""
        key = (source, environment.place)
        if trace is None and not again and key in self._results:
            return self._results[key]
        command, token = command_for(source, environment, trace)
        ended = self.runner.sandbox.run(command, self.runner.limits)
        result = read_result(ended, token, environment)
        which = "baseline" if environment.place == self.pair.old.place else "candidate"
        self.log.add(which, source, ended.status, result)
        if trace is None and not again:
            self._results[key] = result
        return result

    def observe(self, source: str, level: Level = "probe") -> Observation:
        """The outcome of one program."""
        old = self.run(source, self.pair.old)
        return judge(source, old, self.run(source, self.pair.new) if old.completed else None, level)


class Prober:
    """Runs the probes of the findings."""

    def __init__(self, bench: Bench, artifact: Artifact) -> None:
        self.bench = bench
        self.artifact = artifact

    def probe(self, finding: Finding) -> Observation:
        """What running one finding showed."""
        seen = self._probe(finding)
        if seen.outcome == "refuted" and (finding.condition is not None or finding.platforms):
            # Here the condition may not hold, and then another line runs than the one that breaks.
            under = finding.condition or f"the platform is {' or '.join(finding.platforms)}"
            reason = f"it fails only if {under}, which need not hold here; --python names another interpreter"
            return msgspec.structs.replace(seen, outcome="not-run", reason=reason)
        return seen

    def _probe(self, finding: Finding) -> Observation:
        probes = probes_for(finding, self.artifact.search_paths, self._source(finding))
        if not probes:
            return Observation(outcome="not-run", reason="no program is known that shows it")
        module = next((probe for probe in probes if probe.kind == "module"), None)
        seen = self.bench.observe(module.source) if module is not None else None
        if seen is not None and seen.outcome == "reproduced" and self._is_at(finding, module):
            return seen
        alone: Observation | None = None
        for statement in (probe for probe in probes if probe.kind == "statement"):
            tried = self.bench.observe(statement.source)
            if statement.weak and tried.outcome == "refuted":
                reason = "what could be run of it works with both releases, which decides nothing"
                tried = msgspec.structs.replace(tried, outcome="not-run", reason=reason)
            # What fails with the baseline already shows nothing; another program may.
            if alone is None or alone.outcome in ("broken-before", "not-run") or tried.outcome == "reproduced":
                alone = tried
            if tried.outcome == "reproduced":
                break
        if alone is None:
            return seen or Observation(outcome="not-run", reason="no program is known that shows it")
        if alone.outcome == "reproduced" and module is not None and seen is not None and seen.outcome == "refuted":
            return self._not_reached(finding, module, alone)
        if alone.outcome == "broken-before" and seen is not None and seen.outcome in ("refuted", "spurious"):
            return seen
        return alone

    def _source(self, finding: Finding) -> bytes | None:
        if finding.file not in self.artifact.python_files:
            return None
        try:
            return (self.artifact.root / finding.file).read_bytes()
        except OSError:
            return None

    def _not_reached(self, finding: Finding, module: Probe, alone: Observation) -> Observation:
        """The statement fails, and the module that holds it can be imported all the same."""
        trace = Trace(_tail(finding.file), (finding.line,))
        result = self.bench.run(module.source, self.bench.pair.new, trace)
        if finding.line in result.reached:
            reason = "the line runs with the candidate, and what it raises is caught"
        else:
            reason = "the module is imported with the candidate without running the line"
        return msgspec.structs.replace(alone, outcome="refuted", reason=reason, program=module.source, traceback=())

    def _is_at(self, finding: Finding, module: Probe | None) -> bool:
        """Whether the failure of the import passes through the very line of the finding."""
        if module is None:
            return False
        result = self.bench.run(module.source, self.bench.pair.new)
        return passes(result, finding)


class Smoke:
    """Runs all of a downstream: every module, entry point and command; what differs between the releases counts."""

    def __init__(self, bench: Bench, downstream: DownstreamReport, findings: Sequence[Finding]) -> None:
        self.bench = bench
        self.downstream = downstream
        self.findings = list(findings)
        self.observations: list[Observation] = []
        self.distribution = read_distribution(bench.pair.old.place, downstream.name)

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
        old = read_batch(self.bench.run(program, self.bench.pair.old))
        new = read_batch(self.bench.run(program, self.bench.pair.new))
        if old is None or new is None:
            broken = list(every)[: 4 * _MOST_SINGLE]  # one of them ends the whole program: each for itself
        else:
            broken = [key for key in every if old[key].error is None and new[key].error is not None]
            warned = sorted(
                {w for key in every for w in new[key].warnings} - {w for h in old.values() for w in h.warnings}
            )
            for warning in warned[:_MOST_SINGLE]:
                self.observations.append(
                    Observation(outcome="new", level="smoke", reason=f"a new warning: {warning}", program="import")
                )
        errors: set[str] = set()
        for key in broken:
            said = new[key].error if new is not None else None
            if said is not None and said in errors and len(errors) >= 1:
                continue  # the same error again: one program shows it
            if len(errors) >= _MOST_SINGLE:
                break
            if self._fails(every[key]) and said is not None:
                errors.add(said)
        if old is not None and new is not None:
            fine = sum(heard.error is None for heard in new.values())
            self.observations.append(
                Observation(
                    outcome="refuted",
                    level="smoke",
                    reason=f"{fine} of {len(every)} imports and entry points load with the candidate, "
                    f"{sum(heard.error is None for heard in old.values())} with the baseline",
                )
            )

    def _commands(self, distribution: Distribution) -> None:
        programs: list[tuple[str, str]] = []
        for name, target in distribution.scripts:
            program = command_program(name, target, "--help")
            if program is None:
                continue
            programs.append((f"{name} --help", program))
            help_text = self.bench.run(program, self.bench.pair.old).stdout
            for subcommand in subcommands(help_text):
                deeper = command_program(name, target, subcommand, "--help")
                if deeper is not None:
                    programs.append((f"{name} {subcommand} --help", deeper))
        programs += host_programs(distribution, installed_names(self.bench.pair.old.place))
        for shown, program in programs:
            old = self.bench.run(program, self.bench.pair.old)
            if not old.completed:
                continue
            new = self.bench.run(program, self.bench.pair.new)
            if not new.completed:
                self._fails(program, shown)
            elif became_silent(old, new):
                reason = f"`{shown}` writes nothing any more"
                observation = Observation(outcome="new", level="smoke", reason=reason, program=shown)
                self._add(observation, new)

    def _fails(self, program: str, shown: str | None = None) -> bool:
        """Whether a program fails with the candidate alone, every time; what was seen is noted."""
        observation = self.bench.observe(program, "smoke")
        if observation.outcome != "reproduced":
            if observation.outcome == "spurious":
                self.observations.append(observation)
            return False
        result = self.bench.run(program, self.bench.pair.new)
        for number, finding in enumerate(self.findings):
            if passes(result, finding) or _same_error(finding, result):
                if finding.verification is None or finding.verification.outcome not in ("reproduced", "new"):
                    self.findings[number] = msgspec.structs.replace(finding, verification=observation)
                return True
        times = max(1, self.bench.runner.options.repeat)
        again = [self.bench.run(program, self.bench.pair.new, again=True) for _ in range(times - 1)]
        control = self.bench.run(program, self.bench.pair.old, again=True)
        said = shown or program
        if not control.completed or any(one.completed for one in again):
            reason = f"`{said}` does not do the same each time ({times} runs with the candidate)"
            observation = msgspec.structs.replace(observation, outcome="flaky", reason=reason, runs=times)
            self.observations.append(observation)
            return False
        reason = f"`{said}` fails with the candidate alone: {result.error[:300]}"
        observation = msgspec.structs.replace(observation, outcome="new", reason=reason, runs=times, program=said)
        self._add(observation, result)
        return True

    def _add(self, observation: Observation, result: Result) -> None:
        """Notes a failure that no finding predicts: as a finding, unless another package is at fault."""
        moved = self._moved_owner(result)
        if moved is not None:
            reason = f"{observation.reason} (it comes from {moved}, which had to move with the upstream)"
            self.observations.append(msgspec.structs.replace(observation, reason=reason))
            return
        self.findings.append(self._finding(observation, result))

    def _moved_owner(self, result: Result) -> str | None:
        """The package besides the upstream whose file raised, where it is another one in the two environments."""
        names = {name: f"{name} {new or 'none'}" for name, _, new in self.bench.pair.moved}
        if not names or not result.frames:
            return None
        owner = owner_of(self.bench.pair.new.place, _in_site_packages(result.frames[-1][0]))
        return names.get(owner or "")

    def _finding(self, observation: Observation, result: Result) -> Finding:
        """A finding for what only running shows, at the last line of the downstream that was on the way."""
        own = self.distribution.files if self.distribution is not None else frozenset()
        places = [(_in_site_packages(file), line) for file, line in result.frames]
        file, line = next((place for place in reversed(places) if place[0] in own), (self._metadata(own), 1))
        upstream = self.bench.runner.report.candidate
        key = "\0".join((self.downstream.name, "smoke", observation.program or "", file, _plain(result.error)))
        return Finding(
            rule="unexplained",
            confidence="certain",
            severity="error",
            symbol=upstream.name,
            file=file,
            line=line,
            scope="import" if (observation.program or "").startswith("import ") else "function",
            message=f"with {upstream.name} {upstream.version} alone, {observation.reason}",
            witness=observation.program,
            fingerprint=hashlib.sha256(key.encode()).hexdigest()[:16],
            verification=observation,
        )

    def _metadata(self, own: frozenset[str]) -> str:
        return next((file for file in sorted(own) if file.endswith(".dist-info/METADATA")), self.downstream.name)


class Log:
    """Everything that the programs of one downstream wrote."""

    def __init__(self, folder: Path, downstream: DownstreamReport, report: CheckReport) -> None:
        named = (report.baseline.spec, report.candidate.spec, downstream.spec)
        key = hashlib.sha256("\0".join(named).encode()).hexdigest()[:8]
        name = re.sub(r"[^A-Za-z0-9.+-]+", "_", f"{downstream.name}-{downstream.version}")[:80]
        self.file = folder / f"{name}-{key}.log"
        self.parts: list[str] = []

    def add(self, which: str, program: str, status: int, result: Result) -> None:
        """Notes one program."""
        self.parts.append(f"=== {which}, exit status {status} ({result.why})\n{program}\n---\n{result.output}\n")

    def write(self) -> str:
        """Writes the file; its path."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text("".join(self.parts), encoding="utf-8", errors="backslashreplace")
        return str(self.file)


def is_remark(observation: Observation) -> bool:
    """Whether an observation is worth reading and no failure: a new warning, a summary, somebody else's fault."""
    said = observation.reason or ""
    return (
        said.startswith("a new warning")
        or "which had to move with the upstream" in said
        or (observation.level == "smoke" and observation.outcome == "refuted")
    )


def passes(result: Result, finding: Finding) -> bool:
    """Whether a traceback passes through the line of a finding."""
    return any(line == finding.line and file.endswith(f"/{_tail(finding.file)}") for file, line in result.frames)


def _same_error(finding: Finding, result: Result) -> bool:
    """Whether a finding was reproduced with the very error that a program ends with."""
    seen = finding.verification
    return bool(seen and seen.outcome == "reproduced" and seen.traceback and seen.traceback[-1] == result.error)


def _plain(error: str) -> str:
    return re.sub(r"0x[0-9a-f]+|\d+", "N", error)


def _in_site_packages(file: str) -> str:
    return file.rpartition("site-packages/")[2]


def _tail(file: str) -> str:
    """The last two parts of a path: enough to tell files apart, wherever the package is installed."""
    return "/".join(file.split("/")[-2:])
