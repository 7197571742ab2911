"""Compares what the type checker says of a downstream with two releases of its upstream."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tailrace.check.typecheck.diff import new_diagnostics
from tailrace.check.typecheck.evidence import Proof, proof, questions
from tailrace.check.typecheck.run import Side
from tailrace.check.typecheck.session import Setup
from tailrace.check.typecheck.values import Answer, Diagnostic, Query, TypecheckRun, lost_member
from tailrace.model import Artifact

DEFAULT_VERSION = "3.12"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both runs, what is new, and the answers to the questions asked along.

    `added` says nothing about files in `baseline_run.unchecked` or `candidate_run.unchecked`. `answers`: baseline's and
    candidate's answer to each query that both sides could answer. `evidence`: the same for the attribute or the
    callee of each new diagnostic. `unanswered`: `crashed` or `timed-out` where that cost some of the answers.
    """

    baseline_run: TypecheckRun
    candidate_run: TypecheckRun
    added: tuple[Diagnostic, ...]
    answers: dict[Query, tuple[Answer, Answer]] = field(default_factory=dict)
    evidence: dict[Diagnostic, tuple[Answer, Answer]] = field(default_factory=dict)
    unanswered: str = ""

    @property
    def lost(self) -> tuple[Query, ...]:
        """The queries whose attribute the upstream gave in the baseline and no longer gives in the candidate."""
        return tuple(query for query, (before, after) in self.answers.items() if lost_member(before, after))

    def proof(self, one: Diagnostic) -> Proof:
        """How far the evidence shows that the upstream's change is behind `one`."""
        return proof(one, *self.evidence[one]) if one in self.evidence else "open"


def setup_for(
    downstream: Artifact,
    upstream: Artifact,
    python_version: str = DEFAULT_VERSION,
    *,
    extra_paths: Sequence[Path] = (),
    infer_returns: bool = False,
) -> Setup:
    """How one side is looked at."""
    return Setup(
        downstream_root=downstream.root,
        downstream_paths=downstream.search_paths,
        upstream_root=upstream.root,
        upstream_paths=tuple(upstream.root / path for path in upstream.search_paths),
        python_version=python_version,
        extra_paths=tuple(extra_paths),
        infer_returns=infer_returns,
    )


def compare(
    files: Sequence[str],
    *,
    downstream: Artifact,
    baseline: Artifact,
    candidate: Artifact,
    queries: Iterable[Query] = (),
    python_version: str = DEFAULT_VERSION,
    time_limit: float = 300.0,
    parallel: bool = True,
    extra_paths: Sequence[Path] = (),
) -> Comparison:
    """Check `files` of the downstream against `baseline` and `candidate`, and answer `queries` on both.

    One process a side does it all; both at once unless `parallel` is off. What the diagnostics' texts leave open
    (one union on both sides, with other members) is settled by asking both sides where the member comes from.
    """
    limit = time_limit if parallel else time_limit / 2
    setups = [setup_for(downstream, side, python_version, extra_paths=extra_paths) for side in (baseline, candidate)]
    asked = tuple(dict.fromkeys(queries))
    with Side(setups[0], time_limit=limit) as before, Side(setups[1], time_limit=limit) as after:
        runs = _both(before, after, lambda side: (side.check(files), side.ask(asked)), parallel=parallel)
        (baseline_run, baseline_answers), (candidate_run, candidate_answers) = runs
        candidates = new_diagnostics(baseline_run, candidate_run, arbitrate=lambda _before, _after: True)
        about = _questions(before, candidates)
        left = min(side.time_left for side in (before, after))
        proofs = _ask_both(before, after, about.values(), parallel=parallel) if about and left > 0 else {}
        gone = before.gone or after.gone or ("timed-out" if about and left <= 0 else "")

    def arbitrate(_before: Diagnostic, after: Diagnostic) -> bool:
        answers = proofs.get(about[after]) if after in about else None
        return answers is not None and _upstream_has_it_no_more(*answers)

    fresh = new_diagnostics(baseline_run, candidate_run, arbitrate=arbitrate)
    return Comparison(
        baseline_run,
        candidate_run,
        fresh,
        {
            query: (baseline_answers[query], candidate_answers[query])
            for query in asked
            if query in baseline_answers.keys() & candidate_answers
        },
        {one: proofs[about[one]] for one in fresh if one in about and about[one] in proofs},
        gone,
    )


def receiver_types(
    queries: Iterable[Query],
    *,
    downstream: Artifact,
    baseline: Artifact,
    candidate: Artifact,
    python_version: str = DEFAULT_VERSION,
    time_limit: float = 60.0,
    infer_returns: bool = False,
) -> dict[Query, tuple[Answer, Answer]]:
    """Both sides' answers to each query that both can answer. Without diagnostics: only what is asked is inferred."""
    asked = tuple(dict.fromkeys(queries))
    setups = [
        setup_for(downstream, side, python_version, infer_returns=infer_returns) for side in (baseline, candidate)
    ]
    with Side(setups[0], time_limit=time_limit) as before, Side(setups[1], time_limit=time_limit) as after:
        return _ask_both(before, after, asked, parallel=True)


def _both(before: Side, after: Side, act: Callable[[Side], _T], *, parallel: bool) -> tuple[_T, _T]:
    if not parallel:
        return act(before), act(after)
    with ThreadPoolExecutor(2, thread_name_prefix="typecheck") as pool:
        first, second = pool.map(act, (before, after))
    return first, second


def _ask_both(
    before: Side, after: Side, queries: Iterable[Query], *, parallel: bool
) -> dict[Query, tuple[Answer, Answer]]:
    asked = tuple(dict.fromkeys(queries))
    first, second = _both(before, after, lambda side: side.ask(asked), parallel=parallel)
    return {query: (first[query], second[query]) for query in asked if query in first and query in second}


def _questions(side: Side, diagnostics: Iterable[Diagnostic]) -> dict[Diagnostic, Query]:
    """What to ask about each diagnostic; places are the same on both sides, so either side's texts do."""
    by_file: dict[str, list[Diagnostic]] = {}
    for one in diagnostics:
        by_file.setdefault(one.file, []).append(one)
    return {
        one: query for file, each in by_file.items() for one, query in questions(file, side.text(file), each).items()
    }


def _upstream_has_it_no_more(before: Answer, after: Answer) -> bool:
    """The upstream gave the attribute and does not now. What the standard library gives runs in other branches."""
    return bool(before.upstream_members) and not after.upstream_members
