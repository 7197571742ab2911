"""What a file says about channels in any format: values that readers make and rules judge. Judges nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tailrace.lint.source import Source, Word

Kind = Literal["condarc", "environment", "conda-forge", "build-config", "recipe", "pixi", "container", "ci", "script"]
Scope = Literal[
    "condarc",  # a conda or mamba configuration file
    "environment",  # environment.yml
    "workspace",  # pixi's workspace or project table
    "feature",  # a pixi feature
    "sources",  # channel_sources of a feedstock
    "command",  # one command line
    "config",  # all `conda config --add channels` of one file
    "action",  # inputs of a setup action
    "variable",  # an environment variable CONDA_*
    "conda-forge",  # conda-forge.yml
]


@dataclass(frozen=True, slots=True)
class ChannelList:
    """Channels that are searched together, highest priority first. `at`: the key or command that lists them.

    `style` is how the list is written, which decides how it can be edited.
    """

    channels: tuple[Word, ...]
    scope: Scope
    at: Word
    style: Literal["block", "flow", "other"] = "other"
    lowered: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting by its name in `.condarc` (`channel_priority`). `at`: the key; `value`: a scalar; `items`: a list."""

    name: str
    scope: Scope
    at: Word
    value: Word | None = None
    items: tuple[Word, ...] = ()
    table: Mapping[str, tuple[Word, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SpecList:
    """Requirements that one solver sees together. `section`: where they stand, in words."""

    specs: tuple[Word, ...]
    section: str
    at: Word
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """One call of conda, mamba or micromamba. `verb`: `install`, `env create`, …; `options`: names without values.

    `values`: option → its values, in order; `specs`: the words after the verb that are no options.
    """

    program: str
    verb: str
    at: Word
    options: frozenset[str]
    values: Mapping[str, tuple[Word, ...]]
    specs: tuple[Word, ...]
    verb_end: int


@dataclass(frozen=True, slots=True)
class Step:
    """One use of a GitHub action. `action`: `owner/name`, lower case; `inputs`: by name, dashes as written."""

    action: str
    at: Word
    inputs: Mapping[str, tuple[Word, Word]]

    def get(self, name: str) -> str | None:
        """The text of an input, `None` when it is not given."""
        found = self.inputs.get(name)
        return found[1].text.strip() if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file as facts. `words`: every word of its shell text; `head`: where a finding on the whole stands.

    `generated`: written by conda-smithy, so that its faults are mended elsewhere.
    """

    source: Source
    kind: Kind
    head: Word
    channels: tuple[ChannelList, ...] = ()
    settings: tuple[Setting, ...] = ()
    specs: tuple[SpecList, ...] = ()
    commands: tuple[Command, ...] = ()
    images: tuple[Word, ...] = ()
    words: tuple[Word, ...] = ()
    steps: tuple[Step, ...] = ()
    generated: bool = False

    def setting(self, name: str) -> Setting | None:
        """The first setting of that name."""
        return next((setting for setting in self.settings if setting.name == name), None)


class Facts:
    """What a reader collects; `document` freezes it."""

    def __init__(self) -> None:
        self.channels: list[ChannelList] = []
        self.settings: list[Setting] = []
        self.specs: list[SpecList] = []
        self.commands: list[Command] = []
        self.images: list[Word] = []
        self.words: list[Word] = []
        self.steps: list[Step] = []

    def document(self, source: Source, kind: Kind, *, head: Word | None = None) -> Document:
        """The document of everything collected."""
        return Document(
            source=source,
            kind=kind,
            head=head or Word("", 0, 0),
            channels=tuple(self.channels),
            settings=tuple(self.settings),
            specs=tuple(self.specs),
            commands=tuple(self.commands),
            images=tuple(self.images),
            words=tuple(self.words),
            steps=tuple(self.steps),
        )
