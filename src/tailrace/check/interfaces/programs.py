"""Programs of the upstream that a downstream runs from files of every kind, and those whose options cannot be read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from tailrace.changes.interfaces.files import holding
from tailrace.check.breakage import Breakage
from tailrace.check.commandlines.processes import SCRIPT_GROUPS, ProcessFinder, normal_words, scripts
from tailrace.check.interfaces.view import Doubt, Finder, View
from tailrace.model import Artifact, Confidence, Severity
from tailrace.python.commandlines.callers import is_caller, read_calls
from tailrace.python.commandlines.diff import certain, find_commandline
from tailrace.python.commandlines.invocations import Word, invocations
from tailrace.python.commandlines.model import LENIENT
from tailrace.python.commandlines.option_words import OptionWords
from tailrace.python.modules import is_test_file
from tailrace.python.text import descendants, literal_string
from tailrace.rules.interface import BreakFacts

_WHEEL_SCRIPT = re.compile(r"(?<![^/])[^/]+\.data/scripts/([^/]+)\Z")
_RUNS = re.compile(rb"subprocess|Popen|os\.system|check_call|check_output|os\.exec|sh\.\w")
# Programs that run another one for an unknown first word.
_DISPATCHERS = frozenset({"git", "conda", "mamba", "jupyter", "docker", "kubectl", "cargo", "helm", "gh"})
_TABLE = 5  # subcommands that are read; with fewer, not all may be
_ALWAYS = frozenset({"--help", "--version"})
_CHORES = frozenset({"noxfile.py", "tasks.py", "fabfile.py", "dodo.py", "setup.py", "duties.py"})


def find(view: View) -> Iterator[Breakage | Doubt]:
    """`option-removed` and `entry-point-removed`, and a doubt for each program whose options cannot be read."""
    before, after = programs_of(view.baseline.artifact), programs_of(view.candidate.artifact)
    if not before:
        return
    finder = view.joins.processes if view.joins is not None else None
    gone = _gone(view, before, after)
    reader = _Reader(view, finder, before, gone)
    for file in view.downstream.other_files:
        if is_caller(file) and ".dist-info/" not in file and ".egg-info/" not in file:
            for call in read_calls(file, view.data(file), reader.names):
                yield from reader.judge(file, list(call.words), "possible", is_python=False)
    yield from _pre_commit(view, reader)
    for file in view.matching(_in_text(reader.names)):
        parsed = view.tree(file)
        for invocation in invocations(parsed.tree) if parsed is not None else ():
            if not invocation.finds_only and invocation.is_run:
                yield from reader.judge(file, list(invocation.words), invocation.confidence, is_python=True)
        yield from reader.judge_names(file)


_HOOKS_FILE = ".pre-commit-hooks.yaml"
_HOOK_KEY = re.compile(r"^\s*(-\s+)?(repo|id|entry|args|name|alias|language|files|types|stages)\s*:\s*(.*)$")


def _pre_commit(view: View, reader: _Reader) -> Iterator[Breakage | Doubt]:
    """Arguments that the downstream's configuration of pre-commit gives to a hook of the upstream or to its program."""
    entries: dict[str, str] = {}
    if _HOOKS_FILE in view.baseline.artifact.other_files:
        text = (view.baseline.artifact.root / _HOOKS_FILE).read_text("utf-8", errors="replace")
        entries = {hook.id: hook.entry for hook in _hooks(text) if hook.entry}
    for file in view.downstream.other_files:
        if file.rpartition("/")[2] != ".pre-commit-config.yaml":
            continue
        for hook in _hooks(view.data(file).decode("utf-8", "replace")):
            entry = hook.entry or entries.get(hook.id) or (hook.id if hook.id in reader.programs else "")
            if entry and hook.args:
                start = ast.Constant(entry, lineno=hook.args[0][1], col_offset=0)
                call: list[Word] = [(word, start) for word in entry.split()]
                call += [(word, ast.Constant(word, lineno=line, col_offset=0)) for word, line in hook.args]
                yield from reader.judge(file, call, "possible", is_python=False)


@dataclass(slots=True)
class _Hook:
    """One hook of a configuration of pre-commit. `args`: words with their lines."""

    id: str = ""
    entry: str = ""
    args: list[tuple[str, int]] = field(default_factory=list)


