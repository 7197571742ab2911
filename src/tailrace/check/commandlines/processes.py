"""Finds calls of commands and options of the upstream that the candidate no longer has."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from os.path import commonprefix
from pathlib import PurePosixPath

from tailrace.check.breakage import Breakage
from tailrace.check.commandlines.upstream_names import UpstreamNames
from tailrace.model import Artifact, Change, Confidence, Metadata
from tailrace.python.commandlines import CommandLine
from tailrace.python.commandlines.diff import Key, certain, diff_commandlines, find_commandline, index_commandlines
from tailrace.python.commandlines.invocations import Invocation, Word, invocations, last_name, words_of
from tailrace.python.commandlines.model import LENIENT
from tailrace.python.parsing import parse_python
from tailrace.python.text import descendants, statements
from tailrace.rules.interface import BreakFacts

SCRIPT_GROUPS = ("console_scripts", "gui_scripts")
_PYTHON = re.compile(r"^python(\d(\.\d+)?)?$")
_OPEN = frozenset(
    {"add_argument", "add_parser", "add_command", "add_typer", "params", "parents", "depth", "get_command"}
)
_ABBREVIATING = frozenset({"argparse", "optparse"})
_ALWAYS_THERE = frozenset({"--help", "-h", "--version"})


@dataclass(frozen=True)
class _Missing:
    """What is gone, and which word names it. `ignored`: the program passes over what it does not know."""

    rule: str
    symbol: str
    word: int
    detail: str = ""
    file: str | None = None
    line: int | None = None
    doubtful: bool = False
    ignored: bool = False


class ProcessFinder:
    """Finds, for any number of downstreams, the command lines they run that the candidate no longer takes."""

    def __init__(
        self,
        baseline: Iterable[CommandLine],
        candidate: Iterable[CommandLine],
        baseline_metadata: Metadata,
        candidate_metadata: Metadata,
        upstream: UpstreamNames,
    ) -> None:
        """The lines come from `read_commandlines`."""
        before, after = tuple(baseline), tuple(candidate)
        self.upstream = upstream
        self.baseline, self.candidate = index_commandlines(before), index_commandlines(after)
        self.changes: dict[str, Change] = {change.symbol: change for change in diff_commandlines(before, after)}
        self.targets = {target: name for name, target in scripts(baseline_metadata).items()}
        self.modules = {target.partition(":")[0]: name for target, name in self.targets.items()}
        self.known = {prog for prog, _ in self.baseline}
        self.ambiguous = _ambiguous(before, self.candidate)
        self.gone = removed_scripts(baseline_metadata, candidate_metadata)
        changed = {change.symbol.removeprefix("python -m ").partition(" ")[0] for change in self.changes.values()}
        changed |= {line.prog.removeprefix("python -m ") for line, _, _ in self.ambiguous}
        also = {name for line in before for name in line.also if line.prog in changed}
        self.programs = {name.removeprefix("python -m ") for name in changed | self.gone | also}
        self.roots = {target.partition(".")[0].partition(":")[0] for target in self.targets}
        needles = [name.encode() for name in self.programs] + [
            root.encode() for root in self.roots if self.changes or self.ambiguous
        ]
        self._programs = _any_of(map(re.escape, needles))
        scripts_gone = (re.escape(name.encode()) for name in self.gone)
        short = {_abbreviated(option, common) for _, option, common in self.ambiguous}
        self._words = _any_of([*scripts_gone, *map(_begun, self.changes), *short])

    def find(self, downstream: Artifact, files: Iterable[str] | None = None) -> tuple[Breakage, ...]:
        """The hits of one downstream, in the order of the files. `files` limits what is read."""
        if not self.programs:
            return ()
        hits: dict[tuple[str, int, int, str], Breakage] = {}
        for file in downstream.python_files if files is None else files:
            if not file.endswith(".py"):
                continue
            try:
                source = (downstream.root / file).read_bytes()
            except OSError:
                continue
            if not (self._programs.search(source) and self._words.search(source)):
                continue
            if (parsed := parse_python(source)) is not None:
                for hit in self.in_tree(file, parsed.tree):
                    hits.setdefault((hit.file, hit.line, hit.column, hit.symbol), hit)
        return tuple(hits.values())

    def in_tree(self, file: str, tree: ast.Module) -> Iterator[Breakage]:
        """The hits of one module."""
        written = (invocation for invocation in invocations(tree) if invocation.is_run)
        for invocation in (*written, *self._direct(tree)):
            words = self.as_typed(normal_words(invocation.words))
            if not words or words[0][0] not in self.programs_as_typed:
                continue
            if invocation.finds_only and words[0][0] not in self.gone:
                continue
            for missing in self.missing(words):
                yield self._hit(file, missing, words, invocation)

    def in_line(self, file: str, line: int, column: int, texts: Iterable[str | None]) -> Iterator[Breakage]:
        """The hits of one command line whose words are known, `None` for one that is computed. A program alone may be
        looked for only, and counts for nothing."""
        node = ast.Constant(None, lineno=line, col_offset=column - 1)
        words = self.as_typed(normal_words([(text, node) for text in texts]))
        if len(words) > 1 and words[0][0] in self.programs_as_typed:
            for missing in self.missing(words):
                yield self._hit(file, missing, words, Invocation(tuple(words), node, "certain"))

    def as_typed(self, words: list[Word]) -> list[Word]:
        """The words, with the script in the place of the module that it runs (`python -m up.cli`)."""
        module = (words[0][0] or "").removeprefix("python -m ") if words else ""
        script = self.modules.get(module)
        if script is None or not (words[0][0] or "").startswith("python -m ") or f"python -m {module}" in self.known:
            return words
        return [(script, words[0][1]), *words[1:]]

    @property
    def programs_as_typed(self) -> frozenset[str]:
        """Names of programs as the first word gives them."""
        return frozenset(self.programs) | {f"python -m {name}" for name in self.programs}

    def missing(self, words: list[Word]) -> Iterator[_Missing]:
        """What of one command line is gone."""
        prog = words[0][0] or ""
        if prog in self.gone:
            yield _Missing("entry-point-removed", f"script:{prog}", 0)
            return
        line = self.baseline.get((prog, ()))
        index = 0
        while line is not None and (index := index + 1) < len(words):
            text = words[index][0]
            if text == "--":
                return
            if text is not None and text.startswith("-") and len(text) > 1:
                found, width = self._option(line, words, index)
                index += width
                if found:
                    yield found
                continue
            child = find_commandline(self.baseline, line.prog, (*line.path, text)) if text is not None else None
            if child is not None and text is not None:
                if gone := self._subcommand(line, child, text, index):
                    yield gone
                    return
                line = child
            elif self._has_children(line) or any(argument.nargs == "remainder" for argument in line.arguments):
                return

    def _option(self, line: CommandLine, words: list[Word], index: int) -> tuple[_Missing | None, int]:
        """Check one option; and how many of the words after it belong to it."""
        text, _, value = (words[index][0] or "").partition("=")
        other = find_commandline(self.candidate, line.prog, line.path)
        string = _selected(text, (s for option in line.options for s in option.strings))
        option = line.option(string) if string else None
        if option is None or string is None:
            return None, 0
        width = int(option.takes_value and not value and text == string)
        if other is None or not certain(line, other):
            return None, width
        there = _selected(text, (s for o in other.options for s in o.strings))
        if there is None:
            change = self.changes.get(f"{line.symbol} {string}")
            detail = change.detail if change and change.detail != "the option is gone" else ""
            symbol = f"{line.symbol} {string}"
            several = [s for option in other.options for s in option.strings if s.startswith(text)]
            if text != string and len(several) > 1 and text.startswith("--"):
                symbol = f"{line.symbol} {text}"
                detail = f"`{text}` may be {' or '.join(f'`{each}`' for each in several[:3])} now"
            if string in _ALWAYS_THERE:
                return None, width
            root = find_commandline(self.candidate, line.prog, ())
            ignored = LENIENT in other.open_ends or (root is not None and LENIENT in root.open_ends)
            return (
                _Missing("option-removed", symbol, index, detail, option.file, option.line, _is_open(other), ignored),
                width,
            )
        kept = other.option(there)
        given = value or (words[index + 1][0] if width and index + 1 < len(words) else None)
        if kept and option.choices and kept.choices and given in option.choices and given not in kept.choices:
            symbol, detail = f"{line.symbol} {string} {given}", f"{string} no longer takes {given}"
            return _Missing("option-removed", symbol, index + width, detail, option.file, option.line), width
        return None, width

    def _subcommand(self, line: CommandLine, child: CommandLine, text: str, index: int) -> _Missing | None:
        parent = find_commandline(self.candidate, line.prog, line.path)
        if parent is None or not certain(line, parent):
            return None
        if find_commandline(self.candidate, line.prog, (*line.path, text)) is not None:
            return None
        symbol = f"{line.symbol} {text}"
        return _Missing("option-removed", symbol, index, "", child.file, child.line, _is_open(parent))

    def _has_children(self, line: CommandLine) -> bool:
        depth = len(line.path)
        return any(
            prog == line.prog and len(path) == depth + 1 and path[:depth] == line.path for prog, path in self.baseline
        )

    def _direct(self, tree: ast.Module) -> Iterator[Invocation]:
        """Calls of a script's own function with its arguments: `main(["clean"])`, `run_command(Commands.CLEAN)`."""
        names = dict(_imports(tree, self.roots))
        if not names:
            return
        for node in descendants(tree):
            if not isinstance(node, ast.Call):
                continue
            callee = _dotted(node.func, names)
            arguments = list(node.args)
            if callee is None and last_name(node.func) == "invoke" and arguments:
                callee = _dotted(arguments.pop(0), names)
            prog = self._program_of(callee) if callee else None
            if prog is None:
                continue
            given = next((k.value for k in node.keywords if k.arg in {"args", "argv"}), None)
            arguments = [given] if given is not None else arguments
            words = words_of(arguments[0], {}) if len(arguments) == 1 else None
            if words is None:
                words = [_argument(argument, names) for argument in arguments]
            if words and any(text for text, _ in words):
                yield Invocation(((prog, node), *words), node, "likely")

    def _program_of(self, dotted: str) -> str | None:
        """The script that a function of the upstream runs: its target, or a runner where one script has changed."""
        root, name = dotted.partition(".")[0], dotted.rpartition(".")[2]
        for target, script in self.targets.items():
            module, _, function = target.partition(":")
            if name == function and (dotted == f"{module}.{function}" or dotted.startswith(f"{module}.")):
                return script
        ours = [
            script
            for target, script in self.targets.items()
            if target.partition(".")[0].partition(":")[0] == root and script in self.programs - self.gone
        ]
        if len(ours) == 1 and name in {"main", "run_command", "cli"}:
            return ours[0]
        return None

    def _hit(self, file: str, missing: _Missing, words: list[Word], invocation: Invocation) -> Breakage:
        node = words[missing.word][1]
        facts: BreakFacts = {"call": " ".join(word or "…" for word, _ in words)[:200]}
        if missing.rule == "option-removed":
            command, _, option = missing.symbol.rpartition(" ")
            facts |= {"option": option, "command": command}
        confidence: Confidence = "possible" if missing.doubtful else invocation.confidence
        return Breakage(
            rule=missing.rule,
            symbol=missing.symbol,
            module="",
            name=missing.symbol,
            how="process",
            detail=missing.detail,
            facts=facts,
            file=file,
            line=node.lineno,
            column=node.col_offset + 1,
            confidence=confidence,
            severity="warning" if missing.ignored else None,
            cause_file=missing.file,
            cause_line=missing.line,
        )


