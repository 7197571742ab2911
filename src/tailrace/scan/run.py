"""Scans many specs into the store: in this process, in worker processes, or on a cluster.

Each artifact's facts are written to the store as soon as they are there, and taken into the next generation in batches.
What was written before an interruption is taken in by the next scan, so nothing is read twice. One artifact that cannot
be read is recorded with the reason, and costs nothing but itself.
"""

from __future__ import annotations

import bisect
import os
import pickle
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from tailrace.model import Address, TailraceError, redact
from tailrace.processes.pool import Done, Lost, Pool
from tailrace.processes.worker import is_worker
from tailrace.scan.extract import EXTRACTOR
from tailrace.store.errors import DamagedStoreError, StoreError
from tailrace.store.place import Place
from tailrace.store.rows import NOT_PYTHON, FailureRow, Scanned
from tailrace.store.store import PENDING, Store, read_pending, write_pending

if TYPE_CHECKING:
    from tailrace.sources import Sources

_TAKEN_AT_ONCE = 200

Status = Literal["scanned", "known", "failed"]


class FileWithoutFacts(msgspec.Struct, frozen=True, order=True):
    """A file that Python could import, and that gave no facts: no parser reads it, it is too large, it cannot be
    opened. Only the words in it are known."""

    spec: str
    file: str
    reason: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one spec. `stage`: where it failed. `files_read`: files that were parsed, `files_known`: files
    whose facts were kept already, `without_facts`: files that gave none. `pending`: the object with the facts. Times in
    seconds, sizes in bytes."""

    spec: str
    status: Status
    name: str = ""
    version: str = ""
    stage: str = ""
    reason: str = ""
    pending: str = ""
    files_read: int = 0
    files_known: int = 0
    without_facts: tuple[FileWithoutFacts, ...] = ()
    size: int = 0
    seconds: float = 0.0


class Failure(msgspec.Struct, frozen=True):
    """A spec that could not be scanned. `stage`: find, fetch, open, read, or process."""

    spec: str
    stage: str
    reason: str


class ScanCounts(msgspec.Struct, frozen=True, kw_only=True):
    """`scanned` + `known` + `failed` + `not_reached` = `specs`. `known`: the store had them already.

    `files_read`: files whose facts were taken down, `files_known`: those that the store had, `files_without_facts`:
    those that gave none.
    """

    specs: int
    scanned: int
    known: int
    failed: int
    not_reached: int
    files_read: int
    files_known: int
    files_without_facts: int = 0


class ScanFailures(msgspec.Struct, frozen=True, kw_only=True):
    """What a scan could not read."""

    schema: str = "tailrace.scan-failures/1"
    store: str
    failures: tuple[Failure, ...] = ()


class ScanReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a scan did. `stopped`: why it ended early, `None` where it did not."""

    schema: str = "tailrace.scan/1"
    store: str
    generation: int
    extractor: int
    counts: ScanCounts
    failures: tuple[Failure, ...]
    stopped: str | None = None
    seconds: float = 0.0
    without_facts: tuple[FileWithoutFacts, ...] = ()


class ScanProgress(Protocol):
    """What a scan reports while it runs. Called from one thread only."""

    def start(self, total: int) -> None:
        """`total` specs will be looked at."""

    def step(self, name: str) -> None:
        """One spec is done."""

    def say(self, text: str) -> None:
        """Rate, remaining time and failures so far."""


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """`jobs`: worker processes, 0 for one a core. `in_process`: work in the calling process. `dask`: address of a
    scheduler. `max_failures`: stop after that many, `None` for never. `time_limit`: seconds for one artifact.
    `memory_limit`: bytes for each worker. `batch`: artifacts taken in by one commit, and `batch_seconds` the longest
    time between two. `merge`: merge small fragments at the end."""

    jobs: int = 0
    in_process: bool = False
    dask: str | None = None
    max_failures: int | None = None
    time_limit: float = 300.0
    memory_limit: int = 4 << 30
    batch: int = 50
    batch_seconds: float = 30.0
    merge: bool = True
    upload_times: bool = True
    progress: ScanProgress | None = field(default=None, compare=False)


