"""Read the channels, priorities and requirements of pixi.toml, of `[tool.pixi]`, and of pixi's own configuration."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

import tomli

from tailrace.lint.errors import UnreadableFileError
from tailrace.lint.facts import ChannelList, Document, Facts, Scope, Setting, SpecList
from tailrace.lint.files.interface import FileKind
from tailrace.lint.source import Source, Word
from tailrace.toml.parse import beyond_bounds

_DEPENDENCIES = ("dependencies", "host-dependencies", "build-dependencies", "run-dependencies")
_KEY = re.compile(r"^[ \t]*+([A-Za-z0-9_\"'.-]++(?:[ \t]*+\.[ \t]*+[A-Za-z0-9_\"'-]++)*+)[ \t]*+=", re.MULTILINE)
_REACH = 4000  # characters after a key in which its value is looked for


def read(source: Source, *, shared: bool) -> Document | None:
    """The document; `None` for a pyproject.toml without a pixi table (`shared`)."""
    document = _load(source, meant=not shared or "tool.pixi" in source.text)
    if document is None:
        return None
    prefix = "tool.pixi." if shared else ""
    root = _table(_table(document, "tool"), "pixi") if shared else document
    if not root:
        return None
    facts = Facts()
    places = _Places(source.text)
    base = "workspace" if "workspace" in root or "project" not in root else "project"
    workspace = _table(root, base)
    head = places.header(prefix + base)
    known = _channels(facts, places, prefix + base, workspace, "workspace", ())
    for key in ("channel-priority", "exclude-newer"):
        if key in workspace:
            at = places.key(prefix + base, key)
            value = places.value(at, str(workspace[key]))
            facts.settings.append(Setting(key.replace("-", "_"), "workspace", at, value))
    _dependencies(facts, places, prefix, root, known)
    for name, feature in _table(root, "feature").items():
        if isinstance(feature, dict):
            table = f"{prefix}feature.{name}"
            own = _channels(facts, places, table, feature, "feature", known)
            if "channel-priority" in feature:
                at = places.key(table, "channel-priority")
                value = places.value(at, str(feature["channel-priority"]))
                facts.settings.append(Setting("channel_priority", "feature", at, value))
            _dependencies(facts, places, table + ".", feature, (*own, *known))
    return facts.document(source, "pixi", head=head)


def _load(source: Source, *, meant: bool) -> dict[str, Any] | None:
    """The tables, TOML 1.1; `None` for other text in a file that need not be of the kind."""
    try:
        if problem := beyond_bounds(source.text):
            raise ValueError(problem)
        return tomli.loads(source.text)
    except (tomli.TOMLDecodeError, RecursionError, ValueError) as error:
        if not meant:
            return None
        line = re.search(r"at line (\d+)", str(error))
        reason = "it is nested too deep" if isinstance(error, RecursionError) else f"it is not TOML: {error}"
        raise UnreadableFileError(reason, int(line[1]) if line else 0) from None


def _table(table: object, key: str) -> dict[str, Any]:
    found = table.get(key) if isinstance(table, dict) else None
    return found if isinstance(found, dict) else {}


def _channels(
    facts: Facts,
    places: _Places,
    table: str,
    content: dict[str, Any],
    scope: Scope,
    known: tuple[str, ...],
    name: str = "channels",
) -> tuple[str, ...]:
    listed = content.get("channels")
    if not isinstance(listed, list):
        return ()
    at = places.key(table, name)
    words, lowered, after = [], set(), at.end
    for channel in listed:
        named = channel.get("channel") if isinstance(channel, dict) else channel
        if isinstance(named, str) and named:
            word = places.value(Word("", after, after), named)
            after = max(after, word.end)
            words.append(word)
            if isinstance(channel, dict) and isinstance(channel.get("priority"), int) and channel["priority"] < 0:
                lowered.add(named)
    facts.channels.append(ChannelList(tuple(words), scope, at, "other", frozenset(lowered)))
    return tuple(word.text for word in words)


def _dependencies(facts: Facts, places: _Places, prefix: str, content: dict[str, Any], known: tuple[str, ...]) -> None:
    for key in _DEPENDENCIES:
        _specs(facts, places, prefix + key, content.get(key), known)
    for name, target in _table(content, "target").items():
        if isinstance(target, dict):
            for key in _DEPENDENCIES:
                _specs(facts, places, f"{prefix}target.{name}.{key}", target.get(key), known)


def _specs(facts: Facts, places: _Places, table: str, content: object, known: tuple[str, ...]) -> None:
    if not isinstance(content, dict):
        return
    words = []
    for name, wanted in content.items():
        at = places.key(table, name)
        version = wanted.get("version", "*") if isinstance(wanted, dict) else wanted
        channel = wanted.get("channel") if isinstance(wanted, dict) else None
        text = f"{name} {version}".removesuffix(" *")
        words.append(Word(f"{channel}::{text}" if isinstance(channel, str) else text, at.start, at.end))
    if words:
        facts.specs.append(SpecList(tuple(words), table, places.header(table), known))


class _Places:
    """Where tables and keys stand in text that is TOML; the first line where that cannot be told."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._headers: dict[str, tuple[int, int]] = {}
        self._known: dict[str, dict[str, tuple[int, int]]] = {}
        found = list(re.finditer(r"^[ \t]*\[{1,2}([^\[\]\r\n]+)\]{1,2}[ \t]*(?:#.*)?\r?$", text, re.MULTILINE))
        self._first = found[0].start() if found else len(text)
        for number, header in enumerate(found):
            end = found[number + 1].start() if number + 1 < len(found) else len(text)
            name = re.sub(r"[\"'\s]", "", header[1])
            self._headers.setdefault(name, (header.start(1), end))

    def header(self, table: str) -> Word:
        """The header of the table, or of the nearest one above it."""
        name = table
        while name and name not in self._headers:
            name = name.rpartition(".")[0]
        start = self._headers.get(name, (0, 0))[0]
        return Word(table, start, start + len(name))

    def key(self, table: str, key: str) -> Word:
        """The key in its table; also where the table is written with dotted keys."""
        parts = table.split(".")
        for cut in range(len(parts), -1, -1):
            found = self._keys(".".join(parts[:cut])).get(".".join((*parts[cut:], key)))
            if found:
                return Word(key, *found)
        return self.header(table)

    def _keys(self, table: str) -> dict[str, tuple[int, int]]:
        """The keys written below the table's header, dotted ones under each of their beginnings too."""
        if table not in self._known:
            start, end = self._headers.get(table, (0, 0 if table else self._first))
            found: dict[str, tuple[int, int]] = {}
            for key in _KEY.finditer(self.text, start, end):
                parts = re.sub(r"[\"'\s]", "", key[1]).split(".")[:8]
                for length in range(len(parts), 0, -1):
                    found.setdefault(".".join(parts[:length]), key.span(1))
            self._known[table] = found
        return self._known[table]

    def value(self, key: Word, value: str) -> Word:
        """The string after the key, quotes left out."""
        found = re.compile(rf"(?<=[\"']){re.escape(value)}(?=[\"'])").search(self.text, key.end, key.end + _REACH)
        return Word(value, found.start(), found.end()) if found else Word(value, key.start, key.end)


