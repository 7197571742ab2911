"""Loads and checks an incident by the name of a scenario or its folder: scenario, recorded report, hotfix documents.

Reads files of one folder only. All mistakes of a scenario are said at once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tailrace import disk
from tailrace.conda.specs import parse_spec
from tailrace.conda.timestamps import parse_moment
from tailrace.exposure.harmful import parse_broken
from tailrace.hotfix import HotfixDocument, parse_patches
from tailrace.hotfix.suggest import parse_fixed
from tailrace.model import CheckReport
from tailrace.model.errors import TailraceError
from tailrace.replay.errors import ScenarioError, UnknownScenarioError
from tailrace.replay.scenario import Scenario, split_file_name
from tailrace.toml.parse import parse_toml

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
else:
    Traversable = object

FILE = "scenario.toml"
#: No file of a scenario is larger than this.
LIMIT = 8 << 20


@dataclass(frozen=True, slots=True)
class Incident:
    """A scenario with its files. `documents`: hotfix file → its patch documents."""

    name: str
    scenario: Scenario
    report: CheckReport
    documents: dict[str, tuple[HotfixDocument, ...]]
    texts: dict[str, str]


def scenarios() -> dict[str, str]:
    """The scenarios that come with the program: name → title."""
    return {
        folder.name: str(parse_toml((folder / FILE).read_text(encoding="utf-8"))["title"])
        for folder in sorted(_shipped().iterdir(), key=lambda entry: entry.name)
        if (folder / FILE).is_file()
    }


def load_incident(name: str) -> Incident:
    """The incident of that name, or in that folder. Raises `UnknownScenarioError` and `ScenarioError`."""
    return _load(name, folder_of(name))


def load_scenario(name: str) -> Scenario:
    """Its facts alone, without the files that they name."""
    return _scenario(name, _text(name, folder_of(name), FILE))


def folder_of(name: str) -> Traversable:
    """Where its files are. Raises `UnknownScenarioError`."""
    own = _shipped() / name
    if name and "/" not in name and "\\" not in name and (own / FILE).is_file():
        return own
    if (Path(name) / FILE).is_file():
        return Path(name)
    raise UnknownScenarioError(name, list(scenarios()))


def _shipped() -> Traversable:
    from importlib.resources import files

    return files("tailrace.replay") / "scenarios"


def _load(name: str, folder: Traversable) -> Incident:
    scenario = _scenario(name, _text(name, folder, FILE))
    mistakes = list(_mistakes(scenario))
    texts: dict[str, str] = {}
    documents: dict[str, tuple[HotfixDocument, ...]] = {}
    for hotfix in scenario.hotfixes:
        try:
            texts[hotfix.file] = _text(name, folder, hotfix.file)
            documents[hotfix.file] = parse_patches(texts[hotfix.file], hotfix.file)
        except TailraceError as error:
            mistakes += _said(error)
    report = None
    try:
        report = msgspec.json.decode(_text(name, folder, scenario.report.file), type=CheckReport)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        mistakes.append(f"{scenario.report.file} is not a check report ({error})")
    except TailraceError as error:
        mistakes += _said(error)
    if report is not None and (report.candidate.name, report.candidate.version) != (
        scenario.candidate.name,
        scenario.candidate.version,
    ):
        mistakes.append(
            f"{scenario.report.file} is about {report.candidate.name} {report.candidate.version}, not about "
            f"{scenario.candidate.name} {scenario.candidate.version}"
        )
    if mistakes or report is None:
        raise ScenarioError(name, mistakes)
    return Incident(name, scenario, report, documents, texts)


def _said(error: TailraceError) -> list[str]:
    return list(error.mistakes) if isinstance(error, ScenarioError) else [str(error)]


def _text(name: str, folder: Traversable, file: str) -> str:
    parts = file.split("/")
    if file.startswith("/") or "\\" in file or ":" in file or ".." in parts:
        raise ScenarioError(name, [f"{file!r} is not a file of the scenario's own folder"])
    place = folder
    for part in parts:
        place = place / part
    try:
        with disk.open_file(place) if isinstance(place, Path) else place.open("rb") as source:
            data = source.read(LIMIT + 1)
        if len(data) > LIMIT:
            raise ScenarioError(name, [f"{file} is larger than {LIMIT >> 20} MB"])
        return data.decode("utf-8")
    except OSError as error:
        raise ScenarioError(name, [f"{file} cannot be read ({error.strerror or error})"]) from None
    except UnicodeDecodeError:
        raise ScenarioError(name, [f"{file} is not UTF-8"]) from None


def _scenario(name: str, text: str) -> Scenario:
    try:
        return msgspec.convert(parse_toml(text), Scenario)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(name, [f"{FILE} is not TOML ({error})"]) from None
    except msgspec.ValidationError as error:
        raise ScenarioError(name, [f"{FILE}: {error}"]) from None


def _mistakes(scenario: Scenario) -> Iterator[str]:
    """What is wrong beyond the shape, in the order of the file."""
    yield from _moments(scenario)
    yield from _specs(scenario)
    known = set(scenario.channels)
    named = [("grid.orders", name) for order in scenario.grid.orders for name in order]
    named += [("hotfixes", hotfix.channel) for hotfix in scenario.hotfixes]
    named += [("fixed", build.channel) for build in scenario.fixed]
    for where, channel in dict.fromkeys(named):
        if channel not in known:
            yield f"{where} names the channel {channel!r}; records are in {', '.join(sorted(known))}"
    for key in ("orders", "moments", "priorities", "clients"):
        if not getattr(scenario.grid, key):
            yield f"grid.{key} is empty"
    if not scenario.asks:
        yield "asks is empty"
    files = [hotfix.file for hotfix in scenario.hotfixes]
    for hotfix in scenario.hotfixes:
        if hotfix.corrects and hotfix.corrects not in files:
            yield f"{hotfix.file} corrects {hotfix.corrects!r}, which is not a hotfix of the scenario"
    for spec in (scenario.report.candidate, scenario.report.baseline, *scenario.report.downstreams):
        if spec.partition("@")[0] not in scenario.report.git or "@" not in spec:
            yield f"report: {spec!r} is not REPOSITORY@REF with a repository of report.git"
    seen: set[tuple[str, str, str]] = set()
    for record in scenario.records:
        if split_file_name(record.file) is None:
            yield f"records: {record.file!r} is no NAME-VERSION-BUILD.conda or .tar.bz2"
        key_ = (record.channel, record.subdir, record.file)
        if key_ in seen:
            yield f"records: {record.file} stands twice in {record.channel}/{record.subdir}"
        seen.add(key_)
    for leaf in scenario.leaves.packages:
        if len(leaf.split()) not in (2, 3):
            yield f"leaves: {leaf!r} is not NAME VERSION [BUILD]"


def _moments(scenario: Scenario) -> Iterator[str]:
    texts = {
        "since": scenario.since,
        "until": scenario.until,
        "candidate.tagged": scenario.candidate.tagged,
        "grid.worst": scenario.grid.worst,
        "missed.installed": scenario.missed.installed,
        "missed.changed": scenario.missed.changed,
        **{f"grid.moments[{n}]": text for n, text in enumerate(scenario.grid.moments)},
        **{f"timeline[{n}].at": event.at for n, event in enumerate(scenario.timeline)},
        **{f"hotfixes[{n}].at": hotfix.at for n, hotfix in enumerate(scenario.hotfixes)},
    }
    read: dict[str, int] = {}
    for where, text in texts.items():
        try:
            read[where] = parse_moment(text)
        except TailraceError as error:
            yield f"{where}: {error}"
    for kind in ("timeline", "hotfixes"):
        order = [moment for where, moment in read.items() if where.startswith(kind)]
        if order != sorted(order):
            yield f"{kind} is not in the order of time"
    if "since" in read and "until" in read and read["since"] >= read["until"]:
        yield "until is not after since"


def _specs(scenario: Scenario) -> Iterator[str]:
    try:
        parse_broken(scenario.broken)
    except TailraceError as error:
        yield f"broken: {error}"
    texts = [("asks", spec) for ask in scenario.asks for spec in ask.specs]
    texts += [("missed.specs", spec) for spec in scenario.missed.specs]
    texts += [("missed.change", spec) for spec in scenario.missed.change]
    texts += [("missed.repair", scenario.missed.repair)]
    for where, text in texts:
        try:
            parse_spec(text)
        except TailraceError as error:
            yield f"{where}: {error}"
    for build in scenario.fixed:
        try:
            parse_fixed(build.build)
        except TailraceError as error:
            yield f"fixed: {error}"