def scan(
    specs: Sequence[str | Address],
    store: Store,
    sources: Sources,
    options: ScanOptions = ScanOptions(),
) -> ScanReport:
    """Scans every spec into the store. Raises `StoreError` where the store cannot be written; it is then as it was."""
    started = time.monotonic()
    store.prepare()
    unique = list(dict.fromkeys(specs))
    receipts: dict[int, Receipt] = {}
    stopped: str | None = None
    take_in_pending(store)
    with tempfile.TemporaryDirectory(prefix="tailrace-") as folder:
        known = Path(folder, "known")
        _write_known(store, known)
        # The workers of a cluster are on other machines.
        what_is_known = known.read_bytes() if options.dask is not None else known
        setup = pickle.dumps((sources, store.place, what_is_known, options.upload_times))
        batch = _Batch(store, options)
        if options.progress is not None:
            options.progress.start(len(unique))
        failed = 0
        for number, receipt in _receipts(setup, unique, options):
            receipts[number] = receipt
            batch.take(receipt)
            failed += receipt.status == "failed"
            _report(options, receipt, receipts, len(unique), failed, started)
            if options.max_failures is not None and failed > options.max_failures:
                stopped = f"more than {options.max_failures} specs failed (--max-failures)"
                break
        batch.commit()
    if options.merge:
        store.merge()
    return _sum_up(store, unique, receipts, stopped, time.monotonic() - started)


def _sum_up(
    store: Store, specs: Sequence[object], receipts: dict[int, Receipt], stopped: str | None, seconds: float
) -> ScanReport:
    done = list(receipts.values())
    count = {status: sum(one.status == status for one in done) for status in ("scanned", "known", "failed")}
    return ScanReport(
        store=store.shown,
        generation=store.snapshot().generation.number,
        extractor=EXTRACTOR,
        counts=ScanCounts(
            specs=len(specs),
            scanned=count["scanned"],
            known=count["known"],
            failed=count["failed"],
            not_reached=len(specs) - len(done),
            files_read=sum(one.files_read for one in done),
            files_known=sum(one.files_known for one in done),
            files_without_facts=sum(len(one.without_facts) for one in done),
        ),
        failures=tuple(
            Failure(one.spec, one.stage, one.reason) for _, one in sorted(receipts.items()) if one.status == "failed"
        ),
        stopped=stopped,
        seconds=round(seconds, 3),
        without_facts=tuple(sorted(file for one in done for file in one.without_facts)),
    )


def _report(
    options: ScanOptions,
    receipt: Receipt,
    receipts: dict[int, Receipt],
    total: int,
    failed: int,
    started: float,
) -> None:
    if options.progress is None:
        return
    passed = max(time.monotonic() - started, 1e-6)
    rate = len(receipts) / passed
    left = (total - len(receipts)) / rate
    options.progress.step(receipt.spec)
    options.progress.say(
        f"{len(receipts)} of {total}, {rate:.1f}/s, {_duration(left)} left" + (f", {failed} failed" if failed else "")
    )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


class _Batch:
    """What was scanned and is not committed yet."""

    def __init__(self, store: Store, options: ScanOptions) -> None:
        self.store = store
        self.options = options
        self.names: list[str] = []
        self.size = 0
        self.failures: list[FailureRow] = []
        self.last = time.monotonic()

    def take(self, receipt: Receipt) -> None:
        """Adds one; commits when there is enough."""
        if receipt.status == "scanned":
            self.names.append(receipt.pending)
            self.size += receipt.size
        elif receipt.status == "failed":
            now = int(time.time() * 1000)
            self.failures.append(FailureRow(receipt.spec, receipt.stage, receipt.reason, now))
        late = time.monotonic() - self.last > self.options.batch_seconds
        if len(self.names) >= self.options.batch or self.size > 200_000_000 or (late and self.names):
            self.commit()

    def commit(self) -> None:
        """Takes in everything that is waiting."""
        place = self.store.place
        scanned: list[Scanned] = []
        for name in dict.fromkeys(self.names):
            found = read_pending(place, name)
            if found is not None:
                scanned.append(found)
            elif place.read(name) is not None:  # else another scan has taken it in
                raise DamagedStoreError(place.shown, name, "does not have the hash that it names")
        self.store.add(_once(scanned), self.failures, extractor=EXTRACTOR)
        for name in self.names:
            place.delete(name)
        self.names, self.failures, self.size, self.last = [], [], 0, time.monotonic()


