"""Releases that cannot be read, among others that can: each is recorded with its reason, and costs only itself."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from support.wheels import write_wheel
from tailrace.scan import run as scanning
from tailrace.scan.run import ScanOptions, scan
from tailrace.sources import Limits, Sources, SourceSettings
from tailrace.store import open_store
from tailrace.store.ask import uses_of
from tailrace.store.store import iterate_failures


def hostile(folder: Path) -> dict[str, Path]:
    """Name → an archive that must not be believed."""
    folder.mkdir()
    made = {name: folder / f"{name}-1.0-py3-none-any.whl" for name in ("broken", "bomb", "climbing", "cut")}
    made["broken"].write_bytes(b"no archive")
    with zipfile.ZipFile(made["bomb"], "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(70):
            archive.writestr(f"bomb/m{number}.py", b"#" * 1_000_000)
    with zipfile.ZipFile(made["climbing"], "w") as archive:
        archive.writestr("../../outside.py", "import up\n")
    whole = write_wheel(folder / "whole", "cut", "1.0", {"cut.py": "import up\n" * 500})
    made["cut"].write_bytes(whole.read_bytes()[:200])
    return made


ODD_SOURCES = {
    "empty.py": "",
    "syntax.py": "def f(:\n",
    "deep.py": "x = " + "(" * 3000 + ")" * 3000 + "\n",
    "long_chain.py": "import up\nup" + ".a" * 3000 + "\n",
    "null.py": "import up\0\n",
    "python2.py": "import up\nprint 'x'\nup.old()\n",
    "tabs.py": "if 1:\n\tx = 1\n        y = 2\n",
    "bidi.py": "import up\nup.\u202eevil\n",
    "names.py": "from up import *\nfrom . import x\nfrom ............................ import y\n",
}


@pytest.mark.parametrize("in_process", [True, False])
def test_what_is_hostile_costs_only_itself(tmp_path: Path, in_process: bool) -> None:
    bad = hostile(tmp_path / "bad")
    good = write_wheel(tmp_path / "good", "good", "1.0", {"good.py": "import up\nup.call(1)\n", **ODD_SOURCES})
    limits = Limits(total_size=20_000_000, ratio=100, ratio_from=1_000_000)
    sources = Sources(SourceSettings(offline=True, cache_dir=tmp_path / "cache", limits=limits))
    store = open_store(str(tmp_path / "store"))
    specs = [*map(str, bad.values()), str(good)]
    options = ScanOptions(in_process=in_process, jobs=2, upload_times=False)
    report = scan(specs, store, sources, options)
    assert report.counts.scanned == 1
    assert {Path(failure.spec).name.partition("-")[0] for failure in report.failures} == set(bad)
    assert all(failure.reason for failure in report.failures)
    found = [(use.downstream, use.path) for use in uses_of(store.snapshot(), "up.call")]
    assert found == [("good", "up.call"), ("good", "up.*")]
    assert {failure.spec for failure in iterate_failures(store.snapshot())} == {str(path) for path in bad.values()}
    assert not (tmp_path / "outside.py").exists()


def test_a_worker_that_dies_costs_only_what_it_had_in_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    specs = [str(write_wheel(tmp_path, f"p{i}", "1.0", {f"p{i}.py": "import up\n"})) for i in range(4)]
    original = scanning.scan_in_worker

    monkeypatch.setattr(scanning, "scan_in_worker", dying)
    monkeypatch.setenv("TAILRACE_TEST_DIES", specs[1])
    store = open_store(str(tmp_path / "store"))
    sources = Sources(SourceSettings(offline=True, cache_dir=tmp_path / "cache"))
    assert original is not dying
    report = scan(specs, store, sources, ScanOptions(jobs=2, upload_times=False))
    (failure,) = report.failures
    assert (failure.spec, failure.stage) == (specs[1], "process")
    assert report.counts.scanned == 3


def test_a_fault_of_ours_is_a_reason_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    specs = [str(write_wheel(tmp_path, f"p{i}", "1.0", {f"p{i}.py": "import up\n"})) for i in range(2)]

    def fail(*_: object, **__: object) -> None:
        raise ValueError("a fault")

    monkeypatch.setattr("tailrace.scan.artifact.extract", fail)
    store = open_store(str(tmp_path / "store"))
    sources = Sources(SourceSettings(offline=True, cache_dir=tmp_path / "cache"))
    report = scan(specs, store, sources, ScanOptions(in_process=True, upload_times=False))
    assert report.counts.failed == 2
    assert all("please report" in failure.reason for failure in report.failures)


def test_a_release_that_takes_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    specs = [str(write_wheel(tmp_path, f"p{i}", "1.0", {f"p{i}.py": "import up\n"})) for i in range(2)]
    monkeypatch.setattr(scanning, "scan_in_worker", dying)
    monkeypatch.setenv("TAILRACE_TEST_HANGS", specs[0])
    store = open_store(str(tmp_path / "store"))
    sources = Sources(SourceSettings(offline=True, cache_dir=tmp_path / "cache"))
    report = scan(specs, store, sources, ScanOptions(jobs=1, upload_times=False, time_limit=8))
    assert [failure.spec for failure in report.failures if "--time-limit" in failure.reason][:1] == [specs[0]]


_REAL = scanning.scan_in_worker


def dying(setup: bytes, spec: str) -> object:
    """The real work, but for the specs that the environment names."""
    if os.environ.get("TAILRACE_TEST_DIES") == spec:
        os._exit(9)
    if os.environ.get("TAILRACE_TEST_HANGS") == spec:
        import time

        time.sleep(600)
    return _REAL(setup, spec)
