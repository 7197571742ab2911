"""Runs a check from specs to the report: fetch, open, check each downstream, count."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_never

import msgspec

from tailrace.check.allow_list import apply_allow_list
from tailrace.check.comparable import notes_on_comparison, refuse_equal_specs, same_content
from tailrace.check.downstream import Checked, check_downstream, not_checked
from tailrace.check.options import CheckOptions
from tailrace.check.upstream import Upstream
from tailrace.check.verdict import count, verdict_of
from tailrace.model import Address, Change, CheckReport, Release, TailraceError, redact
from tailrace.model.report import Tool
from tailrace.processes.pool import Done, Lost, Pool
from tailrace.processes.worker import is_worker

if TYPE_CHECKING:
    from tailrace.sources import Sources


class NoDownstreamNamedError(TailraceError):
    """Nothing was named that the candidate could break."""

    def __init__(self) -> None:
        super().__init__(
            "there is no downstream to check: none was named, or what was named holds none.",
            hint="Name what uses the candidate with --downstream, --downstream-from or --downstream-env.",
        )


class OnlyItselfError(TailraceError):
    """Nothing but the upstream itself was named as a downstream. `specs`: what was named."""

    def __init__(self, name: str, specs: tuple[str, ...]) -> None:
        super().__init__(
            f"there is no downstream to check: {', '.join(specs[:3])} is {name} itself, which the candidate replaces.",
            hint="Name what uses it with --downstream, --downstream-from or --downstream-env.",
        )
        self.name = name
        self.specs = specs


class ComparisonError(TailraceError):
    """The two releases of the upstream could not be compared. Nothing is known of any downstream."""

    exit_status = 3


# The part of the time limit after which the type checker is given up, so that what was found is still reported.
_MOST = 0.9
_NAMED = "named with --baseline"
_HIGHEST = "the highest release below the candidate in the package index"
_HIGHEST_IN_CHANNEL = "the highest release below the candidate in the channel"
# What the first line of a report leads to expect, and so needs no note.
_EXPECTED = frozenset({_NAMED, _HIGHEST, _HIGHEST_IN_CHANNEL})
# From here on, finding out what changed at all costs less than reading what cannot be hurt.
_MANY = 4


def check(
    candidate: str | Address,
    baseline: str | Address | None = None,
    downstreams: Sequence[str | Address] = (),
    *,
    sources: Sources | None = None,
    options: CheckOptions = CheckOptions(),  # noqa: B008 - a frozen value
) -> CheckReport:
    """Which of `downstreams` break when `candidate` takes the place of `baseline`.

    All three are release specs (`NAME==VERSION`, a path, `git+URL@REF`, `env:PREFIX`…); the baseline may also be a
    version or a git revision of the candidate (`1.4.0`, `HEAD~1`). Without a baseline the highest release below the
    candidate in the same source is taken, for a folder or file that no index knows the last tag. A downstream
    `env:PREFIX` stands for all that is installed there; what is the upstream itself is left out, and told in the notes.
    A downstream that cannot be fetched, opened or read is `not-checked` with the reason; a candidate or baseline that
    cannot raises `TailraceError`, as does a comparison that would say nothing: of a release with itself, with another
    distribution, or for no downstream. Nothing of any package is executed.
    """
    from tailrace.sources import Sources

    if not downstreams:
        raise NoDownstreamNamedError
    with ExitStack() as stack:
        pool = _start_pool(downstreams, options)
        if pool is not None:
            stack.enter_context(pool)
        where = sources or Sources()
        upstream, options = open_pair(candidate, baseline, where, options, pool)
        candidate_release = upstream.candidate.release
        notes = notes_on_comparison(upstream)
        specs = tuple(dict.fromkeys(part for spec in downstreams for part in where.parts(spec)))
        checked: list[Checked] = []
        for spec, one in _check_all(pool, upstream, specs, where, options):
            checked.append(one)
            if options.progress is not None:
                options.progress.step(str(spec))
    if checked and all(one.itself for one in checked):
        raise OnlyItselfError(candidate_release.name, tuple(map(str, specs)))
    return assemble(upstream, checked, options, notes)


def open_pair(
    candidate: str | Address,
    baseline: str | Address | None,
    sources: Sources,
    options: CheckOptions,
    pool: Pool | None = None,
) -> tuple[Upstream, CheckOptions]:
    """Candidate and baseline, found and opened; the options with how the baseline was chosen. Raises `TailraceError`
    where they cannot be compared.

    Unless the options say otherwise, they are fetched and read for the first time in a worker (of `pool`, where one is
    given), where time and memory have a limit.
    """
    with ExitStack() as stack:
        if pool is None:
            pool = _start_pool((candidate,), options)
            if pool is not None:
                stack.enter_context(pool)
        baseline_release, candidate_release = _find_pair(pool, candidate, baseline, sources, options)
        _say(options, f"opening {candidate_release.name} {baseline_release.version} and {candidate_release.version}")
        offered = None
        if pool is not None:
            offered = _under_limits(
                pool,
                _open_once,
                (baseline_release, candidate_release, pickle.dumps(sources)),
                f"{candidate_release.name} could not be opened",
                options,
            )
    upstream = open_upstream(baseline_release, candidate_release, sources, offered)
    if baseline is None and baseline_release.source == "git" and same_content(upstream.baseline, upstream.candidate):
        baseline_release = sources.previous(baseline_release)  # nothing was changed since the last tag
        upstream = open_upstream(baseline_release, candidate_release, sources)
    chosen = options.baseline_from or _baseline_from(baseline, baseline_release, candidate_release)
    return upstream, replace(options, baseline_from=chosen)


def check_each(
    upstream: Upstream, specs: Sequence[str | Address], sources: Sources, options: CheckOptions
) -> Iterator[tuple[str | Address, Checked]]:
    """Each downstream with what came of it, as they come; in worker processes unless the options say otherwise."""
    with ExitStack() as stack:
        pool = _start_pool(specs, options)
        if pool is not None:
            stack.enter_context(pool)
        for spec, one in _check_all(pool, upstream, specs, sources, options):
            yield spec, one
            if options.progress is not None:
                options.progress.step(str(spec))


def _find_pair(
    pool: Pool | None,
    candidate: str | Address,
    baseline: str | Address | None,
    sources: Sources,
    options: CheckOptions,
) -> tuple[Release, Release]:
    """Baseline and candidate, found (and fetched where their metadata has to be read) under the limits of `options`."""
    if pool is None:
        baseline_release, candidate_release = _choose_pair(candidate, baseline, sources)
    else:
        asked = (candidate, baseline, pickle.dumps(sources))
        baseline_release, candidate_release = _under_limits(
            pool, _choose_in_worker, asked, f"{Address(candidate)} could not be fetched", options
        )
    refuse_equal_specs(candidate_release, baseline_release)
    return baseline_release, candidate_release


def _choose_pair(candidate: str | Address, baseline: str | Address | None, sources: Sources) -> tuple[Release, Release]:
    candidate_release = sources.resolve(candidate)
    named = _named(candidate_release, sources)
    return (sources.baseline(baseline, named) if baseline is not None else sources.previous(named)), candidate_release


#: The names of the files that an index offers of baseline and candidate, where both are known.
_Offered = tuple[tuple[str, ...], tuple[str, ...]]
# In a worker: the sources of the last call, which hold the pages of indexes that it read.
_asked: tuple[bytes, Sources] | None = None


def _sources_of(pickled: bytes) -> Sources:
    """In a worker: the sources of a call, made once, so that no page of an index is read twice."""
    global _asked  # noqa: PLW0603 - one value per worker process
    if _asked is None or _asked[0] != pickled:
        _asked = (pickled, pickle.loads(pickled))  # noqa: S301 - from the process that started this one
    return _asked[1]


def _choose_in_worker(
    candidate: str | Address, baseline: str | Address | None, sources: bytes
) -> tuple[Release, Release]:
    return _choose_pair(candidate, baseline, _sources_of(sources))


def _open_once(baseline: Release, candidate: Release, sources: bytes) -> tuple[_Offered | None]:
    """In a worker: unpacks both releases into the cache and reads their metadata; returns what the index offers."""
    return (open_upstream(baseline, candidate, _sources_of(sources)).files,)


def _returned(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """In a worker: what the call returns, or the error that it raises."""
    try:
        return function(*arguments)
    except (TailraceError, OSError, RecursionError) as error:
        return error


def _under_limits(
    pool: Pool, function: Callable[..., Any], arguments: tuple[Any, ...], problem: str, options: CheckOptions
) -> Any:
    """What the call returns in a worker; raises what it raises, and ComparisonError where it passed a limit."""
    (_, outcome), *_ = pool.run(_returned, [(function, arguments)])
    if isinstance(outcome, Lost):
        raise ComparisonError(f"{problem}: {_reason(outcome, options)}")
    if isinstance(outcome.value, Exception):
        raise outcome.value
    return outcome.value


def _baseline_from(given: str | Address | None, baseline: Release, candidate: Release) -> str:
    """How the baseline was chosen, as a clause."""
    if given is not None:
        return _NAMED
    if baseline.source == "git":
        since = "" if candidate.source == "git" else f", since no index has an earlier release of this {candidate.name}"
        return f"the last version tag before the candidate{since}"
    return _HIGHEST_IN_CHANNEL if candidate.source == "conda" else _HIGHEST


def _named(release: Release, sources: Sources) -> Release:
    """The release as its own metadata names it, where the name of its file does not."""
    from tailrace.artifacts import open_release

    nameless = release.source == "file" and release.version.endswith("+unknown")
    return open_release(release, sources).release if nameless else release


def open_upstream(
    baseline: Release, candidate: Release, sources: Sources, offered: tuple[_Offered | None] | None = None
) -> Upstream:
    """Both versions of the upstream, opened. `offered`: what the index offers of both, where it was asked before."""
    from tailrace.artifacts import open_release

    # What other distributions require is asked where the upstream itself comes from an index.
    asks = candidate.source == "pypi" and not sources.settings.offline
    if offered is None:
        files = (sources.files(baseline), sources.files(candidate)) if asks else (None, None)
        offered = ((files[0], files[1]) if files[0] and files[1] else None,)
    return Upstream(
        open_release(baseline, sources),
        open_release(candidate, sources),
        cache_dir=sources.cache.root,
        lookup=sources.requirements if asks else None,
        files=offered[0],
    )


def check_spec(upstream: Upstream, spec: str | Address, sources: Sources, options: CheckOptions) -> Checked:
    """One downstream from its spec. Whatever goes wrong with it is its own `not-checked`."""
    from tailrace.artifacts import open_release

    started = time.monotonic()
    release = _unknown(spec)
    try:
        release = sources.resolve(spec)
        if release.name in upstream.names:
            return Checked(not_checked(release, "it is the upstream itself, which the candidate replaces"), itself=True)
        downstream = open_release(release, sources)
        # What is left for the type checker, whose trouble is better told than the end of the whole process.
        left = options.time_limit * _MOST - (time.monotonic() - started)
        return check_downstream(upstream, downstream, replace(options, time_limit=max(left, 0.1)))
    except TailraceError as error:
        return Checked(not_checked(release, str(error)))
    except RecursionError as error:
        return Checked(not_checked(release, f"it is nested too deeply to be read ({type(error).__name__})"))
    except MemoryError:
        if is_worker():  # which is replaced by a new one
            raise
        return Checked(not_checked(release, "it is too large to be read (MemoryError)"))
    except OSError as error:  # a full disk, too many open files
        place = f": {error.filename}" if error.filename else ""
        return Checked(not_checked(release, f"it could not be read or kept ({error.strerror or error}{place})"))
    except Exception as error:
        # One downstream that meets a fault of ours must not cost the answers about all others.
        said = Address(spec).scrub(str(error))[:300]
        reason = f"Tailrace failed on it ({type(error).__name__}: {said}); please report this fault"
        return Checked(not_checked(release, reason))


def _unknown(spec: str | Address) -> Release:
    """What stands in for a release that could not be found; without the secrets of its spec."""
    shown = redact(str(spec))
    return Release(name=shown, version="", spec=shown, source="file")


def assemble(
    upstream: Upstream, checked: Sequence[Checked], options: CheckOptions, notes: Sequence[str] = ()
) -> CheckReport:
    """The report over all downstreams, in an order that does not depend on how they were given."""
    from tailrace import __version__

    itself = sorted({f"{c.report.name} {c.report.version}" for c in checked if c.itself})
    reports = tuple(sorted((c.report for c in checked if not c.itself), key=lambda r: (r.name, r.version, r.spec)))
    reports, allowed = apply_allow_list(reports, options.allow, options.today)
    named = {(f.rule, f.symbol) for r in reports for f in r.findings}
    changes: dict[tuple[str, str], Change] = {}
    for change in sorted((c for one in checked for c in one.changes), key=msgspec.json.encode):
        if (change.rule, change.symbol) in named:
            changes.setdefault((change.rule, change.symbol), change)
    counts = count(reports)
    return CheckReport(
        tool=Tool(version=__version__),
        candidate=upstream.candidate.release,
        baseline=upstream.baseline.release,
        verdict=verdict_of(counts),
        counts=counts,
        changes=tuple(changes[key] for key in sorted(changes)),
        downstreams=reports,
        allow_list=allowed,
        baseline_from=options.baseline_from,
        bounds_ignored=options.ignore_bounds,
        notes=(
            *_yanked(upstream),
            *notes,
            *_on_choices(upstream.baseline.release, options),
            *(f"{name} is the upstream itself: not counted as a downstream." for name in itself),
        ),
    )


def _on_choices(baseline: Release, options: CheckOptions) -> Iterator[str]:
    """What was decided for the user, where it is not what the first line of a report leads to expect."""
    if options.baseline_from and options.baseline_from not in _EXPECTED:
        yield f"the baseline {baseline.version} is {options.baseline_from}."
    if options.ignore_bounds:
        yield "requirements on the upstream were taken to be lifted (--ignore-bounds)."


def _yanked(upstream: Upstream) -> tuple[str, ...]:
    """What an index says against the releases that are compared."""
    releases = (("candidate", upstream.candidate.release), ("baseline", upstream.baseline.release))
    return tuple(
        f"the {role} {release.name} {release.version} is yanked"
        + (f": {release.yanked_reason}" if release.yanked_reason else ".")
        for role, release in releases
        if release.yanked
    )


# -- in worker processes -----------------------------------------------------------------------------------------------

# In a worker: the upstream of the last call.
_opened: tuple[bytes, Upstream] | None = None


def _start_pool(specs: Sequence[str | Address], options: CheckOptions) -> Pool | None:
    """Workers that start while the releases are fetched; `None` where everything is done in this process."""
    if options.in_process or not specs:
        return None
    jobs = options.jobs or os.cpu_count() or 1
    pool = Pool(jobs, module=__name__, time_limit=options.time_limit, memory_limit=options.memory_limit)
    pool.start(min(jobs, len(specs)))
    return pool


def _check_all(
    pool: Pool | None, upstream: Upstream, specs: Sequence[str | Address], sources: Sources, options: CheckOptions
) -> Iterator[tuple[str | Address, Checked]]:
    many = len(specs) >= _MANY
    if many:
        baseline, candidate = upstream.baseline.release, upstream.candidate.release
        _say(options, f"comparing {candidate.name} {baseline.version} with {candidate.version}")
    if pool is None:
        if many:
            upstream.find_diff()
        _begin(options, specs)
        for spec in specs:
            yield spec, check_spec(upstream, spec, sources, options)
        return
    setup = pickle.dumps((upstream.baseline.release, upstream.candidate.release, sources, _plain(options)))
    diff = str(pool.folder / "diff.msgpack") if many else None
    if diff is not None:
        for _, outcome in pool.run(_write_diff, [(setup, diff)]):
            if isinstance(outcome, Lost):
                reason = _reason(outcome, options)
                raise ComparisonError(f"{upstream.candidate.release.name} could not be compared: {reason}")
    _begin(options, specs)
    for number, outcome in pool.run(_work, [(setup, spec, diff) for spec in specs]):
        spec = specs[number]
        if isinstance(outcome, Done):
            yield spec, outcome.value
        else:  # nothing is known about what the worker had in hand
            release = _unknown(spec)
            yield spec, Checked(not_checked(release, _reason(outcome, options)))


def _begin(options: CheckOptions, specs: Sequence[str | Address]) -> None:
    if options.progress is not None:
        options.progress.start(len(specs))


def _plain(options: CheckOptions) -> CheckOptions:
    return replace(options, progress=None)


def _reason(lost: Lost, options: CheckOptions) -> str:
    """Why a call to a worker came to nothing, as a sentence for the report."""
    match lost.why:
        case "time-limit":
            return (
                f"time limit: it took more than {options.time_limit:g} seconds to fetch, read and check "
                "(--time-limit sets how many it may take)"
            )
        case "memory-limit":
            return (
                f"memory limit: it took more than {options.memory_limit / (1 << 20):g} MiB to read and check "
                "(--memory-limit sets how many it may take)"
            )
        case "killed":
            perhaps = "; perhaps the machine has too little memory for it" if lost.detail == "SIGKILL" else ""
            return f"the process that checked it ended twice ({lost.detail}), the second time alone{perhaps}"
        case "failed":
            return f"Tailrace failed on it ({redact(lost.detail)[:300]}); please report this fault"
        case "not-started":
            return "no worker process could be started for it"
        case never:
            assert_never(never)


def _upstream_of(setup: bytes) -> tuple[Upstream, Sources, CheckOptions]:
    """The upstream of a call, opened once in a worker. It comes from the cache, which takes milliseconds."""
    global _opened  # noqa: PLW0603 - one value per worker process
    baseline, candidate, sources, options = pickle.loads(setup)  # noqa: S301 - from the process that started this one
    if _opened is None or _opened[0] != setup:
        _opened = (setup, open_upstream(baseline, candidate, sources))
    return _opened[1], sources, options


def _write_diff(setup: bytes, file: str) -> None:
    """Compares the two releases and writes what changed to a file, for all workers."""
    upstream, _, _ = _upstream_of(setup)
    Path(file).write_bytes(msgspec.msgpack.encode(upstream.find_diff()))


def _work(setup: bytes, spec: str | Address, diff: str | None) -> Checked:
    upstream, sources, options = _upstream_of(setup)
    if diff is not None and upstream.known_diff is None:
        from tailrace.changes.diff import Diff

        upstream.known_diff = msgspec.msgpack.decode(Path(diff).read_bytes(), type=Diff)
    return check_spec(upstream, spec, sources, options)


def _say(options: CheckOptions, text: str) -> None:
    if options.progress is not None:
        options.progress.say(text)
