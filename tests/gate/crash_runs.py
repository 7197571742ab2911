"""Run by `test_ledger.py` as a program: an act on a ledger, ended at its k-th step, for every k. Prints a JSON line."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

from ledgers import CHECK, HEAD, UP, report

from tailrace import disk
from tailrace.gate.evaluate import evaluate
from tailrace.gate.evidence import make_evidence
from tailrace.gate.ledger import Ledger, init_ledger
from tailrace.gate.moments import parse_time
from tailrace.gate.overview import make_waivers

DEAD = 77
DAYS = ("2026-03-03", "2026-03-04", "2026-03-05")


def act(name: str, root: Path) -> None:
    """What is interrupted."""
    ledger = Ledger(root)
    match name:
        case "init":
            init_ledger(root.parent / "fresh", {"policy.toml": HEAD + CHECK})
        case "evidence":
            ledger.add_evidence(make_evidence(report(("down", "2.0", "clear")), made_at="2026-03-02"))
        case "record":
            facts = ledger.read_facts()
            ledger.record(tuple(evaluate(facts, UP, "one/main", parse_time(day)) for day in DAYS[1:]))
        case "waive" if not ledger.read_facts().waivers:
            made = make_waivers(
                ledger.read_facts(), rule="checked", subject="up 2.0", fingerprints=["0123456789abcdef"], target=None,
                reason="archived", by="ana", approved_by="ben", expires="2026-04-01", at=parse_time("2026-03-03"),
            )  # fmt: skip
            ledger.add_waivers("up", made)


def contents(root: Path) -> list[object]:
    """What a reader sees, or the error that he gets."""
    ledger = Ledger(root)
    facts = ledger.read_facts()
    fresh = root.parent / "fresh"
    return [
        sorted(one.sha256 for one in facts.evidence),
        [one.id for one in ledger.read_decisions()],
        len(facts.waivers),
        sorted(path.name for path in fresh.iterdir()) if fresh.exists() else None,
    ]


def main(name: str, base: Path) -> None:
    """Every death, on a fresh copy of `base/ledger` each: what is there after it, and after the act is done again."""
    os.fsync = lambda _: None  # type: ignore[assignment]  # a process that dies takes no pages with it

    def killed(root: Path, step: int | None) -> int:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            count = 0

            def announce(kind: str, path: Path) -> None:
                nonlocal count
                count += 1
                if count == step:
                    os._exit(DEAD)

            disk.announce = announce
            act(name, root)
            os.write(writer, str(count).encode())
            os._exit(0)
        os.close(writer)
        text = os.read(reader, 100)
        os.close(reader)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == (DEAD if step else 0)
        return int(text or 0)

    def fresh() -> Path:
        shutil.rmtree(base / "work", ignore_errors=True)
        shutil.copytree(base / "ledger", base / "work" / "ledger")
        return base / "work" / "ledger"

    root = fresh()
    old = contents(root)
    steps = killed(root, None)
    new = contents(root)
    deaths = []
    for step in range(1, steps + 1):
        root = fresh()
        killed(root, step)
        after = contents(root)
        if after[-1] is None or name != "init":
            killed(root, None)
        deaths.append([after, contents(root)])
    print(json.dumps({"old": old, "new": new, "deaths": deaths}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