def _ambiguous(
    baseline: Iterable[CommandLine], candidate: dict[Key, CommandLine]
) -> list[tuple[CommandLine, str, str]]:
    """Options that stay and whose abbreviations the candidate no longer takes, since it has another that begins alike:
    the line, the option, and what both begin with."""
    found = []
    for line in baseline:
        other = (
            find_commandline(candidate, line.prog, line.path) if line.script and line.toolkit in _ABBREVIATING else None
        )
        if other is None or not certain(line, other):
            continue
        had = {string for option in line.options for string in option.strings if string.startswith("--")}
        has = {string for option in other.options for string in option.strings if string.startswith("--")}
        for option in sorted(had & has):
            common = max((_shared(option, fresh) for fresh in has - had), key=len, default="")
            # What began more than one of the baseline's own was refused before.
            clashes = max((len(_shared(option, kept)) for kept in had - {option}), default=0)
            if len(common) > max(clashes, 2):
                found.append((line, option, common))
    return found


def _shared(one: str, other: str) -> str:
    """What two options begin with alike."""
    return commonprefix((one, other))  # noqa: RUF071 - letters are what is compared


def _abbreviated(option: str, common: str) -> bytes:
    """A pattern for what is shorter than an option and begins several."""
    longest = common[:-1] if common == option else common
    text = longest.encode()
    rest = b"".join(b"(?:" + re.escape(text[i : i + 1]) for i in range(3, len(text))) + b")?" * max(len(text) - 3, 0)
    return rb"(?<![\w-])" + re.escape(text[:3]) + rest + rb"(?![\w-])"


