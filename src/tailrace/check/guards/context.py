"""Decides whether the code around a break can be reached, and whether something catches the exception."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from tailrace.check.breakage import LINEAGES, Breakage
from tailrace.check.guards.chosen import choices
from tailrace.check.guards.except_clauses import (
    asks_with_default,
    assigned_in,
    catches_mishaps,
    fails_again,
    first_import,
    import_family,
    is_broad,
    is_for_lookups,
    item_text,
    makes_up_for,
    names_literally,
    only_notes,
)
from tailrace.check.guards.local_values import local_variables
from tailrace.check.guards.version_values import VersionValues
from tailrace.check.release_pair import ReleasePair
from tailrace.python.interpreter.frames import Frame, Moment, OutOfBudget
from tailrace.python.interpreter.interpreter import Interpreter
from tailrace.python.interpreter.raising import catches
from tailrace.python.interpreter.values import Raised, truth
from tailrace.python.modules import Surface
from tailrace.python.parsing import identifiers
from tailrace.python.semantics.chains import resolve_root, walk
from tailrace.python.semantics.entities import External
from tailrace.python.text import descendants, dotted, source_of
from tailrace.python.usages import AfterTry, Attempt, Condition, FileUsage, InHandler, InTry, Surrounding, Use

_Function = ast.FunctionDef | ast.AsyncFunctionDef
PLATFORMS = ("linux", "darwin", "win32")
_VERSION_WORDS = re.compile(
    r"version|_VER\b|(?:^|_)(?:GE|GT|LE|LT|GTE|LTE)(?:_|\d|$)|V\d|under\d|\d{2,}", re.IGNORECASE
)
_MOST_SPELLED = 8
_FLAG_WORDS = re.compile(
    r"^_*(?:has|have|is|use|with|using|supports?)_|_(?:available|installed|present)$|^_?PY[23]|^PYTHON", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Context:
    """What surrounds a break. `dead`: the code cannot run with the candidate. Other fields as in `Finding`."""

    dead: bool = False
    guard: str | None = None
    condition: str | None = None
    condition_met: bool | None = None
    platforms: tuple[str, ...] = ()
    pythons: tuple[str, ...] = ()
    doubtful: bool = False


@dataclass(slots=True)
class Surroundings:
    """Judges what is around the uses of one downstream. `pythons`: interpreters that candidate and downstream both
    support. `find`: the breaks of one use."""

    pair: ReleasePair
    pythons: tuple[tuple[int, int], ...]
    upstream_names: frozenset[str]
    find: Callable[[ReleasePair, FileUsage, Use], Iterable[Breakage]]
    _machines: dict[Moment, Interpreter] = field(default_factory=dict)
    _versions: VersionValues = field(init=False)

    def __post_init__(self) -> None:
        self._versions = VersionValues(self.pair, self.upstream_names)

    def machine(self, moment: Moment) -> Interpreter:
        """The evaluator for one interpreter and platform, with the candidate installed."""
        if moment not in self._machines:
            self._machines[moment] = Interpreter(self.pair.candidate, moment)
        machine = self._machines[moment]
        machine.budget = 50_000
        return machine

    def judge(
        self,
        usage: FileUsage,
        use: Use,
        raises: frozenset[str],
        *,
        is_import: bool,
        names: frozenset[str] = frozenset(),
    ) -> Context:
        """The context of a break that raises `raises` at `use`. `names`: what is gone, as a test around it would
        spell it."""
        around = self._with_sites(usage, use)
        guard = self._guard(usage, around, raises, is_import=is_import)
        pythons, platforms = set(self.pythons), set(PLATFORMS)
        conditions: list[str] = []
        doubtful = False
        for item in around:
            if isinstance(item, Condition):
                verdict = self._test(usage, item, pythons, platforms, conditions)
                if verdict == "alive" and names and any(names_literally(t, names) for t in self._spelled(usage, item)):
                    verdict = "doubtful" if self._value(usage, item, Moment()) is None else verdict
                if verdict == "dead":
                    return Context(dead=True)
                if verdict == "doubtful":
                    doubtful = True
                    guard = guard or item_text(item)
            elif isinstance(item, InHandler):
                verdict = self._handler(usage, item, pythons, conditions)
                if verdict == "dead":
                    return Context(dead=True)
                if verdict == "doubtful":
                    doubtful = True
                    guard = guard or conditions[-1]
            elif isinstance(item, AfterTry) and self._left_before(usage, item):
                return Context(dead=True)
        chosen = self._chosen(usage, use)
        if chosen is not None:
            if chosen.dead:
                return chosen
            doubtful, guard = True, guard or chosen.guard
        limited = tuple(p for p in PLATFORMS if p in platforms) if len(platforms) < len(PLATFORMS) else ()
        met: bool | None = None
        if not platforms or (self.pythons and not pythons):
            met = False
        elif limited or (conditions and len(pythons) < len(self.pythons)):
            met = True
        return Context(
            guard=guard,
            condition=" and ".join(dict.fromkeys(conditions)) or None,
            condition_met=met,
            platforms=limited,
            pythons=_texts(pythons) if len(pythons) < len(self.pythons) else (),
            doubtful=doubtful,
        )

    def judge_importers(self, usages: Sequence[FileUsage], module: str, raises: frozenset[str]) -> Context:
        """Whether a module of the downstream itself is only imported by code that cannot run, or that catches
        `raises`."""
        contexts: list[Context] = []
        for usage in usages:
            if usage.module == module:
                continue
            for use in usage.uses:
                if use.how not in {"import", "from-import"}:
                    continue
                wanted = (
                    {use.root.name} if use.how == "import" else {use.root.module, f"{use.root.module}.{use.root.name}"}
                )
                if module in wanted:
                    contexts.append(self.judge(usage, use, raises, is_import=True))
        if not contexts:
            return Context()
        if all(c.dead for c in contexts):
            return Context(dead=True)
        guards = [c.guard for c in contexts if not c.dead]
        return Context(guard=f"at its importer: {guards[0]}") if all(guards) else Context()

    def _spelled(self, usage: FileUsage, item: Condition) -> list[ast.expr]:
        """A test, and what the names in it are bound to: in the functions around it, or once in its module."""
        found, seen = [item.test], set[str]()
        parsed = self.pair.candidate.surfaces[-1].tree(usage.file)
        scopes: list[ast.AST] = [*self._functions(usage, item), *([parsed.tree] if parsed is not None else [])]
        for test in found:
            for node in descendants(test):
                if not isinstance(node, ast.Name) or node.id in seen or len(found) > _MOST_SPELLED:
                    continue
                seen.add(node.id)
                bound = [
                    value
                    for scope in scopes
                    for value in assigned_in(scope, node.id)
                    if isinstance(scope, ast.Module) or value.lineno < item.test.lineno
                ]
                found.extend(bound if len(bound) == 1 else ())
        return found

    def _with_sites(self, usage: FileUsage, use: Use) -> tuple[Surrounding, ...]:
        """A name that some branch binds otherwise carries the tests of the import that binds it to the upstream."""
        if use.root.kind != "name" or use.how != "attribute":
            return use.around
        sites = [s for s in usage.sites if s.name == use.root.name]
        if len(sites) != 1 or sites[0].target is None:
            upstream = [s for s in sites if s.target is not None and self._is_upstream(s.target)]
            others = [s for s in sites if s not in upstream]
            if len(upstream) == 1 and others:
                return (*(a for a in upstream[0].around if not isinstance(a, InTry)), *use.around)
            return use.around
        return (*(a for a in sites[0].around if not isinstance(a, InTry)), *use.around)

    def _is_upstream(self, target: str) -> bool:
        return target.split(":", 1)[0].split(".", 1)[0] in self.upstream_names

    def _chosen(self, usage: FileUsage, use: Use) -> Context | None:
        """What decides whether the function or class around a use is used at all: `C = B if VERSION > 2 else A`."""
        name = use.inside.removeprefix(f"{usage.module}.").split(".", 1)[0]
        surface = self.pair.candidate.surfaces[-1]
        parsed = surface.tree(usage.file) if use.scope == "function" and use.inside != usage.module else None
        places = choices(parsed.tree, name) if parsed is not None else None
        if places is not None and _may_be_named_elsewhere(surface, usage, name):
            return None
        guard = None
        for place in places or ():
            verdicts = [(self._test(usage, item, set(self.pythons), set(PLATFORMS), []), item) for item in place]
            if any(verdict == "dead" for verdict, _ in verdicts):
                continue
            guard = next((item_text(item) for verdict, item in verdicts if verdict == "doubtful"), None)
            if guard is None:
                return None
        return None if places is None else Context(guard=guard, doubtful=True) if guard else Context(dead=True)

    def holds(self, usage: FileUsage, item: Condition) -> bool | None:
        """Whether code under a test runs with the candidate, on any interpreter; `None` where it is not known."""
        known = self._value(usage, item, Moment())
        return None if known is None else known is item.polarity

    def asks_for_version(self, usage: FileUsage, item: Condition) -> bool:
        """Whether a test looks at the version of the upstream."""
        return self._versions.derives(item.test, usage.module, self._functions(usage, item))

    # -- guards ----------------------------------------------------------------------------------------------------

    def _guard(
        self, usage: FileUsage, around: tuple[Surrounding, ...], raises: frozenset[str], *, is_import: bool
    ) -> str | None:
        if not raises:
            return None
        for item in reversed(around):
            if not isinstance(item, InTry):
                continue
            for handler in item.statement.handlers:
                if not catches(handler, raises):
                    continue
                if fails_again(handler) or self._fallback_fails(usage, item.statement, handler):
                    break
                if not is_import and only_notes(handler) and not self._made_up_for(usage, item.statement):
                    break  # the failure is written down, and what was wanted is not done
                if is_broad(handler) and not is_import and item.statement.size > 6:
                    break  # a catch-all around a whole function hides the failure, it does not handle it
                return f"except {source_of(handler.type)}" if handler.type is not None else "except"
        return None

    def _fallback_fails(self, usage: FileUsage, statement: Attempt, handler: ast.ExceptHandler) -> bool:
        """The branch meant to replace what is gone imports something that the candidate does not have either."""
        for use in usage.uses:
            if use.how not in {"import", "from-import"}:
                continue
            index = next(
                (
                    i
                    for i, a in enumerate(use.around)
                    if isinstance(a, InHandler)
                    and a.statement.line == statement.line
                    and a.handler.lineno == handler.lineno
                ),
                None,
            )
            if index is None or any(isinstance(a, InTry | Condition) for a in use.around[index + 1 :]):
                continue
            found = resolve_root(self.pair.candidate, usage.module, use.root)
            if found.state == "absent" and self.pair.upstream(use.root.module or use.root.name):
                return True
        return False

    def _made_up_for(self, usage: FileUsage, attempt: Attempt) -> bool:
        """Whether what follows a `try` does in another way what its body could not do."""
        parsed = self.pair.candidate.surfaces[-1].tree(usage.file)
        every = descendants(parsed.tree) if parsed is not None else []
        statement = next((n for n in every if isinstance(n, ast.Try) and n.lineno == attempt.line), None)
        return parsed is not None and statement is not None and makes_up_for(parsed.tree, statement)

    def _left_before(self, usage: FileUsage, item: AfterTry) -> bool:
        """Whether the `try` above surely fails with the candidate, and what catches that does not lead here."""
        for use in usage.uses:
            index = next(
                (
                    i
                    for i, a in enumerate(use.around)
                    if isinstance(a, InTry) and a.statement.line == item.statement.line
                ),
                None,
            )
            if index is None or any(isinstance(a, Condition) for a in use.around[index + 1 :]):
                continue
            last = list(walk(self.pair.candidate, usage.module, use.root, use.steps))[-1]
            if last.found.state != "absent" or (last.step is not None and last.step.default):
                continue
            error = last.found.lineage or LINEAGES.get(last.found.error, frozenset({last.found.error, "Exception"}))
            handler = next((h for h in item.statement.handlers if catches(h, error)), None)
            if handler in item.leaving:
                return True
        return False

    # -- tests -----------------------------------------------------------------------------------------------------

    def _test(
        self,
        usage: FileUsage,
        item: Condition,
        pythons: set[tuple[int, int]],
        platforms: set[str],
        conditions: list[str],
    ) -> str:
        known = self._value(usage, item, Moment())
        if known is not None:
            return "dead" if known is not item.polarity else "alive"
        text = source_of(item.test)
        by_python = {p: self._value(usage, item, Moment(python=p)) for p in self.pythons}
        if by_python and all(v is not None for v in by_python.values()):
            left = {p for p, v in by_python.items() if v is item.polarity}
            if left != set(self.pythons):
                pythons &= left
                conditions.append(item_text(item))
            return "alive"
        if any(word in text for word in ("platform", "os.name", "sys.", "WIN", "win", "WINDOWS", "MAC", "LINUX")):
            by_platform = {p: self._value(usage, item, Moment(platform=p)) for p in PLATFORMS}
            if all(v is not None for v in by_platform.values()):
                left_platforms = {p for p, v in by_platform.items() if v is item.polarity}
                if left_platforms != set(PLATFORMS):
                    platforms &= left_platforms
                    conditions.append(item_text(item))
                return "alive"
        within = self._functions(usage, item)
        if self._decides_by_version(usage, item.test, item.polarity, within):
            return "doubtful"
        return "doubtful" if any(map(asks_with_default, self._spelled(usage, item)[1:])) else "alive"

    def _functions(self, usage: FileUsage, item: Condition) -> tuple[_Function, ...]:
        """The functions that a test stands in, outermost first."""
        surface = self.pair.candidate.surfaces[-1]
        found = (surface.function(usage.file, line) for line in item.within)
        return tuple(function for function in found if function is not None)

    def _value(self, usage: FileUsage, item: Condition, moment: Moment) -> bool | None:
        machine = self.machine(moment)
        try:
            variables = local_variables(item.test, self._functions(usage, item), usage.module, machine)
            return truth(machine.value(item.test, Frame(usage.module, variables)))
        except (Raised, OutOfBudget, RecursionError):
            return None

    def _decides_by_version(
        self, usage: FileUsage, test: ast.expr, polarity: bool, within: tuple[_Function, ...]
    ) -> bool:
        """Whether the test has its value only where a question about the version has a certain answer."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return self._decides_by_version(usage, test.operand, not polarity, within)
        if isinstance(test, ast.BoolOp):
            parts = [self._decides_by_version(usage, value, polarity, within) for value in test.values]
            # `a and b` is true only if both are; it is false as soon as one of them is.
            return any(parts) if isinstance(test.op, ast.And) is polarity else all(parts)
        return self._asks_for_version(usage, test, within)

    def _asks_for_version(self, usage: FileUsage, test: ast.expr, within: tuple[_Function, ...]) -> bool:
        """Whether a test that could not be decided looks at the version, or the presence, of the upstream."""
        if self._versions.derives(test, usage.module, within):
            return True
        for node in descendants(test):
            name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None
            if name is None:
                continue
            if name in {"hasattr", "__version__"} and not self._asks_another(usage, test, node):
                return True
            lowered = name.lower()
            of_upstream = isinstance(node, ast.Attribute) and self._is_upstream(dotted(node.value) or "")
            if of_upstream and _VERSION_WORDS.search(name):
                return True
            named = any(
                re.search(rf"(?:^|_){re.escape(u.lower())}", lowered) for u in self.upstream_names if len(u) > 1
            )
            if named and (_VERSION_WORDS.search(name) or _FLAG_WORDS.search(name)):
                return True
            if (
                _VERSION_WORDS.search(name)
                and "sys." not in source_of(test)
                and name.upper() == name
                and "PY" not in name
            ):
                return True
        return False

    def _asks_another(self, usage: FileUsage, test: ast.expr, node: ast.AST) -> bool:
        """`numpy.__version__`, `hasattr(os, "fork")`: about a module that is not the upstream's."""
        calls = [n for n in descendants(test) if isinstance(n, ast.Call) and n.func is node and n.args]
        asked = node.value if isinstance(node, ast.Attribute) else calls[0].args[0] if calls else None
        path = dotted(asked)
        if path is None:
            return False
        entity = self.pair.candidate.scope(usage.module, path.split(".", 1)[0]).entity
        return isinstance(entity, External) and not self._is_upstream(entity.path)

    # -- fallback branches -----------------------------------------------------------------------------------------

    def _handler(self, usage: FileUsage, item: InHandler, pythons: set[tuple[int, int]], conditions: list[str]) -> str:
        """An `except` branch runs only if the body raises what it catches; `dead` when the body surely works."""
        if catches_mishaps(item):
            return "alive"
        for_baseline = self._serves_baseline(usage, item)
        if for_baseline:
            conditions.append(f"only when `{first_import(item.statement)}` fails")
            return "doubtful" if is_broad(item.handler) else "dead"
        doubt = not item.statement.plain
        left: set[tuple[int, int]] = set()
        settled = optional = found = False
        for use in usage.uses:
            if not any(isinstance(a, InTry) and a.statement.line == item.statement.line for a in use.around):
                continue
            reached = list(walk(self.pair.candidate, usage.module, use.root, use.steps))
            last = reached[-1].found
            found = found or any(step.found.state == "present" for step in reached)
            if last.state == "absent":
                error = last.lineage or frozenset(
                    {last.error, "Exception", "BaseException"} | import_family(last.error)
                )
                if catches(item.handler, error):
                    return "alive"
            if last.state == "unknown" and use.how in {"import", "from-import"}:
                module = use.root.module or use.root.name
                aliased = self._aliased(module, use)
                if aliased is not None:
                    if aliased:
                        continue
                    return "alive"
                if self._installed_along(module):
                    settled = True
                    continue
                names = {module} if use.how == "import" else {module, f"{module}.{use.root.name}"}
                missing = {p for p in self.pythons if not all(self._standard(name, p) for name in names)}
                if missing == set(self.pythons) or not self.pythons:
                    optional = doubt = True
                else:
                    left |= missing
        if settled and not left and not optional:
            # What the `try` imports is a requirement: that it lacks the name is possible, and no more.
            conditions.append(f"only when `{first_import(item.statement)}` fails")
            return "doubtful"
        if doubt:
            conditions.append(f"only when `{first_import(item.statement)}` fails")
            # Every name of the upstream in the body is there, and the branch is for names that are not.
            return "doubtful" if found and not optional and is_for_lookups(item.handler) else "alive"
        if left:
            pythons &= left
            newest = max(left)
            conditions.append(f"Python {newest[0]}.{newest[1]} or older")
            return "alive"
        return "dead"

    def _serves_baseline(self, usage: FileUsage, item: InHandler) -> bool:
        """Whether the body fails with the baseline, in a way that the branch catches, and works with the candidate."""
        backward = ReleasePair(self.pair.candidate, self.pair.baseline, self.pair.roots)
        serves = False
        for use in usage.uses:
            if not any(isinstance(a, InTry) and a.statement.line == item.statement.line for a in use.around):
                continue
            if any(catches(item.handler, hit.raises) for hit in self.find(self.pair, usage, use)):
                return False
            serves = serves or any(
                hit.confidence != "possible" and catches(item.handler, hit.raises)
                for hit in self.find(backward, usage, use)
            )
        return serves

    def _aliased(self, module: str, use: Use) -> bool | None:
        """`requests.packages.urllib3.x` is the upstream under another name: whether it is there; `None` for anything
        else."""
        parts = module.split(".")
        for index in range(1, len(parts)):
            if parts[index] in self.pair.roots:
                inner = ".".join(parts[index:])
                found = (
                    self.pair.candidate.from_import(inner, use.root.name)
                    if use.how == "from-import"
                    else self.pair.candidate.import_module(inner)
                )
                return None if found.state == "unknown" else found.state == "present"
        return None

    def _installed_along(self, module: str) -> bool:
        return module.split(".", 1)[0].lower() in self.pair.candidate.required

    def _standard(self, module: str, python: tuple[int, int]) -> bool:
        return self.machine(Moment(python=python)).runner._standard(module)


def _may_be_named_elsewhere(surface: Surface, usage: FileUsage, name: str) -> bool:
    """Whether another file of the downstream holds the name, and that of the module it stands in."""
    words = {name.encode(), usage.module.rsplit(".", 1)[-1].encode()}
    for file in surface.artifact.python_files:
        if file == usage.file:
            continue
        try:
            held = identifiers((surface.artifact.root / file).read_bytes())
        except OSError:
            continue
        if words <= held:
            return True
    return False


def _texts(pythons: Iterable[tuple[int, int]]) -> tuple[str, ...]:
    return tuple(f"{major}.{minor}" for major, minor in sorted(pythons))
