"""What conda's classic solver does, computed exactly. Never runs conda.

py-rattler answers the same problems with other tie-breaks (300, 294 and 276 of 300 recorded problems the same, under
strict, flexible and disabled priority): resolvo decides package by package in the order of the specs, conda
optimises the environment as a whole. No correction of resolvo's answers closes that gap, so conda's own optimisation
is modelled here, and solved with a maintained SAT library (python-sat: incremental, with assumptions and cores, 4
MB, wheels for every platform): a few milliseconds where conda takes a tenth of a second.

Compared with conda 4.12 itself on 6,000 more random problems of the recorded make, under three priorities: 17,994 of
18,000 environments the same, solvable or not the same in all; each of the six others is a tie, which the answer's note
says. With constraints, cycles, timestamps and features: over 99 %, and solvable or not the same in all; most of the
rest are packages that track two features at once, where conda stops before its own optimum.

The order of objectives, for each the worst rank first and then the sum of ranks: requested packages' channel,
version · number of active `track_features` · requested packages' build number, arch before noarch · number of
installed packages changed · the other packages' channel, version, build number, arch before noarch · number of
packages nobody asked for · timestamps of all. Without channel priority, version and channel change places.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from tailrace.conda.records import Installed, Record
from tailrace.conda.specs import parse_dependency, parse_spec, pins_by_name
from tailrace.solvers.classic.dependencies import Dependency, as_it_is, make_dependency
from tailrace.solvers.classic.dominated import drop_dominated
from tailrace.solvers.classic.optimizer import Chain, Optimizer
from tailrace.solvers.classic.reduced_index import Reduction
from tailrace.solvers.classic.universe import Universe, universe_of
from tailrace.solvers.interface import Priority, Problem, Solution, solved, unsolvable

TOO_HARD = "Too large to optimise exactly: this is the mamba family's answer, which conda mostly shares."
INSTALLED = (
    "How an existing environment changes is modelled: 306 of 310 random changes were those of conda 26.7 itself."
)
TIE = "conda rates another environment just as good, and may give that one."


class Encoding:
    """The clauses of one reduction, and the variables that name its candidates."""

    def __init__(self, reduction: Reduction, requests: list[Dependency], optimizer: Optimizer) -> None:
        self.reduction = reduction
        ranking = reduction.ranking
        situations = {name: ranking.situation(name, mask) for name, mask in reduction.kept.items()}
        self.ranks = {name: ranking.ranks(situation) for name, situation in situations.items()}
        self._places = drop_dominated(reduction.universe, requests, situations, self.ranks)
        self.universe: Universe = reduction.universe
        self.optimizer = optimizer
        self.names = [name for name in sorted(reduction.kept) if not name.startswith("__")]
        self.of: dict[str, dict[int, int]] = {}
        self.present: dict[str, int] = {}
        self._met: dict[Dependency, int] = {}
        for name in self.names:
            self._candidates(name)
        for name in self.names:
            self._dependencies(name)

    def _candidates(self, name: str) -> None:
        optimizer = self.optimizer
        variables = {place: optimizer.new() for place in self._places[name]}
        self.of[name] = variables
        # At most one: a ladder of "one of the candidates so far", whose last rung is "the package is there".
        before = 0
        for variable in variables.values():
            so_far = optimizer.new()
            optimizer.add([-variable, so_far])
            if before:
                optimizer.add([-before, so_far])
                optimizer.add([-before, -variable])
            before = so_far
        self.present[name] = before
        optimizer.add([-before, *variables.values()])

    def _dependencies(self, name: str) -> None:
        variables, wants = self.of[name], self.universe.group(name).wants
        askers: dict[int, dict[int, None]] = {}
        for place, variable in variables.items():
            for wanted in wants[place]:
                if not wanted.name.startswith("__"):
                    askers.setdefault(self.met(wanted), {})[variable] = None
        for met, asking in askers.items():
            # What all candidates ask for is asked for by the name.
            for variable in [self.present[name]] if len(asking) == len(variables) else asking:
                self.optimizer.add([-variable, met] if met else [-variable])

    def met(self, wanted: Dependency) -> int:
        """A literal that is only true when the want is met; 0 when nothing can."""
        known = self._met.get(wanted)
        if known is not None:
            return known
        variables = self.of.get(wanted.name, {})
        left = self.reduction.left(wanted)
        fitting = [variable for place, variable in variables.items() if left >> place & 1]
        literal = 0
        if wanted.optional:
            literal = self.optimizer.new()
            for place, variable in variables.items():
                if not left >> place & 1:
                    self.optimizer.add([-literal, -variable])
        elif fitting:
            if len(fitting) == len(variables):
                literal = self.present[wanted.name]
            else:
                literal = self.optimizer.new()
                self.optimizer.add([-literal, *fitting])
        self._met[wanted] = literal
        return literal

    def chosen(self) -> list[Record]:
        """The records of the last model."""
        return [
            self.universe.group(name).records[place]
            for name, variables in self.of.items()
            for place, variable in variables.items()
            if self.optimizer.true(variable)
        ]

    def has_rival(self) -> bool:
        """Whether a second environment meets everything that the last model meets."""
        other = self.optimizer.new()
        self.optimizer.add(
            [-other]
            + [
                -variable
                for variables in self.of.values()
                for variable in variables.values()
                if self.optimizer.true(variable)
            ]
        )
        return self.optimizer.solve([other])

    def changes(self, names: frozenset[str]) -> list[Chain]:
        """One chain for every installed package that would not stay as it is."""
        made: list[Chain] = []
        for name in sorted(names & self.of.keys()):
            mask = self.universe.installed(name)
            kept = [variable for place, variable in self.of[name].items() if mask >> place & 1]
            changed = self.optimizer.new()
            self.optimizer.add([changed, *kept])
            made.append((changed,))
        return made

    def places(self, name: str) -> Chain:
        """A chain that counts how far down a name's list the choice is; made after the fact, so solve again
        afterwards.
        """
        chain = tuple(self.optimizer.new() for _ in range(len(self.of[name]) - 1))
        for lower, higher in pairwise(chain):
            self.optimizer.add([-higher, lower])
        for variable, behind in zip(list(self.of[name].values())[1:], chain, strict=True):
            self.optimizer.add([-variable, behind])
        self.optimizer.solve()
        return chain

    def chains(self, names: Sequence[str], level: int) -> list[Chain]:
        """One chain a name, for one level of its ranks."""
        made = []
        for name in names:
            ranks = {place: self.ranks[name][place][level] for place in self.of[name]}
            worst = max(ranks.values(), default=0)
            if not worst:
                continue
            chain = tuple(self.optimizer.new() for _ in range(worst))
            for lower, higher in pairwise(chain):
                self.optimizer.add([-higher, lower])
            for place, behind in ranks.items():
                if behind:
                    self.optimizer.add([-self.of[name][place], chain[behind - 1]])
            made.append(chain)
        return made


def solve(problem: Problem, priority: Priority, explain: Callable[[], str]) -> Solution:
    """conda's answer. `explain` is asked for the reason only when there is no solution. Raises SpecError, and
    TooHardError on a huge problem.

    An existing environment is first taken as it is, but for the requested packages; only if that is impossible may the
    rest change, as little as can be of what its user had asked for.
    """
    universe, channel_ranks = universe_of(problem)
    requests = [make_dependency((parse_spec(text).text,)) for text in dict.fromkeys(problem.specs)]
    if problem.pins:
        requests = _pinned(problem, universe, requests)
    named = {request.name for request in requests}
    others = [package for package in problem.installed if package.record.name not in named]
    attempts = [(requests, frozenset[str]())]
    if others:
        frozen = [as_it_is(package.record, package.channel_url) for package in others]
        asked_for = [package for package in others if package.requested] or others
        loose = [make_dependency((_history(package),)) for package in asked_for]
        attempts = [
            ([*requests, *frozen], frozenset()),
            ([*requests, *loose], frozenset(p.record.name for p in asked_for)),
        ]
    for wants, targets in attempts:
        reduction = Reduction(universe, channel_ranks, priority, wants)
        if all(reduction.left(wanted) for wanted in wants):
            records, note = _best(reduction, wants, targets)
            if records is not None:
                return solved(records, " ".join(filter(None, (note, INSTALLED if problem.installed else ""))))
    return unsolvable(explain(), INSTALLED if problem.installed else "")


def _pinned(problem: Problem, universe: Universe, requests: list[Dependency]) -> list[Dependency]:
    """The requests with the pins in force. A pin on a name that the request can reach is asked for in its place, or
    besides; where nothing meets both the pin and the request on its name, conda goes by the request. Other pins are
    left alone, as the packages are that they speak of.
    """
    reachable = {request.name for request in requests}
    for request in requests:
        members = universe.mask(request)
        first = {w.name for wants, have in universe.group(request.name).alike.items() if members & have for w in wants}
        reachable.update(universe.reachable(sorted(first)))
    for name, spec in pins_by_name(problem.pins).items():
        if name not in reachable or spec.anything:
            continue
        pin = make_dependency((spec.text,))
        same = [request for request in requests if request.name == name]
        if not same:
            requests = [*requests, pin]
        elif universe.mask(pin) & universe.mask(same[-1]):
            requests = [pin if request is same[-1] else request for request in requests]
    return requests


def _history(package: Installed) -> str:
    """What the user had asked for; the bare name where that is not known, or cannot be read. Python stays at its minor
    version, unless something else was asked for.
    """
    text = package.requested or package.record.name
    spec = parse_dependency(text)
    if package.record.name == "python" and (spec.never or spec.version is None):
        return f"python {'.'.join(package.record.version.split('.')[:2])}.*"
    return package.record.name if spec.never else text


def _best(reduction: Reduction, wants: list[Dependency], targets: frozenset[str]) -> tuple[list[Record] | None, str]:
    """conda's choice, None when there is nothing to choose; and whether it was the only one as good."""
    optimizer = Optimizer()
    try:
        encoding = Encoding(reduction, wants, optimizer)
        for wanted in wants:
            met = encoding.met(wanted)
            optimizer.add([met] if met else [])
        requested = [name for name in dict.fromkeys(wanted.name for wanted in wants) if name not in targets]
        objectives = _objectives(encoding, requested, targets)
        if not optimizer.solve():
            return None, ""
        for chains in objectives:
            optimizer.minimize(chains)
        if not encoding.has_rival():
            return encoding.chosen(), ""
        _settle(encoding, [wanted.name for wanted in reduction.requests])
        return encoding.chosen(), TIE
    finally:
        optimizer.close()