def _is_open(line: CommandLine) -> bool:
    """Whether options or subcommands are added that could not be read, in both releases alike."""
    return not line.open_ends.isdisjoint(_OPEN)


def _any_of(patterns: Iterable[bytes]) -> re.Pattern[bytes]:
    return re.compile(b"|".join(sorted(set(patterns))) or rb"(?!)", re.IGNORECASE)


def _begun(symbol: str) -> bytes:
    """What a command line must hold for the last word of a symbol to be in it. Options may be abbreviated."""
    word = symbol.rpartition(" ")[2].encode()
    return re.escape(word[:3] if word.startswith(b"--") else word)


def scripts(metadata: Metadata) -> dict[str, str]:
    """Console and GUI scripts with their targets."""
    return {name: target for group in SCRIPT_GROUPS for name, target in metadata.entry_point_group(group)}


def removed_scripts(baseline: Metadata, candidate: Metadata) -> frozenset[str]:
    """Scripts that only the old metadata names; none where the new names no entry point: it may be incomplete."""
    return frozenset(scripts(baseline)) - frozenset(scripts(candidate)) if candidate.entry_points else frozenset()


def normal_words(words: Iterable[Word]) -> list[Word]:
    """Drop what stands before the program: `env X=1`, `sudo`, `python -m`; the program's folder and `.exe`."""
    given = list(words)
    while given and given[0][0] is not None and (given[0][0] in {"sudo", "env", "exec", "time"} or "=" in given[0][0]):
        given.pop(0)
    if len(given) > 2 and given[0][0] is None and given[1][0] == "-m" and given[2][0] is not None:
        return [(f"python -m {given[2][0]}", given[2][1]), *given[3:]]  # whatever Python it is
    if not given or given[0][0] is None:
        return []
    name = PurePosixPath(given[0][0].replace("\\", "/")).name.removesuffix(".exe")
    if _PYTHON.match(name):
        if len(given) > 2 and given[1][0] == "-m" and given[2][0] is not None:
            return [(f"python -m {given[2][0]}", given[2][1]), *given[3:]]
        return []
    return [(name, given[0][1]), *given[1:]]


