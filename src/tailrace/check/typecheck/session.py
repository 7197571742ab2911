"""Starts a type checker for a downstream and one upstream. Settings of theirs are ignored.

The session's settings file lives in a scratch folder of ours: search paths are the upstream, then the downstream,
then the standard library's stubs, then an empty environment, so that neither our own installation nor a
`pyproject.toml`, `ty.toml` or `.venv` of the downstream has a say.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from tailrace.check.typecheck.messages import parse_type, read_message
from tailrace.check.typecheck.overlay import decode_source, neutralise
from tailrace.check.typecheck.rules import RUNTIME_RULES
from tailrace.check.typecheck.server import Json, LanguageServer
from tailrace.check.typecheck.shown import ShownText
from tailrace.check.typecheck.values import Answer, Diagnostic, Location, Query, TypeText, Unchecked

_OUR_BLINDS = re.compile(r"version_inf_|hexversio_|TYPE_CHECKIN_|MYP_|no_type_chec_")
# Where the checker says that the type `Unknown` is defined.
_UNKNOWN_IS_DEFINED_IN = "ty_extensions/_internal.pyi"
# What says where something is defined, and what says of which type it is.
_SHOWN_AS = {"members": "member", "classes": "receiver"}
# A file larger than this is data, not code that somebody wrote.
_LARGEST_FILE = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Setup:
    """What a session looks at.

    `downstream_root`: the folder file names are relative to; `downstream_paths`: its import roots, relative to it.
    `upstream_paths`: import roots of one side of the comparison, absolute; they win over the downstream's.
    `upstream_root`: what upstream locations are relative to. `python_version`: `3.12`. `infer_returns`: infer what
    functions without annotation return; deep and slow (fifty times on some packages), so only for few questions.
    """

    downstream_root: Path
    downstream_paths: tuple[str, ...]
    upstream_root: Path
    upstream_paths: tuple[Path, ...]
    python_version: str
    extra_paths: tuple[Path, ...] = ()
    infer_returns: bool = False


class Session:
    """One server, set up for one side. Use as a context manager; start it only where `program` exists."""

    def __init__(self, setup: Setup, *, program: Path) -> None:
        self.setup = setup
        self.texts: dict[str, str] = {}
        self.unreadable: list[Unchecked] = []
        self._root = setup.downstream_root.resolve()
        self._upstream_root = setup.upstream_root.resolve()
        self._scratch = tempfile.TemporaryDirectory(prefix="tailrace-ty-", ignore_cleanup_errors=True)
        folder = Path(self._scratch.name).resolve()
        self._stubs = folder / "cache"
        settings = folder / "ty.toml"
        settings.write_text(_settings(setup, folder), encoding="utf-8")
        self.server = LanguageServer(program, folder=folder, environment=_environment(folder), log=folder / "log")
        self._settings = settings
        self._started = False
        self._shown: dict[str, ShownText] = {}
        self._version = 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the server and remove the scratch folder."""
        self.server.close()
        self._scratch.cleanup()

    def start(self, deadline: float) -> bool:
        """Shake hands. False when the server is gone."""
        if self._started:
            return not self.server.gone
        self._started = True
        folder = self._root.as_uri()
        reply = self.server.ask(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": folder,
                "workspaceFolders": [{"uri": folder, "name": "downstream"}],
                "capabilities": {
                    # UTF-8 columns are what `ast` counts in.
                    "general": {"positionEncodings": ["utf-8"]},
                    # Asking for diagnostics keeps the server from computing and sending them on every `didOpen`.
                    "textDocument": {"diagnostic": {}, "hover": {"contentFormat": ["plaintext"]}},
                },
                "initializationOptions": {
                    "logLevel": "error",
                    "configurationFile": str(self._settings),
                    "diagnosticMode": "openFilesOnly",
                },
            },
            deadline=deadline,
        )
        if not reply or "error" in reply:
            return False
        self.server.notify("initialized", {})
        return True

    def open(self, files: Sequence[str], texts: Mapping[str, str] | None = None) -> None:
        """Show the server these files (relative names). `texts` replaces what is on disk."""
        for file in files:
            if file in self.texts:
                continue
            text = (texts or {}).get(file)
            if text is None:
                path = self._root / file
                try:
                    if path.stat().st_size > _LARGEST_FILE:
                        self.unreadable.append(Unchecked(file, "unreadable", "larger than 8 MiB"))
                        continue
                    text = neutralise(decode_source(path.read_bytes()))
                except OSError as error:
                    self.unreadable.append(Unchecked(file, "unreadable", error.strerror or "cannot be read"))
                    continue
            self.texts[file] = text
            self.server.notify(
                "textDocument/didOpen",
                {"textDocument": {"uri": self._uri(file), "languageId": "python", "version": 1, "text": text}},
            )

    def diagnose(
        self, files: Sequence[str], *, time_limit: float
    ) -> tuple[dict[str, tuple[Diagnostic, ...]], dict[str, str]]:
        """Diagnostics by file, and why for files whose check failed in the server. Files in neither got no answer."""
        wanted = [file for file in files if file in self.texts]
        requests = [("textDocument/diagnostic", {"textDocument": {"uri": self._uri(file)}}) for file in wanted]
        replies = self.server.ask_many(requests, deadline=time.monotonic() + time_limit)
        found: dict[str, tuple[Diagnostic, ...]] = {}
        broken: dict[str, str] = {}
        for position, reply in replies.items():
            file = wanted[position]
            if "error" in reply:
                broken[file] = str((reply["error"] or {}).get("message", ""))[:300]
                continue
            items = (reply.get("result") or {}).get("items") or []
            found[file] = tuple(one for item in items if (one := _diagnostic(file, item)) is not None)
        return found, broken

    def ask(self, queries: Sequence[Query], *, time_limit: float) -> dict[Query, Answer]:
        """Answers to those of `queries` whose file is open, as far as they came in time."""
        wanted = [query for query in queries if query.file in self.texts]
        self._make_room(wanted)
        requests: list[tuple[str, Json]] = []
        slots: list[tuple[Query, str]] = []
        for query in wanted:
            name = self.position(query.file, query.line, query.column)
            asked = [("members", "definition", name), ("member", "hover", name)]
            if query.receiver_line:
                end = self.position(query.file, query.receiver_line, query.receiver_column)
                asked += [("classes", "typeDefinition", end), ("receiver", "hover", end)]
            for slot, method, params in asked:
                slots.append((query, slot))
                requests.append((f"textDocument/{method}", params))
        deadline = time.monotonic() + time_limit
        replies = self.server.ask_many(requests, deadline=deadline)
        # Two requests at once for the place of something in the standard library's stubs, which the server unpacks on
        # first use: one of them may come back empty although the type is known. The second time the stub is there.
        again = [i for i, (_, slot) in enumerate(slots) if slot in _SHOWN_AS and _lost_place(i, slot, slots, replies)]
        for index, reply in self.server.ask_many([requests[i] for i in again], deadline=deadline).items():
            replies[again[index]] = reply
        parts: dict[Query, dict[str, Any]] = {}
        for index, (query, slot) in enumerate(slots):
            if index in replies and "error" not in replies[index]:
                parts.setdefault(query, {})[slot] = replies[index].get("result")
        return {
            query: Answer(
                receiver=_hovered(found.get("receiver")),
                classes=self._places(found.get("classes")),
                members=self._places(found.get("members")),
                member=_hovered(found.get("member")),
            )
            for query, found in parts.items()
            if "members" in found and ("classes" in found or not query.receiver_line)
        }

    def _make_room(self, queries: Sequence[Query]) -> None:
        """Show the server a text in which the end of every receiver can be pointed at."""
        changed: set[str] = set()
        for query in queries:
            shown = self._shown.setdefault(query.file, ShownText(self.texts[query.file]))
            if query.receiver_line and shown.make_room(query.receiver_line, query.receiver_column):
                changed.add(query.file)
        for file in sorted(changed):
            self._version += 1
            self.server.notify(
                "textDocument/didChange",
                {
                    "textDocument": {"uri": self._uri(file), "version": self._version},
                    "contentChanges": [{"text": self._shown[file].text}],
                },
            )

    def _places(self, result: object) -> tuple[Location, ...]:
        items = result if isinstance(result, list) else [result] if isinstance(result, dict) else []
        places = (self.location(item) for item in items)
        return tuple(place for place in places if place is not None and place.file != _UNKNOWN_IS_DEFINED_IN)

    def position(self, file: str, line: int, column: int) -> Json:
        """The protocol's way to say: this place (1-based, UTF-8) in this file."""
        shown = self._shown.get(file)
        there = shown.there(line, column) if shown else column
        return {"textDocument": {"uri": self._uri(file)}, "position": {"line": line - 1, "character": there - 1}}

    def location(self, item: Json) -> Location | None:
        """One of the protocol's locations, told as whose file it is."""
        uri = item.get("uri") or item.get("targetUri")
        span = item.get("range") or item.get("targetSelectionRange")
        if not isinstance(uri, str) or not isinstance(span, dict):
            return None
        path = Path(url2pathname(unquote(urlsplit(uri).path)) if os.name == "nt" else unquote(urlsplit(uri).path))
        line, column = span["start"]["line"] + 1, span["start"]["character"] + 1
        if path.is_relative_to(self._upstream_root) and not self._is_downstreams(path):
            return Location("upstream", path.relative_to(self._upstream_root).as_posix(), line, column)
        if path.is_relative_to(self._root):
            file = path.relative_to(self._root).as_posix()
            shown = self._shown.get(file)
            return Location("downstream", file, line, shown.back(line, column) if shown else column)
        if path.is_relative_to(self._stubs):
            parts = path.relative_to(self._stubs).parts
            start = parts.index("stdlib") + 1 if "stdlib" in parts else 0
            return Location("stdlib", "/".join(parts[start:]), line, column)
        return Location("elsewhere", path.as_posix(), line, column)

    def _is_downstreams(self, path: Path) -> bool:
        """For a downstream's folder inside the upstream's (one tree in another)."""
        return (
            self._root != self._upstream_root
            and self._root.is_relative_to(self._upstream_root)
            and path.is_relative_to(self._root)
        )

    def _uri(self, file: str) -> str:
        return (self._root / file).as_uri()


