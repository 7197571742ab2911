"""Specs in, the check report out: fetch, open, check every downstream, count. Prints nothing."""

from __future__ import annotations

import gc
import os
import signal
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tailrace.check.allow import apply_allow_list
from tailrace.check.downstream import Checked, check_downstream, not_checked
from tailrace.check.options import CheckOptions
from tailrace.check.status import count, verdict_of
from tailrace.check.upstream import Upstream
from tailrace.model import Change, CheckReport, Release, TailraceError
from tailrace.model.report import Tool

if TYPE_CHECKING:
    from tailrace.sources import Sources
    from tailrace.surface.diff import Diff


class OnlyItselfError(TailraceError):
    """Nothing but the upstream itself was named as a downstream. `specs`: what was named."""

    def __init__(self, name: str, specs: tuple[str, ...]) -> None:
        super().__init__(
            f"there is no downstream to check: {', '.join(specs[:3])} is {name} itself, which the candidate replaces.",
            hint="Name what uses it with --downstream, --downstream-from or --downstream-env.",
        )
        self.name = name
        self.specs = specs


# Fewer downstreams than this are done before worker processes would have started.
_SEVERAL = 3
# From here on, finding out what changed at all costs less than reading what cannot be hurt.
_MANY = 4


def check(
    candidate: str,
    baseline: str | None = None,
    downstreams: Sequence[str] = (),
    *,
    sources: Sources | None = None,
    options: CheckOptions = CheckOptions(),  # noqa: B008 - a frozen value
) -> CheckReport:
    """Which of `downstreams` break when `candidate` takes the place of `baseline`.

    All three are release specs (`NAME==VERSION`, a path, `git+URL@REF`, `env:PREFIX`…). Without a baseline the highest
    release below the candidate in the same source is taken. A downstream `env:PREFIX` stands for all that is installed
    there; what is the upstream itself is left out, and told in the notes. A downstream that cannot be fetched, opened
    or read is `not-checked` with the reason; a candidate or baseline that cannot raises `TailraceError`. Nothing of any
    package is executed.
    """
    from tailrace.sources import Sources

    where = sources or Sources()
    new = where.resolve(candidate)
    old = where.resolve(baseline) if baseline is not None else where.previous(_named(new, where))
    _say(options, f"opening {new.name} {old.version} and {new.version}")
    upstream = open_upstream(old, new, where)
    specs = tuple(dict.fromkeys(part for spec in downstreams for part in where.parts(spec)))
    checked: list[Checked] = []
    for spec, one in _check_all(upstream, specs, where, options):
        checked.append(one)
        if options.progress is not None:
            options.progress.step(spec)
    if checked and all(one.itself for one in checked):
        raise OnlyItselfError(new.name, specs)
    return assemble(upstream, checked, options)


def _named(release: Release, sources: Sources) -> Release:
    """The release as its own metadata names it, where the name of its file does not."""
    from tailrace.artifacts import open_release

    nameless = release.source == "file" and release.version.endswith("+unknown")
    return open_release(release, sources).release if nameless else release


def open_upstream(old: Release, new: Release, sources: Sources) -> Upstream:
    """Both versions of the upstream, opened."""
    from tailrace.artifacts import open_release

    return Upstream(open_release(old, sources), open_release(new, sources), cache_dir=sources.cache.root)


def check_spec(upstream: Upstream, spec: str, sources: Sources, options: CheckOptions) -> Checked:
    """One downstream from its spec. Whatever goes wrong with it is its own `not-checked`."""
    from tailrace.artifacts import open_release

    release = Release(name=spec, version="", spec=spec, source="file")
    try:
        release = sources.resolve(spec)
        if release.name in upstream.names:
            return Checked(not_checked(release, "it is the upstream itself, which the candidate replaces"), itself=True)
        return check_downstream(upstream, open_release(release, sources), options)
    except TailraceError as error:
        return Checked(not_checked(release, str(error)))
    except (RecursionError, MemoryError) as error:
        reason = f"it is nested too deeply or too large to be read ({type(error).__name__})"
        return Checked(not_checked(release, reason))
    except OSError as error:  # a full disk, too many open files
        place = f": {error.filename}" if error.filename else ""
        return Checked(not_checked(release, f"it could not be read or kept ({error.strerror or error}{place})"))
    except Exception as error:
        # One downstream that meets a fault of ours must not cost the answers about all others.
        reason = f"Tailrace failed on it ({type(error).__name__}: {str(error)[:300]}); please report this fault"
        return Checked(not_checked(release, reason))


