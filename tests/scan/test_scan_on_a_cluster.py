"""A real Dask cluster: a scheduler and two workers, one of which is killed half-way."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.wheels import write_wheel
from tailrace.cluster import ClusterError
from tailrace.scan.run import ScanOptions, scan
from tailrace.sources import Sources, SourceSettings
from tailrace.store import open_store

pytest.importorskip("distributed")


def start(*arguments: str, log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as file:
        command = [sys.executable, "-m", *arguments]
        return subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, start_new_session=True)


def end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(log: Path, pattern: str, process: subprocess.Popen[bytes]) -> str:
    for _ in range(600):
        found = re.search(pattern, log.read_text("utf-8", "replace")) if log.is_file() else None
        if found:
            return found.group(1)
        assert process.poll() is None, log.read_text("utf-8", "replace")
        time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8", "replace"))


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    log = tmp_path / "scheduler.log"
    scheduler = start("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", log=log)
    workers: list[subprocess.Popen[bytes]] = []
    try:
        address = wait_for(log, r"(tcp://127\.0\.0\.1:\d+)", scheduler)
        for number in range(2):
            local = str(tmp_path / f"worker{number}")
            worker_log = tmp_path / f"worker{number}.log"
            workers.append(
                start(
                    "distributed.cli.dask_worker",
                    address,
                    "--nthreads",
                    "1",
                    "--no-nanny",
                    "--no-dashboard",
                    "--death-timeout",
                    "60",
                    "--local-directory",
                    local,
                    log=worker_log,
                )
            )
        for number, worker in enumerate(workers):
            wait_for(tmp_path / f"worker{number}.log", r"(Registered to)", worker)
        yield address, workers
    finally:
        for process in (*workers, scheduler):
            end(process)


def test_a_worker_that_is_killed_loses_and_doubles_nothing(
    tmp_path: Path, cluster: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    address, workers = cluster
    specs = []
    for number in range(24):
        body = "".join(f"up.call{i}({number}, key{i}=1)\n" for i in range(300))
        files = {f"p{number}/__init__.py": f"import up\n{body}", f"p{number}/same.py": "import os\n"}
        specs.append(str(write_wheel(tmp_path / "wheels", f"p{number}", "1.0", files)))
    sources = Sources(SourceSettings(offline=True, cache_dir=tmp_path / "cache"))
    alone = open_store(str(tmp_path / "alone"))
    scan(specs, alone, sources, ScanOptions(in_process=True, upload_times=False))

    store = open_store(str(tmp_path / "store"))
    pending = tmp_path / "store" / "pending"

    def kill_one() -> None:
        for _ in range(3000):
            if pending.is_dir() and any(pending.iterdir()):
                break
            time.sleep(0.01)
        os.killpg(workers[0].pid, signal.SIGKILL)

    killer = threading.Thread(target=kill_one)
    killer.start()
    report = scan(specs, store, sources, ScanOptions(dask=address, upload_times=False, batch=5))
    killer.join()
    assert workers[0].poll() is not None or workers[0].wait(20) is not None
    assert (report.counts.scanned, report.counts.failed) == (24, 0)
    assert store.info().content == alone.info().content
    assert store.verify().problems == ()
    info = store.info()
    assert (info.artifacts, info.files) == (24, 25)


def test_a_cluster_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tailrace.cluster.TIMEOUT", 1.0)
    store = open_store(str(tmp_path / "store"))
    with pytest.raises((ClusterError, OSError)) as raised:
        scan(["x==1"], store, Sources(SourceSettings(offline=True)), ScanOptions(dask="tcp://127.0.0.1:1"))
    assert isinstance(raised.value, ClusterError)