def _diagnostic(file: str, item: Json) -> Diagnostic | None:
    rule, text = str(item.get("code") or ""), str(item.get("message") or "")
    meaning = read_message(rule, text)
    sentence = text.split("\n", 1)[0]
    if meaning.kind == "type-only" or _OUR_BLINDS.search(sentence):
        return None
    start, end = item["range"]["start"], item["range"]["end"]
    return Diagnostic(
        file=file,
        line=start["line"] + 1,
        column=start["character"] + 1,
        end_line=end["line"] + 1,
        end_column=end["character"] + 1,
        rule=rule,
        kind=meaning.kind,
        message=sentence,
        receiver=meaning.receiver,
        lacking=meaning.lacking,
        name=meaning.name,
        callee=meaning.callee,
        owner=meaning.owner,
    )


def _hovered(result: object) -> TypeText:
    """The type in a hover; the documentation below its rule is dropped."""
    contents = result.get("contents") if isinstance(result, dict) else None
    value = contents.get("value") if isinstance(contents, dict) else None
    text = " ".join(str(value or "").split("\n---", 1)[0].split())
    # A constructor's call is shown as `class K(a, b)`, a type variable with its variance.
    if constructed := re.match(r"class ([\w.]+)\(", text):
        text = constructed[1]
    return parse_type(re.sub(r" \((?:in|co|contra|bi)variant\)", "", text)) if text else TypeText("")


