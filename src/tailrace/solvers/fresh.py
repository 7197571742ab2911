"""A new environment: what the clients that are not conda's classic solver put into it, asked of py-rattler.

py-rattler gives rattler's own answers, and those of libsolv (libmamba, and so mamba, micromamba and conda by default)
except where this module says otherwise:

- libsolv and conda's classic solver still install a file that the index lists as removed but describes, and do not see
  records of revision 3 (CEP 48); rattler does the opposite.
- Without channel priority libsolv takes, of files that agree in name, version, build number and build string, the one
  of the higher channel. rattler first compares the versions of their dependencies. In 2 of 900 recorded environments of
  micromamba 1.5.12 that decided.

rattler decides package by package in the order of the request, so all that may come first are tried, and an answer
that depends on it says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, permutations

from tailrace.conda.records import Record
from tailrace.conda.specs import parse_spec
from tailrace.solvers.interface import Other, Priority, Problem, Solution
from tailrace.solvers.resolvo import ask

LIBSOLV = "mamba, micromamba and conda with libmamba"
RATTLER = "pixi and conda with rattler"
#: Requests of up to so many specs are tried in every order, longer ones with each spec in front.
FEW = 3
#: The most orders that are tried.
MOST = 8


def with_rattler(problem: Problem, priority: Priority) -> Solution:
    """What pixi and conda with its rattler solver give."""
    return in_any_order(problem, lambda one: ask(one, priority, modern=True))


def with_libsolv(problem: Problem, priority: Priority) -> Solution:
    """What mamba, micromamba and conda with its libmamba solver give."""
    return in_any_order(problem, lambda one: _libsolv(one, priority))


def for_both(problem: Problem, priority: Priority) -> Solution:
    """The answer of a column that stands for both, with the other answer where there is one.

    Where they see different records it is rattler's, which goes by what the index says; else libsolv's.
    """
    modern = with_rattler(problem, priority)
    plain = all(channel.is_plain for channel in problem.channels)
    if plain and priority != "disabled":
        return modern
    old = with_libsolv(problem, priority)
    if (old.status, old.packages) == (modern.status, modern.packages):
        return modern
    first, second, who = (old, modern, RATTLER) if plain else (modern, old, LIBSOLV)
    return replace(first, others=(*first.others, Other(who, replace(second, others=())), *second.others))


def in_any_order(problem: Problem, solve: Callable[[Problem], Solution]) -> Solution:
    """The answer to the specs in the order given, with the different ones that other orders get."""
    first = solve(problem)
    known = {(first.status, first.packages)}
    others = []
    for specs in _orders(problem.specs):
        found = solve(replace(problem, specs=specs))
        if (found.status, found.packages) not in known:
            known.add((found.status, found.packages))
            others.append(Other(f"the same specs in the order {', '.join(specs)}", found))
    return replace(first, others=(*first.others, *others))


def _orders(specs: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Other orders of the specs, each once, the given one not among them."""
    if len(specs) <= FEW:
        found: Iterable[tuple[str, ...]] = permutations(specs)
    else:
        fronts = ((spec, *(other for other in specs if other != spec)) for spec in specs)
        found = (tuple(reversed(specs)), *fronts)
    return islice((order for order in dict.fromkeys(found) if order != specs), MOST)


def _libsolv(problem: Problem, priority: Priority) -> Solution:
    solution = ask(problem, priority, modern=False)
    if priority != "disabled" or solution.status != "solved" or len(problem.channels) < 2:
        return solution
    fixed: list[str] = []
    asked = [parse_spec(text).name for text in problem.specs]
    waiting = _by_request(solution.records, asked)
    # libsolv takes no decision back for a better choice of what comes after it.
    seen: dict[str, str] = {}
    while waiting:
        chosen = waiting.pop(0)
        if chosen.name in seen:
            continue
        for url in _higher_twins(problem, chosen):
            exact = f"{url}::{chosen.name} =={chosen.version} {chosen.build}"
            # As a spec: a constraint does not look at the channel.
            found = ask(problem, priority, modern=False, specs=(*problem.specs, *fixed, exact))
            if found.status == "solved" and {*seen.values()} <= {*found.packages}:
                fixed.append(exact)
                solution = found
                waiting = _by_request(found.records, asked)
                chosen = next((record for record in waiting if record.name == chosen.name), chosen)
                break
        seen[chosen.name] = chosen.label
    return solution


def _by_request(records: Sequence[Record], asked: Sequence[str]) -> list[Record]:
    """What was asked for first, in that order."""
    return sorted(records, key=lambda record: asked.index(record.name) if record.name in asked else len(asked))


def _higher_twins(problem: Problem, chosen: Record) -> Iterator[str]:
    """The addresses of the channels before the chosen record's own that have a file of the same name and build."""
    for channel in problem.channels:
        if channel.name == chosen.channel:
            return
        for subdir in (problem.subdir, "noarch"):
            for record in channel.of(subdir).get(chosen.name, ()):
                if (
                    (record.version, record.build_number, record.build, record.tracked)
                    == (chosen.version, chosen.build_number, chosen.build, chosen.tracked)
                    and record.revision == 1
                    and (problem.as_of is None or (record.appeared or 0) <= problem.as_of)
                ):
                    yield channel.url