def _selected(text: str, strings: Iterable[str]) -> str | None:
    """The option string that a word selects: itself, an unambiguous beginning, or the first of bundled letters."""
    known = list(dict.fromkeys(strings))
    if text in known:
        return text
    if text.startswith("--"):
        begun = [string for string in known if string.startswith(text)]
        return begun[0] if len(begun) == 1 else None
    return text[:2] if len(text) > 2 and text[:2] in known else None


def _imports(tree: ast.Module, roots: Iterable[str]) -> Iterator[tuple[str, str]]:
    wanted = set(roots)
    for node in statements(tree.body, inner=True):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                if top in wanted:
                    yield alias.asname or top, alias.name if alias.asname else top
        elif (
            isinstance(node, ast.ImportFrom)
            and not node.level
            and node.module
            and node.module.partition(".")[0] in wanted
        ):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _dotted(node: ast.expr, names: Mapping[str, str]) -> str | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in names:
        return None
    return ".".join([names[node.id], *reversed(parts)])


def _argument(node: ast.expr, names: Mapping[str, str]) -> Word:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value, node
    if isinstance(node, ast.Attribute) and _dotted(node, names) is not None:
        return node.attr.lower(), node
    return None, node


__all__ = ["ProcessFinder", "removed_scripts", "scripts"]