def _lost_place(index: int, slot: str, slots: Sequence[tuple[Query, str]], replies: Mapping[int, Json]) -> bool:
    """Whether the place of something was not given although its type is known; the type's answer stands behind it."""
    if (
        slots[index + 1][1] != _SHOWN_AS[slot]
        or not {index, index + 1} <= replies.keys()
        or replies[index].get("result")
    ):
        return False
    shown = _hovered(replies[index + 1].get("result"))
    return bool(shown.text) and not shown.unknown


def _settings(setup: Setup, folder: Path) -> str:
    """`ty.toml`: JSON strings and lists are valid TOML."""
    for place in (f"lib/python{setup.python_version}/site-packages", "Lib/site-packages"):
        (folder / "empty" / place).mkdir(parents=True)
    root = setup.downstream_root.resolve()
    paths = [
        *(path.resolve() for path in setup.upstream_paths),
        *(root / path for path in setup.downstream_paths),
        *(path.resolve() for path in setup.extra_paths),
    ]
    quote = json.dumps
    rules = "\n".join(f'{rule} = "error"' for rule in RUNTIME_RULES)
    return (
        "[environment]\n"
        f"root = {quote([str(path) for path in dict.fromkeys(paths)], ensure_ascii=False)}\n"
        f"python-version = {quote(setup.python_version)}\n"
        'python-platform = "all"\n'
        f"python = {quote(str(folder / 'empty'), ensure_ascii=False)}\n"
        "[src]\nrespect-ignore-files = false\n"
        "[analysis]\nrespect-type-ignore-comments = false\n"
        f"return-type-inference = {quote('always' if setup.infer_returns else 'never')}\n"
        f'[rules]\nall = "ignore"\n{rules}\n'
    )


def _environment(folder: Path) -> dict[str, str]:
    """As little as possible: no PATH (`ty` may ask an `uv` that it finds), no PYTHONPATH, no VIRTUAL_ENV, no HOME."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "TMP", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "LOCALAPPDATA": str(folder / "cache"),
        "APPDATA": str(folder / "config"),
        "PATH": "",
    }
