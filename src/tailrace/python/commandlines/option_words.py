"""The options that the text of a release names, for programs whose command line cannot be read otherwise.

An option is named by its own text (`"--build-dir"`, also in a docstring or a table), by the negation of another, or by
an identifier from which a toolkit derives it (`build_dir`). What a release names nowhere it does not take.
"""

from __future__ import annotations

import re

from tailrace.model import Artifact
from tailrace.python.modules import is_test_file

_OPTION = re.compile(rb"--(?:\[no-\])?[A-Za-z][\w-]*")
_QUOTED = re.compile(rb"""['"]([A-Za-z][\w-]+)['"]""")
_WORD = re.compile(rb"[A-Za-z_]\w*")
# Toolkits that make options of the names of parameters or attributes.
_DERIVING = re.compile(
    rb"\b(?:typer|fire|cyclopts|jsonargparse|traitlets|BooleanOptionalAction|tyro|defopt|plac|clize)\b"
)
# Toolkits that take subcommands from names and from texts.
_RUNNING = re.compile(rb"\b(?:docopt|fire|cyclopts|jsonargparse|tyro|defopt|plac|clize)\b")


class OptionWords:
    """The words of one release, read when first asked for."""

    def __init__(self, artifact: Artifact) -> None:
        self.artifact = artifact
        self._options: dict[bytes, int] | None = None
        self._places: dict[str, dict[str, int]] = {}
        self._sources: dict[str, bytes] = {}
        self._quoted: set[bytes] = set()
        self._words: set[bytes] = set()
        self._derives = False

    def count(self, option: str) -> int:
        """How many times the text of an option stands in the sources, alone or with its negation."""
        self._read()
        assert self._options is not None
        plain, bare = _split(option)
        return sum(self._options.get(form.encode(), 0) for form in {f"--{plain}", f"--[no-]{bare}"})

    def spells(self, option: str) -> bool:
        """Whether the sources hold the option itself, or its name as a text: `option("no-dev")`."""
        return bool(self.count(option)) or _split(option)[0].encode() in self._quoted

    def completed(self, option: str) -> str:
        """The option that an abbreviation stands for, where the sources hold only one; else the word itself."""
        if self.spells(option):
            return option
        begun = [name for name in self._options or () if name.startswith(option.encode()) and len(option) > 3]
        return begun[0].decode() if len(begun) == 1 else option

    def derives(self, option: str) -> bool:
        """Whether a toolkit may make the option of an identifier in the sources."""
        self._read()
        plain, bare = _split(option)
        forms = {plain.replace("-", "_").encode(), bare.replace("-", "_").encode()}
        return self._derives and not forms.isdisjoint(self._words)

    def runs(self, command: str) -> bool:
        """Whether a file that deals in command lines names a subcommand: as a key, a function, or in a usage."""
        self._read()
        word = re.escape(command.encode())
        forms = rb"['\"]%b['\"]\s*:|\bdef\s+%b\s*\(|^[ \t]+[\w.-]+[ \t]+(?:\[options\][ \t]+)?%b\b" % (
            word,
            re.escape(command.replace("-", "_").encode()),
            word,
        )
        named = re.compile(forms, re.MULTILINE)
        return any(named.search(data) for data in self._sources.values() if _RUNNING.search(data))

    def says(self, command: str) -> bool:
        """Whether the sources hold a subcommand in any form: as a text, as a part of one, as an identifier."""
        self._read()
        forms = {command.encode(), command.replace("-", "_").encode()}
        whole = re.compile(rb"(?<![\w-])(?:" + b"|".join(map(re.escape, sorted(forms))) + rb")(?![\w-])")
        return any(whole.search(data) for data in self._sources.values())

    def keeps(self, option: str, before: OptionWords) -> bool:
        """Whether each file that names an option in an older release names it as often in this one."""
        now = self.places(option)
        if before.spells(option) and not self.spells(option):
            return False
        return all(now.get(file, 0) >= count for file, count in before.places(option).items())

    def places(self, option: str) -> dict[str, int]:
        """File → how many times it names an option: by its text, by its name as a text, or by an identifier."""
        self._read()
        if option not in self._places:
            plain, bare = _split(option)
            forms = {option, f"--[no-]{bare}", f"'{plain}'", f'"{plain}"'}
            if self._derives:
                forms |= {plain.replace("-", "_"), bare.replace("-", "_")}
            pattern = b"|".join(re.escape(form.encode()) for form in sorted(forms))
            whole = re.compile(rb"(?<![\w-])(?:" + pattern + rb")(?![\w-])")
            counts = {file: len(whole.findall(data)) for file, data in self._sources.items()}
            self._places[option] = {file: count for file, count in counts.items() if count}
        return self._places[option]

    def _read(self) -> None:
        if self._options is not None:
            return
        self._options = {}
        for file in self.artifact.python_files:
            if file.endswith(".pyi") or is_test_file(file):
                continue
            try:
                data = (self.artifact.root / file).read_bytes()
            except OSError:
                continue
            self._sources[file] = data
            for option in _OPTION.findall(data):
                self._options[option] = self._options.get(option, 0) + 1
            self._quoted.update(_QUOTED.findall(data))
            self._words.update(_WORD.findall(data))
            self._derives = self._derives or _DERIVING.search(data) is not None


def _split(option: str) -> tuple[str, str]:
    """The name of an option, and what it negates."""
    plain = option.removeprefix("--")
    return plain, plain.removeprefix("no-")