def _hooks(text: str) -> list[_Hook]:
    """The hooks of a configuration of pre-commit, read line by line."""
    found = [_Hook()]
    inside = ""  # `args` while its words go on: "list" in brackets, "items" below it
    for number, line in enumerate(text.splitlines(), 1):
        key = _HOOK_KEY.match(line)
        item = re.match(r"^\s*-\s+(.*)$", line)
        if inside == "list" or (inside == "items" and key is None and item is not None):
            words = item[1] if inside == "items" and item is not None else line
        elif key is not None:
            if key[1]:
                found.append(_Hook())
            value, inside = key[3].strip(), ""
            if key[2] == "id":
                found[-1].id = value.strip("'\"")
            elif key[2] == "entry":
                found[-1].entry = value.strip("'\"")
            elif key[2] != "args":
                continue
            words = value if key[2] == "args" else ""
            inside = ("list" if value.startswith("[") else "items") if key[2] == "args" else ""
        else:
            continue
        if inside == "list" and "]" in words:
            words, inside = words.partition("]")[0], ""
        listed = [words] if inside == "items" else words.strip().strip("[]").split(",")
        parts = (part.strip().strip("'\"") for part in listed)
        found[-1].args += [(part, number) for part in parts if part and not part.startswith("#")]
    return found


def _in_text(names: Iterable[str]) -> re.Pattern[bytes]:
    """A text that names one of the programs as a word of its own, which an import does not."""
    words = b"|".join(re.escape(name.encode()) for name in sorted(names))
    return re.compile(
        rb"""['"](?:[^'"\n]*[\s/\\;&|(])?(?:"""
        + words
        + rb""")(?:\.exe)?(?:['"]|\s)|^\s*(?:"""
        + words
        + rb""")[ \t]+-""",
        re.MULTILINE,
    )


def programs_of(artifact: Artifact) -> frozenset[str]:
    """The commands that a release installs: entry points, and the scripts of a wheel."""
    files = (*artifact.python_files, *artifact.other_files)
    wheel = {match[1] for file in files if (match := _WHEEL_SCRIPT.search(file))}
    return frozenset({*scripts(artifact.metadata), *wheel, *_listed(artifact)})


