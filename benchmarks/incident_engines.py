"""One row's specs in (JSON on stdin), one answer a downstream out (JSON on stdout). A crash stays in this process.

Engines: `tailrace` is the product; `ty` is the yardstick: the pinned type checker over all the downstream's files with
the old and then the new upstream on its path, of which only the diagnostics that are new count.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from incident_rows import RowSpecs
from incident_scoring import Answer, Reported
from tailrace.model import Artifact

_DIAGNOSTIC = re.compile(
    r"^(?P<file>.+?):(?P<line>\d+):\d+: (?:error|warning|info)\[(?P<rule>[\w-]+)\] (?P<message>.*)$"
)


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What the parent process asks for."""

    engine: str
    specs: RowSpecs


def run_tailrace(specs: RowSpecs) -> list[Answer]:
    """The product's own answer for the subject and, where the row has one, the fixed downstream."""
    from tailrace.check import check

    downstreams = [specs.subject, *([specs.fixed] if specs.fixed else [])]
    started = time.perf_counter()
    report = check(specs.candidate, specs.baseline, downstreams)
    seconds = time.perf_counter() - started
    by_spec = {entry.spec: entry for entry in report.downstreams}
    # A report may spell a spec its own way; the order of the request is then the only key.
    ordered = [by_spec.get(spec) or entry for spec, entry in zip(downstreams, report.downstreams, strict=True)]
    return [_answer(msgspec.to_builtins(entry), seconds / len(downstreams)) for entry in ordered]


def _answer(entry: dict[str, Any], seconds: float) -> Answer:
    reported = [
        Reported(
            file=finding["file"],
            line=finding["line"],
            symbol=finding["used"] or finding["symbol"],
            rule=finding["rule"],
            confidence=f"{finding['confidence']} {finding['severity']}"
            + (" tests" if finding["only_in_tests"] else ""),
            guard=finding["guard"],
            unmet=finding["condition_met"] is False,
            message=finding["message"],
        )
        for finding in entry["findings"]
    ]
    return Answer(status=entry["status"], reason=entry["reason"], reported=tuple(reported), seconds=seconds)


def run_ty(specs: RowSpecs) -> list[Answer]:
    """New diagnostics of plain `ty`, keyed by file, line, rule and message."""
    from tailrace.artifacts import open_release
    from tailrace.sources import Sources

    sources = Sources()
    old_paths, new_paths = (_import_paths(open_release(spec, sources)) for spec in (specs.baseline, specs.candidate))
    answers = []
    for spec in (specs.subject, specs.fixed):
        if spec is None:
            continue
        artifact = open_release(spec, sources)
        started = time.perf_counter()
        old = ty_diagnostics(artifact.root, _import_paths(artifact), old_paths)
        new = ty_diagnostics(artifact.root, _import_paths(artifact), new_paths)
        fresh = sorted(new - old)
        reported = tuple(Reported(file=f, line=n, rule=rule, symbol=text, message=text) for f, n, rule, text in fresh)
        seconds = time.perf_counter() - started
        answers.append(Answer(status="breaks" if fresh else "clear", reported=reported, seconds=seconds))
    return answers


def _import_paths(artifact: Artifact) -> list[Path]:
    return [artifact.root / path for path in artifact.search_paths]


def ty_diagnostics(root: Path, own: Sequence[Path], upstream: Sequence[Path]) -> set[tuple[str, int, str, str]]:
    """`(file, line, rule, message)` of what `ty` says about the files below `root`, with the upstream importable."""
    ty = Path(sys.executable).with_name("ty")
    command = [str(ty), "check", "--output-format", "concise", "--exit-zero", "--no-progress", "--color", "never"]
    command += ["--python-platform", "all", "--force-exclude", "--project", str(root)]
    for path in [*own, *upstream]:
        command += ["--extra-search-path", str(path)]
    done = subprocess.run([*command, str(root)], cwd=root, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"ty ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    found = set()
    for line in done.stdout.splitlines():
        match = _DIAGNOSTIC.match(line)
        if match:
            found.add((match["file"], int(match["line"]), match["rule"], match["message"]))
    return found


def run_store(specs: RowSpecs) -> list[Answer]:
    """The product's answer through a store: the downstreams are scanned, then everyone in it that depends on the
    candidate is checked. Who is not found to depend on it has not been checked."""
    import tempfile

    from tailrace.check import CheckOptions
    from tailrace.check.from_store import NoDependentError, check_store
    from tailrace.scan.run import ScanOptions, scan
    from tailrace.sources import Sources
    from tailrace.store import open_store

    sources = Sources()
    downstreams = [specs.subject, *([specs.fixed] if specs.fixed else [])]
    answers = []
    for spec in downstreams:
        with tempfile.TemporaryDirectory() as folder:
            store = open_store(folder)
            report = scan([spec], store, sources, ScanOptions(in_process=True, upload_times=False))
            if report.failures:
                answers.append(Answer(status="not-checked", reason=report.failures[0].reason))
                continue
            started = time.perf_counter()
            try:
                checked = check_store(
                    specs.candidate, specs.baseline, store.snapshot(), sources, CheckOptions(in_process=True)
                )
            except NoDependentError as error:
                answers.append(Answer(status="clear", reason=str(error)))
                continue
            seconds = time.perf_counter() - started
            answers.append(_answer(msgspec.to_builtins(checked.downstreams[0]), seconds))
    return answers


ENGINES = {"tailrace": run_tailrace, "store": run_store, "ty": run_ty}


def main() -> None:
    """Read one task, write one list of answers. An exception is an answer too, one for each downstream."""
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    wanted = 2 if task.specs.fixed else 1
    try:
        with contextlib.redirect_stdout(sys.stderr):
            answers = ENGINES[task.engine](task.specs)
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        answers = [Answer(status="error", reason=text[:500])] * wanted
    sys.stdout.write(json.dumps(msgspec.to_builtins(answers)))


if __name__ == "__main__":
    main()
