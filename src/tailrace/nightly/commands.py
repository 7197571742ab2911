"""The commands of the projects of a cell, and what each says with both releases."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from tailrace.nightly.bench import CellBench, plain_lines
from tailrace.nightly.programs import batch_program, list_executables_program, start_program
from tailrace.nightly.values import LevelName, LevelResult
from tailrace.verify.programs import Result
from tailrace.verify.smoke import subcommands

LIMIT = 20.0
_MOST = 40
_MARK = "\ntailrace-batch:"


@dataclass(frozen=True, slots=True)
class Script:
    """A console script. `target`: what it calls. `deeper`: its subcommands, and the executables that it finds by its
    own name (`conda-build` for `conda build`).
    """

    name: str
    target: str
    deeper: tuple[str, ...] = ()


def scripts_of(bench: CellBench) -> tuple[Script, ...]:
    """The scripts of the project with all subcommands, then those of the candidate with what others add to them."""
    found: list[Script] = []
    known: set[str] = set()
    for number, distribution in enumerate(reversed(bench.distributions)):
        for name, target in distribution.scripts:
            if name in known:
                continue
            known.add(name)
            deeper: list[str] = []
            if number == 0:
                (answer,) = answers(bench, Script(name, target), [("--help",)])[0] or (None,)
                deeper += subcommands(answer[1]) if answer is not None and answer[0] == 0 else ()
            listed = bench.run(list_executables_program([f"{name}-"]), bench.pair.baseline).stdout.split()
            deeper += [one.removeprefix(f"{name}-").removesuffix(".exe") for one in listed]
            found.append(Script(name, target, tuple(dict.fromkeys(deeper))[:_MOST]))
    return tuple(found)


Answer = tuple[int, str]


def answers(
    bench: CellBench, script: Script, calls: Sequence[Sequence[str]]
) -> tuple[tuple[Answer, ...] | None, tuple[Answer, ...] | None]:
    """What each call says with the baseline, and with the candidate; `None` where the script cannot be loaded."""
    program = batch_program(script.name, script.target, calls, LIMIT)
    read = [
        _read(bench.run(program, environment), len(calls))
        for environment in (bench.pair.baseline, bench.pair.candidate)
    ]
    return read[0], read[1]


def _read(result: Result, count: int) -> tuple[Answer, ...] | None:
    _, mark, text = result.stdout.rpartition(_MARK)
    if not mark:
        return None
    try:
        rows = json.loads(text.splitlines()[0])
        found = tuple((int(status), str(said)) for status, said in rows)
    except (ValueError, IndexError, TypeError):
        return None
    return found if len(found) == count else None


def compare(bench: CellBench, level: LevelName, last: tuple[str, ...]) -> LevelResult:
    """Every command with `last` behind it: a failure is one that fails, is silent, or says something entirely
    different with the candidate alone. Each is confirmed by starting the script itself.
    """
    tried = broken = 0
    for script in scripts_of(bench):
        calls = [last, *((deeper, *last) for deeper in script.deeper)]
        baseline, candidate = answers(bench, script, calls)
        if baseline is None:
            broken += len(calls)
            continue
        for number, call in enumerate(calls):
            status, said = baseline[number]
            if status != 0:
                broken += 1
                continue
            tried += 1
            after = candidate[number] if candidate is not None else (1, "")
            if after[0] == 0 and _same(said, after[1]):
                continue
            _confirm(bench, level, (script.name, *call))
    return LevelResult(
        level=level, tried=tried, broken_before=broken, reason=None if tried + broken else "it has no commands"
    )


def _same(before: str, after: str) -> bool:
    """Whether two outputs have anything in common, or the first said nothing."""
    one, other = plain_lines(before), plain_lines(after)
    return not one or bool(set(one) & set(other)) or (bool(other) and _alike(one, other))


def _confirm(bench: CellBench, level: LevelName, words: tuple[str, ...]) -> None:
    shown = " ".join(words)
    program = start_program(words, LIMIT)
    if bench.check(level, shown, program) is not True:
        return
    baseline, candidate = bench.both(program)
    assert candidate is not None
    if _same(baseline.stdout, candidate.stdout):
        return
    if not candidate.stdout.strip():
        bench.confirm_output(level, "silent", shown, program, f"`{shown}` writes nothing any more")
        return
    control = bench.run(program, bench.pair.baseline, again=True)
    if plain_lines(control.stdout) == plain_lines(baseline.stdout):  # else it never says the same
        said = " ".join(candidate.stdout.split())[:200]
        bench.confirm_output(level, "other-output", shown, program, f"prints something else: {said}")


def _alike(before: tuple[str, ...], after: tuple[str, ...]) -> bool:
    from difflib import SequenceMatcher

    return SequenceMatcher(None, " ".join(before)[:4000], " ".join(after)[:4000], autojunk=False).ratio() > 0.5