def assemble(upstream: Upstream, checked: Sequence[Checked], options: CheckOptions) -> CheckReport:
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
        candidate=upstream.new.release,
        baseline=upstream.old.release,
        verdict=verdict_of(counts),
        counts=counts,
        changes=tuple(changes[key] for key in sorted(changes)),
        downstreams=reports,
        allow_list=allowed,
        notes=(
            *_yanked(upstream),
            *(f"{name} is the upstream itself: not counted as a downstream." for name in itself),
        ),
    )


def _yanked(upstream: Upstream) -> tuple[str, ...]:
    """What an index says against the releases that are compared."""
    releases = (("candidate", upstream.new.release), ("baseline", upstream.old.release))
    return tuple(
        f"the {role} {release.name} {release.version} is yanked"
        + (f": {release.yanked_reason}" if release.yanked_reason else ".")
        for role, release in releases
        if release.yanked
    )


# -- several at once ---------------------------------------------------------------------------------------------------

_worker: tuple[Upstream, Sources, CheckOptions] | None = None


def _check_all(
    upstream: Upstream, specs: Sequence[str], sources: Sources, options: CheckOptions
) -> Iterator[tuple[str, Checked]]:
    jobs = min(options.jobs or os.cpu_count() or 1, len(specs))
    if jobs <= 1 or len(specs) < _SEVERAL:
        _compare(upstream, specs, options)
        for spec in specs:
            yield spec, check_spec(upstream, spec, sources, options)
        return
    # loky: no `fork` under a progress bar's threads, and the caller's script is not run again in every worker.
    # Workers open the upstream anew from the cache, which takes milliseconds.
    from loky import ProcessPoolExecutor

    _spare_the_reader()
    plain = replace(options, progress=None, clock=None)
    arguments = (upstream.old.release, upstream.new.release, sources, plain)
    pool = ProcessPoolExecutor(jobs, initializer=_start_worker, initargs=arguments)
    waiting: dict[Future[Checked], str] = {}
    try:
        started = [pool.submit(os.getpid) for _ in range(jobs)]  # they start while the releases are compared
        diff = _compare(upstream, specs, options)
        del started
        with tempfile.TemporaryDirectory(prefix="tailrace-diff-") as folder:
            kept = Path(folder) / "diff.msgpack"
            if diff is not None:
                kept.write_bytes(msgspec.msgpack.encode(diff))
            name = str(kept) if diff is not None else None
            waiting.update({pool.submit(_work, spec, name): spec for spec in specs})
            while waiting:
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    spec = waiting.pop(future)
                    error = future.exception()
                    if error is None:
                        yield spec, future.result()
                    else:  # a worker was killed; nothing is known about what it had in hand
                        release = Release(name=spec, version="", spec=spec, source="file")
                        yield spec, Checked(not_checked(release, f"the process that checked it ended: {error}"))
    finally:
        pool.shutdown(wait=not waiting, kill_workers=bool(waiting))


def _compare(upstream: Upstream, specs: Sequence[str], options: CheckOptions) -> Diff | None:
    """The diff where it pays for itself several times over, before the first downstream is looked at."""
    diff: Diff | None = None
    if len(specs) >= _MANY:
        old, new = upstream.old.release, upstream.new.release
        _say(options, f"comparing {new.name} {old.version} with {new.version}")
        diff = upstream.find_diff()
    if options.progress is not None:
        options.progress.start(len(specs))
    return diff


def _spare_the_reader() -> None:
    """Lets the pool renew workers that have read a large upstream without a Python warning amid the report."""
    warnings.filterwarnings("ignore", "A worker was restarted", UserWarning)


def _start_worker(old: Release, new: Release, sources: Sources, options: CheckOptions) -> None:
    global _worker  # noqa: PLW0603 - one value per worker process, set once
    gc.set_threshold(200_000, 20, 100)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    _worker = (open_upstream(old, new, sources), sources, options)


def end_with_parent() -> None:
    """Ends this process when the one that started it is gone, however that ended: nobody waits for its answers."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _work(spec: str, diff: str | None) -> Checked:
    assert _worker is not None
    upstream, sources, options = _worker
    if diff is not None and upstream.known_diff is None:
        from tailrace.surface.diff import Diff

        upstream.known_diff = msgspec.msgpack.decode(Path(diff).read_bytes(), type=Diff)
    return check_spec(upstream, spec, sources, options)


def _say(options: CheckOptions, text: str) -> None:
    if options.progress is not None:
        options.progress.say(text)