def _listed(artifact: Artifact) -> frozenset[str]:
    """The files that setup.py installs as commands: `scripts=["bin/up"]`."""
    if "setup.py" not in artifact.python_files:
        return frozenset()
    try:
        tree = ast.parse((artifact.root / "setup.py").read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return frozenset()
    return frozenset(
        text.rpartition("/")[2]
        for node in descendants(tree)
        if isinstance(node, ast.keyword) and node.arg == "scripts" and isinstance(node.value, ast.List | ast.Tuple)
        for element in node.value.elts
        if (text := literal_string(element))
    )


def _gone(view: View, before: frozenset[str], after: frozenset[str]) -> frozenset[str]:
    """Commands that only the baseline installs; none where the candidate's are not known."""
    listed = _listed(view.baseline.artifact)
    if "setup.py" in view.candidate.artifact.python_files:
        listed -= after
    else:
        listed = frozenset()
    if not after and not view.candidate.artifact.metadata.entry_points:
        return listed
    kinds = {view.baseline.artifact.kind, view.candidate.artifact.kind}
    gone = before - after
    return gone if kinds == {"wheel"} else listed | (gone & scripts(view.baseline.artifact.metadata).keys())


def _modules(view: View, programs: frozenset[str]) -> dict[str, str]:
    """`python -m pip` → the script that it stands for: the one of the same name, or the only one of that package."""
    found: dict[str, str] = {}
    roots: dict[str, list[str]] = {}
    for name, target in scripts(view.baseline.artifact.metadata).items():
        roots.setdefault(target.partition(":")[0].partition(".")[0], []).append(name)
    for root, names in roots.items():
        if view.baseline.source(f"{root}.__main__") is not None and programs:
            chosen = root if root in names else names[0] if len(names) == 1 else None
            if chosen is not None:
                found[f"python -m {root}"] = chosen
    return found


class _Reader:
    """Judges command lines, one after the other."""

    def __init__(
        self, view: View, finder: ProcessFinder | None, programs: frozenset[str], gone: frozenset[str]
    ) -> None:
        self.view = view
        self.finder = finder
        self.programs = programs
        self.gone = gone
        # `git x` runs `git-x`.
        self.parts = {name.partition("-")[0]: name for name in gone if "-" in name}
        self.parts |= {first: name for name in programs if (first := name.partition("-")[0]) in _DISPATCHERS}
        self.modules = _modules(view, programs)
        self.names = programs | self.parts.keys() | {name.removeprefix("python -m ") for name in self.modules}
        points = view.downstream.metadata.entry_points
        self.own = {name for group, given in points if group not in SCRIPT_GROUPS for name, _ in given}
        self.told: set[tuple[str, int, str]] = set()

    def judge(
        self, file: str, given: list[Word], confidence: Confidence, *, is_python: bool
    ) -> Iterator[Breakage | Doubt]:
        """What is gone of one command line, and what cannot be said."""
        words = normal_words(given)
        if self.finder is not None:
            words = self.finder.as_typed(words)
        if not words or words[0][0] is None:
            return
        prog = words[0][0]
        is_module = prog in self.modules
        if is_module:
            prog = self.modules[prog]
            words = [(prog, words[0][1]), *words[1:]]
        if file.rpartition("/")[2] in _CHORES:
            confidence = "possible"
        dispatched = f"{prog}-{words[1][0]}" if len(words) > 1 and words[1][0] else ""
        if dispatched in self.gone and self._is_plugged_in(prog, words[1][0] or ""):
            return
        name = dispatched if dispatched in self.gone else prog
        if name in self.gone:
            if not is_python or name == dispatched or not self._is_found(name):
                yield from self._hit(file, words, 0, "entry-point-removed", f"script:{name}", confidence, is_python)
            return
        if dispatched in self.programs and (prog not in self.programs or not self._has(prog, words[1][0] or "")):
            prog = dispatched
            words = [(prog, words[0][1]), *words[2:]]
        if prog not in self.programs or self._is_own(words):
            return
        finder = self.finder
        if finder is not None and (not is_python or is_module or prog == dispatched) and prog in finder.programs:
            for missing in finder.missing(words):
                level: Confidence = "possible" if missing.doubtful else confidence
                hits = self._hit(file, words, missing.word, missing.rule, missing.symbol, level, is_python)
                for hit in hits:
                    severity: Severity | None = "warning" if missing.ignored else None
                    yield replace(
                        hit,
                        cause_file=missing.file,
                        cause_line=missing.line,
                        detail=missing.detail,
                        severity=severity,
                    )
        yield from self._by_text(file, words, confidence, is_python)

    def judge_names(self, file: str) -> Iterator[Breakage]:
        """Names of commands that are gone, in variables of a module that runs programs: `base = "django-admin.py"`."""
        names = {name for name in self.gone if re.search(r"[-.]", name)}
        if not names or not _RUNS.search(self.view.data(file)):
            return
        parsed = self.view.tree(file)
        for node in descendants(parsed.tree) if parsed is not None else ():
            if isinstance(node, ast.Assign) and (text := literal_string(node.value)) in names:
                if not any((file, node.lineno, f"script:{text}") == told for told in self.told):
                    word: Word = (text, node.value)
                    yield from self._hit(file, [word], 0, "entry-point-removed", f"script:{text}", "likely", True)

    def _has(self, prog: str, command: str) -> bool:
        """Whether one of both releases is seen to give a program this subcommand, rather than a program of its own."""
        lines = (self.finder.baseline, self.finder.candidate) if self.finder is not None else ()
        return any((prog, (command,)) in index for index in lines)

    def _is_plugged_in(self, host: str, command: str) -> bool:
        """Whether the candidate registers a subcommand with its host by a plug-in: conda's `conda_subcommands`."""
        if self.finder is not None and find_commandline(self.finder.candidate, host, (command,)) is not None:
            return True
        # `CondaSubcommand(name="render", ...)`
        name = re.escape(command.encode())
        declared = re.compile(
            rb"Subcommand\(\s*(?:\w+\s*=[^()]{0,300}?\bname\s*=\s*|name\s*=\s*)?['\"]" + name + rb"['\"]"
        )
        return any(True for _ in holding(self.view.candidate.artifact, declared))

    def _is_own(self, words: list[Word]) -> bool:
        """Whether a command line names a subcommand that the downstream itself gives to the program."""
        first = next((text for text, _ in words[1:] if text is None or not text.startswith("-")), None)
        if first not in self.own:
            return False
        return self.finder is None or (words[0][0] or "", (first,)) not in self.finder.baseline

    def _is_of_another(self, words: list[Word]) -> bool:
        """Whether a command line names a subcommand that another distribution gives to a program which runs such, as
        `conda build`: the subcommands of both releases are read, and it is not among them."""
        prog, first = words[0][0] or "", words[1][0] if len(words) > 1 else None
        if self.finder is None or prog not in _DISPATCHERS or not re.fullmatch(r"[a-z][a-z0-9_-]+", first or ""):
            return False
        lines = (self.finder.baseline, self.finder.candidate)
        read = (sum(line[0] == prog and len(line[1]) == 1 for line in index) for index in lines)
        return min(read) >= _TABLE and not any((prog, (first,)) in index for index in lines)

    def _is_found(self, name: str) -> bool:
        """Whether the finder for Python's own calls reports the script itself."""
        return self.finder is not None and name in self.finder.gone

    def _by_text(
        self, file: str, words: list[Word], confidence: Confidence, is_python: bool
    ) -> Iterator[Breakage | Doubt]:
        """Options of a program whose command line is not, or not wholly, read."""
        prog = words[0][0] or ""
        line = self.finder.candidate.get((prog, ())) if self.finder is not None else None
        if line is not None and LENIENT in line.open_ends:
            return
        if self._is_of_another(words):
            return
        path = self._unread(words)
        known = self._known(words)
        baseline, candidate = self._texts()
        command = words[1][0] if path == prog and len(words) > 1 else None
        if command is not None and re.fullmatch(r"[a-z][a-z0-9_-]+", command):
            is_named = baseline.runs(command)
            if is_named and candidate.says(command) and not candidate.runs(command) and not is_test_file(file):
                yield Doubt(f"{file} runs `{prog} {command}`, and which subcommands {prog} takes could not be read")
            if is_named and not candidate.says(command):
                level: Confidence = "likely" if confidence == "certain" else confidence
                symbol = f"{prog} {command}"
                for hit in self._hit(file, words, 1, "option-removed", symbol, level, is_python):
                    yield replace(hit, detail="its sources name the subcommand nowhere any more")
                return
        for index, (text, _) in enumerate(words):
            if text == "--":
                return
            option = (text or "").partition("=")[0]
            if index == 0 or not re.fullmatch(r"--[A-Za-z][\w-]+", option) or option in _ALWAYS:
                continue
            # An option that the baseline takes and that was not read shows that not all of it was read.
            if path is None and any(string.startswith(option) for string in known):
                continue
            option = baseline.completed(option)
            named = baseline.spells(option) or baseline.derives(option)
            if named and not candidate.spells(option) and not candidate.derives(option):
                symbol = f"{path or prog} {option}"
                level = "likely" if confidence == "certain" else confidence
                detail = "its sources name the option nowhere any more"
                for hit in self._hit(file, words, index, "option-removed", symbol, level, is_python):
                    yield replace(hit, detail=detail)
            elif not is_test_file(file) and not (named and candidate.keeps(option, baseline)):
                if named or path is not None:
                    yield Doubt(
                        f"{file} runs `{prog}` with `{option}`, and which options {prog} takes could not be read"
                    )

    def _known(self, words: list[Word]) -> frozenset[str]:
        """The options of a program and of the subcommands that a command line names, as far as they are read."""
        found: set[str] = set()
        line = self.finder.baseline.get((words[0][0] or "", ())) if self.finder is not None else None
        for text, _ in (*words[1:], (None, words[0][1])):
            if line is None:
                break
            found.update(string for option in line.options for string in option.strings)
            child = (
                find_commandline(self.finder.baseline, line.prog, (*line.path, text)) if text and self.finder else None
            )
            line = child or line
        return frozenset(found)

    def _texts(self) -> tuple[OptionWords, OptionWords]:
        baseline = self.view.once("option words before", lambda: OptionWords(self.view.baseline.artifact))
        candidate = self.view.once("option words after", lambda: OptionWords(self.view.candidate.artifact))
        return baseline, candidate

    def _unread(self, words: list[Word]) -> str | None:
        """The command as far as it is read, where the candidate's options are not all known; else `None`."""
        prog = words[0][0] or ""
        if self.finder is None:
            return prog
        line = self.finder.baseline.get((prog, ()))
        other = self.finder.candidate.get((prog, ()))
        for text, _ in words[1:]:
            if line is None or other is None:
                break
            child, after = None, None
            if text is not None and not text.startswith("-"):
                child = find_commandline(self.finder.baseline, line.prog, (*line.path, text))
                after = find_commandline(self.finder.candidate, line.prog, (*line.path, text))
            # What else a command may take says nothing of a subcommand that both releases have.
            if (child is None or after is None) and not certain(line, other):
                return line.symbol
            if child is not None:
                line, other = child, after
            elif text is not None and not text.startswith("-"):
                return None if not line.open_ends and not other.open_ends else line.symbol
        if line is None or other is None:
            return line.symbol if line is not None else prog
        return None if not line.open_ends and not other.open_ends else line.symbol

    def _hit(
        self, file: str, words: list[Word], index: int, rule: str, symbol: str, confidence: Confidence, is_python: bool
    ) -> Iterator[Breakage]:
        node = words[index][1]
        if (file, node.lineno, symbol) in self.told:
            return
        self.told.add((file, node.lineno, symbol))
        facts: BreakFacts = {"call": " ".join(word or "…" for word, _ in words)[:200]}
        if rule == "option-removed":
            command, _, option = symbol.rpartition(" ")
            facts = {**facts, "option": option, "command": command}
        yield Breakage(
            rule=rule,
            symbol=symbol,
            module="",
            name=symbol,
            how="process",
            facts=facts,
            file=file,
            line=node.lineno,
            column=node.col_offset + 1,
            use=self.view.use_at(file, node) if is_python else None,
            confidence=confidence,
            raises=frozenset({"FileNotFoundError", "OSError", "CalledProcessError", "SubprocessError", "Exception"})
            if is_python
            else frozenset(),
        )


FINDER = Finder(find)

__all__ = ["FINDER", "programs_of"]
