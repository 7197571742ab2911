"""What a file says about channels in any format: the values that readers make and rules judge."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tailrace.lint.source import Source, Word

Scope = Literal[
    "condarc",  # a conda or mamba configuration file
    "mambarc",  # the same, read by micromamba, which knows `nodefaults`
    "environment",  # environment.yml
    "workspace",  # pixi's workspace or project table
    "feature",  # a pixi feature
    "sources",  # channel_sources of a feedstock
    "command",  # one command line
    "option",  # an option that holds for one command line only
    "config",  # all `conda config --add channels` of one file
    "action",  # inputs of a setup action
    "variable",  # an environment variable CONDA_*
    "conda-forge",  # conda-forge.yml
    "manifest",  # the channels of another tool's project file, such as construct.yaml
    "lock",  # what a lock file was solved from, and where its packages come from
]
Style = Literal["block", "flow", "other"]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ChannelList:
    """Channels that are searched together, highest priority first. `at`: the key or command that lists them.

    `style` is how the list is written, which decides how it can be edited.
    """

    channels: tuple[Word, ...]
    scope: Scope
    at: Word
    style: Style = "other"
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


@dataclass(frozen=True, slots=True)
class Job:
    """A part of a file that runs on a machine of its own: a CI job, a stage of a container.

    `span`: where it is written. `also`: the spans of what it takes over from elsewhere in the file (a YAML alias, a
    template that it extends, the stage that it begins with).
    """

    span: Span
    also: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file as facts. `kind`: the id of its `FileKind`. `words`: every word of its shell text; `head`: where a
    finding on the whole stands.

    `runs`: whether its commands run on a machine that nobody has configured, such as a CI runner.
    `jobs`: its parts that do not share a machine. `condarcs`: paths of configuration files that it names, relative to
    the repository. `generated`: written by conda-smithy, so that its faults are fixed elsewhere.
    """

    source: Source
    kind: str
    head: Word
    runs: bool = False
    jobs: tuple[Job, ...] = ()
    condarcs: tuple[str, ...] = ()
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
        self.jobs: list[Job] = []
        self.condarcs: list[str] = []

    def document(self, source: Source, kind: str, *, head: Word | None = None, runs: bool = False) -> Document:
        """The document of everything collected."""
        return Document(
            source=source,
            kind=kind,
            head=head or Word("", 0, 0),
            runs=runs,
            jobs=tuple(sorted(self.jobs, key=lambda job: job.span)),
            condarcs=tuple(dict.fromkeys(self.condarcs)),
            channels=tuple(self.channels),
            settings=tuple(self.settings),
            specs=tuple(self.specs),
            commands=tuple(self.commands),
            images=tuple(dict.fromkeys(self.images)),
            words=tuple(self.words),
            steps=tuple(self.steps),
        )


class Machines:
    """Which places of a file share a machine. `jobs`: sorted, their own spans apart from each other."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = jobs
        self._starts = [job.span[0] for job in jobs]

    def job_at(self, offset: int) -> int | None:
        """The number of the job in whose own span the place is, `None` for what all jobs share."""
        number = bisect_right(self._starts, offset) - 1
        return number if number >= 0 and offset < self._jobs[number].span[1] else None

    def shares(self, offset: int, job: int | None) -> bool:
        """Whether the place counts on the job's machine: its own, what it takes over, or what all jobs share."""
        own = self.job_at(offset)
        if own is None or own == job:
            return True
        return job is not None and any(start <= offset < end for start, end in self._jobs[job].also)


def settings_at(document: Document, at: Word) -> Iterable[Setting]:
    """The settings that count where the word stands."""
    machines = Machines(document.jobs)
    job = machines.job_at(at.start)
    return (setting for setting in document.settings if machines.shares(setting.at.start, job))