def read_configuration(source: Source) -> Document | None:
    """config.toml of pixi; `None` for the config.toml of another tool."""
    document = _load(source, meant=False)
    keys = {"default-channels", "default_channels"} & set(document or {})
    if document is None or not keys:
        return None
    facts = Facts()
    places = _Places(source.text)
    for key in sorted(keys):
        _channels(facts, places, "", {"channels": document[key]}, "workspace", (), name=key)
    for key in ("channel-priority", "exclude-newer"):
        if key in document:
            at = places.key("", key)
            facts.settings.append(Setting(key.replace("-", "_"), "workspace", at, places.value(at, str(document[key]))))
    if document.get("tls-no-verify") is True:
        at = places.key("", "tls-no-verify")
        facts.settings.append(Setting("ssl_verify", "workspace", at, Word("false", at.start, at.end)))
    return facts.document(source, "pixi-config")


def read_global(source: Source) -> Document | None:
    """pixi-global.toml: one environment a table."""
    document = _load(source, meant=True)
    facts = Facts()
    places = _Places(source.text)
    for name, environment in _table(document, "envs").items():
        if isinstance(environment, dict):
            table = f"envs.{name}"
            known = _channels(facts, places, table, environment, "workspace", ())
            _specs(facts, places, f"{table}.dependencies", environment.get("dependencies"), known)
    return facts.document(source, "pixi-global")


def read_conda_lock_table(source: Source) -> Document | None:
    """`[tool.conda-lock]` of a pyproject.toml without pixi."""
    table = _table(_table(_load(source, meant=False), "tool"), "conda-lock")
    if not isinstance(table.get("channels"), list):
        return None
    facts = Facts()
    places = _Places(source.text)
    known = _channels(facts, places, "tool.conda-lock", table, "manifest", ())
    _specs(facts, places, "tool.conda-lock.dependencies", table.get("dependencies"), known)
    return facts.document(source, "conda-lock-table", head=places.header("tool.conda-lock"))


def _is_pyproject(path: PurePosixPath) -> bool:
    return path.name == "pyproject.toml"


KIND = (
    FileKind(
        id="pixi",
        matches=lambda path: path.name == "pixi.toml",
        read=lambda source: read(source, shared=False),
        rank=10,
    ),
    FileKind(
        id="pixi-pyproject",
        matches=_is_pyproject,
        mentions=lambda _, data: b"pixi" in data,
        read=lambda source: read(source, shared=True),
        rank=10,
    ),
    FileKind(
        id="conda-lock-table",
        matches=_is_pyproject,
        mentions=lambda _, data: b"conda-lock" in data,
        read=read_conda_lock_table,
        rank=11,
    ),
    FileKind(
        id="pixi-config",
        matches=lambda path: path.name == "config.toml",
        mentions=lambda _, data: b"default-channels" in data or b"default_channels" in data,
        read=read_configuration,
        rank=10,
    ),
    FileKind(
        id="pixi-global",
        matches=lambda path: path.name == "pixi-global.toml",
        read=read_global,
        rank=10,
    ),
)
