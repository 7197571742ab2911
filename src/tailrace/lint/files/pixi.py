"""pixi.toml, or pyproject.toml with [tool.pixi], in; channels, priorities and requirements out. Solves nothing."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from tailrace.lint.errors import UnreadableFileError
from tailrace.lint.facts import ChannelList, Document, Facts, Setting, SpecList
from tailrace.lint.source import Source, Word

_DEPENDENCIES = ("dependencies", "host-dependencies", "build-dependencies", "run-dependencies")
_KEY = re.compile(r"^[ \t]*([A-Za-z0-9_\"'.-]+(?:[ \t]*\.[ \t]*[A-Za-z0-9_\"'-]+)*)[ \t]*=", re.MULTILINE)
_REACH = 4000  # characters after a key in which its value is looked for


def read(source: Source, *, shared: bool) -> Document | None:
    """The document; `None` for a pyproject.toml without a pixi table (`shared`)."""
    try:
        document: dict[str, Any] = tomllib.loads(source.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        if shared and "tool.pixi" not in source.text:
            return None
        line = re.search(r"at line (\d+)", str(error))
        reason = "it is nested too deep" if isinstance(error, RecursionError) else f"it is not TOML: {error}"
        raise UnreadableFileError(reason, int(line[1]) if line else 0) from None
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


def _table(table: object, key: str) -> dict[str, Any]:
    found = table.get(key) if isinstance(table, dict) else None
    return found if isinstance(found, dict) else {}


def _channels(
    facts: Facts, places: _Places, table: str, content: dict[str, Any], scope: str, known: tuple[str, ...]
) -> tuple[str, ...]:
    listed = content.get("channels")
    if not isinstance(listed, list):
        return ()
    at = places.key(table, "channels")
    words, lowered, after = [], set(), at.end
    for channel in listed:
        name = channel.get("channel") if isinstance(channel, dict) else channel
        if isinstance(name, str) and name:
            word = places.value(Word("", after, after), name)
            after = max(after, word.end)
            words.append(word)
            if isinstance(channel, dict) and isinstance(channel.get("priority"), int) and channel["priority"] < 0:
                lowered.add(name)
    facts.channels.append(ChannelList(tuple(words), scope, at, "other", frozenset(lowered)))  # type: ignore[arg-type]
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
    """Where tables and keys stand in text that tomllib accepts; the first line where that cannot be told."""

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