def take_in_pending(store: Store) -> int:
    """Commits what an interrupted scan left, or what one that runs now has written: how many artifacts.

    All of it, in the order in which it was written: an artifact does not repeat the facts of files that its worker read
    for an earlier one.
    """
    place = store.place
    waiting = sorted(place.list(PENDING), key=lambda kept: (kept.time, kept.name))
    taken = 0
    for start in range(0, len(waiting), _TAKEN_AT_ONCE):
        part = waiting[start : start + _TAKEN_AT_ONCE]
        scanned = [found for kept in part if (found := read_pending(place, kept.name)) is not None]
        if scanned:
            store.add(_once(scanned), extractor=EXTRACTOR)
        for kept in part:
            place.delete(kept.name)
        taken += len(scanned)
    return taken


def _once(scanned: list[Scanned]) -> list[Scanned]:
    """A file that several workers read at once is kept once."""
    seen: set[int] = set()
    kept = []
    for one in scanned:
        fresh = {row.file for row in one.files} - seen
        seen |= fresh
        kept.append(
            msgspec.structs.replace(
                one,
                files=tuple(row for row in one.files if row.file in fresh),
                uses=tuple(row for row in one.uses if row.file in fresh),
                words=tuple(row for row in one.words if row.file in fresh),
            )
        )
    return kept


# -- where the work is done --------------------------------------------------------------------------------------------


def _receipts(setup: bytes, specs: Sequence[str | Address], options: ScanOptions) -> Iterator[tuple[int, Receipt]]:
    if options.dask is not None:
        from tailrace.scan.cluster import run_on_cluster

        yield from run_on_cluster(options.dask, setup, specs, options)
        return
    if options.in_process:
        for number, spec in enumerate(specs):
            yield number, scan_spec(setup, spec)
        return
    jobs = options.jobs or os.cpu_count() or 1
    with Pool(jobs, module=__name__, time_limit=options.time_limit, memory_limit=options.memory_limit) as pool:
        for number, outcome in pool.run(scan_in_worker, [(setup, spec) for spec in specs]):
            if isinstance(outcome, Done):
                if isinstance(outcome.value, StoreError):  # no other release fares better
                    raise outcome.value
                yield number, outcome.value
            else:
                yield number, lost_receipt(specs[number], outcome, options)


def lost_receipt(spec: str | Address, lost: Lost, options: ScanOptions) -> Receipt:
    """The receipt of a spec whose worker did not come back."""
    why = {
        "time-limit": f"it took more than {options.time_limit:g} seconds (--time-limit)",
        "memory-limit": f"it took more than {options.memory_limit >> 20} MiB (--memory-limit)",
        "killed": f"the process that read it ended twice ({lost.detail})",
        "failed": f"Tailrace failed on it ({redact(lost.detail)[:300]}); please report this fault",
        "not-started": "no worker process could be started for it",
    }[lost.why]
    return Receipt(spec=redact(str(spec)), status="failed", stage="process", reason=why)


# In a worker: what the calls of one scan share.
_opened: tuple[bytes, _Shared] | None = None


@dataclass(slots=True)
class _Shared:
    sources: Sources
    place: Place
    known: _Known
    upload_times: bool
    read: set[int] = field(default_factory=set)


def scan_in_worker(setup: bytes, spec: str | Address) -> Receipt | StoreError:
    """`scan_spec` in a worker process: what goes wrong with the store is returned, since what a worker raises is taken
    for a fault of the release."""
    try:
        return scan_spec(setup, spec)
    except StoreError as error:
        return error