def _objectives(encoding: Encoding, requested: list[str], targets: frozenset[str]) -> list[list[Chain]]:
    asked = [name for name in encoding.names if name in requested]
    others = [name for name in encoding.names if name not in requested]
    optional = [name for name in others if name not in targets]
    return [
        encoding.chains(asked, 0),
        encoding.chains(asked, 1),
        _features(encoding),
        encoding.chains(asked, 2),
        encoding.chains(asked, 3),
        encoding.changes(targets),
        *(encoding.chains(others, level) for level in range(4)),
        [(encoding.present[name],) for name in optional],
        encoding.chains(encoding.names, 4),
    ]


def _settle(encoding: Encoding, requested: list[str]) -> None:
    """Choose among environments that conda's objectives rate alike: package by package, in the order that conda's
    own search was seen to favour in most such cases.
    """
    others = sorted(set(encoding.names) - set(requested), reverse=True)
    for name in [*reversed(requested), *others]:
        if name in encoding.of:
            encoding.optimizer.minimize([encoding.places(name)])


def _features(encoding: Encoding) -> list[Chain]:
    active: dict[str, int] = {}
    for name, variables in encoding.of.items():
        records = encoding.universe.group(name).records
        for place, variable in variables.items():
            for feature in records[place].tracked:
                literal = active.setdefault(feature, 0) or encoding.optimizer.new()
                active[feature] = literal
                encoding.optimizer.add([-variable, literal])
    return [(literal,) for literal in active.values()]