def scan_spec(setup: bytes, spec: str | Address) -> Receipt:
    """One spec: find it, fetch it, open it, read it, write what it gives. Whatever goes wrong with it is its own; what
    goes wrong with the store is raised."""
    global _opened  # noqa: PLW0603 - one value per worker process
    if _opened is None or _opened[0] != setup:
        sources, place, known, upload_times = pickle.loads(setup)  # noqa: S301 - from the process that started this one
        _opened = (setup, _Shared(sources, place, _Known(known), upload_times))
    shared = _opened[1]
    started = time.monotonic()
    stage = "find"

    def failed(reason: str) -> Receipt:
        return Receipt(
            spec=redact(str(spec)),
            status="failed",
            stage=stage,
            reason=Address(spec).scrub(redact(reason))[:1000],
            seconds=time.monotonic() - started,
        )

    try:
        from tailrace.artifacts import open_release
        from tailrace.scan.artifact import files_without_facts, scan_artifact

        release = shared.sources.resolve(spec)

        def known() -> Receipt:
            shown, seconds = redact(str(spec)), time.monotonic() - started
            return Receipt(spec=shown, name=release.name, version=release.version, status="known", seconds=seconds)

        if release.sha256 and release.sha256 in shared.known.archives:
            return known()
        stage = "fetch"
        located = shared.sources.locate(release)
        stage = "open"
        artifact = open_release(located, shared.sources)
        stage = "read"
        uploaded = _uploaded(shared, release) if shared.upload_times else 0

        def is_known(key: int) -> bool:
            return key in shared.read or key in shared.known

        scanned = scan_artifact(artifact, is_known, uploaded=uploaded)
        if scanned.artifact.artifact in shared.known.artifacts:
            return known()
        key = f"{release.sha256 or format(scanned.artifact.artifact, '016x')}-{EXTRACTOR}"
        name = write_pending(shared.place, key, scanned)
        shared.read.update(row.file for row in scanned.files)
        shown = redact(str(spec))
        without = files_without_facts(scanned)
        fresh = {row.file for row in scanned.files}
        gave_none = sum(row.problem not in ("", NOT_PYTHON) for row in scanned.files)
        return Receipt(
            spec=shown,
            status="scanned",
            name=scanned.artifact.name,
            version=scanned.artifact.version,
            pending=name,
            files_read=len(fresh) - gave_none,
            files_known=sum(row.file not in fresh for row in scanned.contents),
            without_facts=tuple(FileWithoutFacts(shown, file, reason) for file, reason in without),
            size=sum(row.size for row in scanned.files),
            seconds=time.monotonic() - started,
        )
    except StoreError:
        raise
    except TailraceError as error:
        return failed(str(error))
    except RecursionError as error:
        return failed(f"it is nested too deeply to be read ({type(error).__name__})")
    except MemoryError:
        if is_worker():  # which is replaced by a new one
            raise
        return failed("it is too large to be read (MemoryError)")
    except OSError as error:
        place_ = f": {error.filename}" if error.filename else ""
        return failed(f"it could not be read ({error.strerror or error}{place_})")
    except Exception as error:
        # One release that meets a fault of ours must not cost all others.
        return failed(f"Tailrace failed on it ({type(error).__name__}: {str(error)[:300]}); please report this fault")


def _uploaded(shared: _Shared, release: object) -> int:
    try:
        when = shared.sources.upload_time(release)  # type: ignore[arg-type]
    except TailraceError:
        return 0
    return int(when.timestamp() * 1000) if when is not None else 0


# -- what the store has already ----------------------------------------------------------------------------------------


class _Known:
    """Archives, artifacts and file contents that the store has, from a file that all workers of a machine share."""

    def __init__(self, source: Path | bytes) -> None:
        packed = source if isinstance(source, bytes) else source.read_bytes()
        data = msgspec.msgpack.decode(packed, type=_KnownFile)
        self.archives, self.artifacts = frozenset(data.archives), frozenset(data.artifacts)
        self._files = memoryview(data.files).cast("q")

    def __contains__(self, key: int) -> bool:
        place = bisect.bisect_left(self._files, key)
        return place < len(self._files) and self._files[place] == key


class _KnownFile(msgspec.Struct):
    archives: list[str]
    artifacts: list[int]
    files: bytes


def _write_known(store: Store, path: Path) -> None:
    import array

    from tailrace.store.ask import known_keys
    from tailrace.store.errors import NoStoreError

    try:
        archives, artifacts, files = known_keys(store.snapshot(), EXTRACTOR)
    except NoStoreError:
        archives, artifacts, files = [], [], []
    data = _KnownFile(archives, artifacts, array.array("q", files).tobytes())
    path.write_bytes(msgspec.msgpack.encode(data))


Worker = Callable[[bytes, str | Address], Receipt]
__all__ = [
    "Failure",
    "Receipt",
    "ScanCounts",
    "ScanOptions",
    "ScanProgress",
    "ScanReport",
    "Worker",
    "lost_receipt",
    "scan",
    "scan_spec",
]
