"""Compares two releases: what the candidate no longer offers or offers differently, and the words to look for in
downstreams.

Nothing is executed. Tests, docs and examples of the releases are left out; modules that are the same in both are not
parsed
unless they lean on something that differs.
"""

from __future__ import annotations

import gc
import hashlib
import os
import tempfile
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tailrace.changes.dangerous import DangerousFiles
from tailrace.changes.distribution import diff_distributions
from tailrace.changes.downstream_aliases import own_words
from tailrace.changes.files import WORD
from tailrace.changes.grouping import grouped
from tailrace.changes.interfaces import compare_interfaces
from tailrace.changes.walk import compare_surfaces
from tailrace.model import Artifact, Change
from tailrace.python.commandlines.model import CommandLine
from tailrace.python.commandlines.program import builds_command_lines
from tailrace.python.modules import Surface
from tailrace.python.parsing import identifiers
from tailrace.python.semantics.call_hazards import Need

# Raised whenever the same two releases may give another answer.
_FORMAT = 30

# Words that can hurt, and files that can be hurt whatever words they hold.
Wanted = tuple[frozenset[str], frozenset[str]]

# Every class has them: they are never missed, and a constructor is called by the name of its class.
_EVERYWHERE = frozenset(dir(object)) | {"__slots__", "__dict__", "__annotations__", "__name__", "__all__"}


class Diff(msgspec.Struct, frozen=True, kw_only=True):
    """`changes`: sorted by rule and symbol. `identifiers`: a file that holds none of them cannot be hurt (see
    `changed_identifiers`). Sharper, for `hurt_files`: such a file holds one of `words`, or both parts of one of
    `incidental`: the last
    word of a module, and a name that it had merely imported, or that only stands in its text. The names in `calls` are
    words only where some call meets one of their needs. `lost`: members that
    fewer classes have. `commandlines`: what both releases offer, read on the way.
    """

    changes: tuple[Change, ...] = ()
    identifiers: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    calls: dict[str, tuple[Need, ...]] = {}
    incidental: frozenset[tuple[str, str]] = frozenset()
    lost: frozenset[str] = frozenset()
    commandlines: tuple[tuple[CommandLine, ...], tuple[CommandLine, ...]] = ((), ())


def diff_artifacts(baseline: Artifact, candidate: Artifact) -> tuple[Change, ...]:
    """Every change that can hurt, in an order that depends on nothing but the two releases."""
    return diff_surfaces(Surface(baseline), Surface(candidate)).changes


def changed_identifiers(baseline: Surface, candidate: Surface) -> frozenset[str]:
    """Words without which a file cannot be hurt: last names of what is gone or differs, parameters, options, module
    names.

    A file of a downstream may also be hurt through a name of the downstream's own that stands for one of these
    (`from up import
    f as g`, a subclass, a function that returns one): `hurt_files` looks for those names too.
    """
    return diff_surfaces(baseline, candidate).identifiers


def diff_surfaces(baseline: Surface, candidate: Surface) -> Diff:
    """Changes and words in one walk."""
    state = compare_surfaces(baseline, candidate)
    in_baseline, in_candidate = _command_lines(baseline.artifact), _command_lines(candidate.artifact)
    options, words = _commandlines(in_baseline, in_candidate) if in_baseline or in_candidate else ((), set())
    distribution = diff_distributions(baseline.artifact.metadata, candidate.artifact.metadata)
    for change in (*options, *distribution):
        if change.rule in {"option-removed", "entry-point-removed"}:
            words.update(WORD.findall(change.symbol.removeprefix("script:").removeprefix("entry-point:")))
    words |= _words_unread(baseline) | _words_unread(candidate)
    plain = (state.words | words) - _EVERYWHERE
    calls = {name: _sorted(needs) for name, needs in sorted(state.calls.items()) if name not in plain | _EVERYWHERE}
    changes = (
        *grouped(state.changes, state.origins, state.baseline, state.candidate),
        *options,
        *distribution,
        *compare_interfaces(baseline, candidate),
    )
    return Diff(
        changes=tuple(sorted(changes, key=lambda c: (c.rule, c.symbol, c.file or "", c.line or 0))),
        identifiers=frozenset(plain | calls.keys() | {name for _, name in state.incidental}),
        words=frozenset(plain),
        calls=calls,
        incidental=frozenset(state.incidental),
        lost=frozenset(state.lost),
        commandlines=(in_baseline, in_candidate),
    )


def _words_unread(surface: Surface) -> set[str]:
    """Every word of the modules that were to be compared and cannot be parsed: any of their names may have changed."""
    found: set[str] = set()
    for file in surface.unreadable:
        found.add(file.rpartition("/")[2].partition(".")[0])
        try:
            words = identifiers((surface.artifact.root / file).read_bytes())
        except OSError:
            continue
        found |= {word.decode("utf-8", "replace") for word in words}
    return found


def _sorted(needs: set[Need]) -> tuple[Need, ...]:
    return tuple(
        sorted(needs, key=lambda need: (sorted(need.keywords), -1 if need.positions is None else need.positions))
    )


def _command_lines(artifact: Artifact) -> tuple[CommandLine, ...]:
    if not builds_command_lines(artifact):
        return ()
    from tailrace.python.commandlines.read import read_commandlines

    return read_commandlines(artifact)


def _commandlines(
    baseline: tuple[CommandLine, ...], candidate: tuple[CommandLine, ...]
) -> tuple[tuple[Change, ...], set[str]]:
    from tailrace.python.commandlines.diff import added_options, diff_commandlines

    added = [
        Change(
            rule="option-conflict",
            symbol=option.symbol,
            file=option.file,
            line=option.line,
            detail="the subcommand is new" if option.subcommand else "the option is new",
            in_candidate=True,
        )
        for option in added_options(baseline, candidate)
    ]
    words = {word for option in added for word in WORD.findall(option.symbol)}
    return (*diff_commandlines(baseline, candidate), *added), words


@dataclass(frozen=True, slots=True)
class Hurt:
    """What of a downstream can be hurt: `files`, and in them only what holds one of `words` or gives one of
    `keywords` or more than `positions` positional arguments (`None`: their number is no concern)."""

    files: frozenset[str]
    words: frozenset[str]
    keywords: frozenset[str]
    positions: int | None


def hurt_files(diff: Diff, downstream: Surface, tokens: Mapping[str, Set[bytes]]) -> frozenset[str]:
    """The files of a downstream that can be hurt. `tokens`: the identifiers in each file that can reach the upstream
    at all."""
    return find_hurt(diff, downstream, tokens, words_in(diff, downstream, tokens)).files


def find_hurt(diff: Diff, downstream: Surface, tokens: Mapping[str, Set[bytes]], wanted: Wanted) -> Hurt:
    """The same, with the words. `wanted`: what `words_in` gave, for these tokens or for more of them."""
    called, dangerous = wanted
    words = called | own_words(called, downstream, tokens)
    modules = frozenset(module for module, _ in diff.incidental)
    standing = {w.encode() for w in own_words(modules, downstream, tokens)} if modules else set()
    known = {word.encode() for word in words}
    modules_of: dict[bytes, set[bytes]] = {}
    for module, name in diff.incidental:
        modules_of.setdefault(name.encode(), set()).add(module.encode())

    def hurt(held: Set[bytes]) -> bool:
        if not known.isdisjoint(held):
            return True
        named = modules_of.keys() & held
        return bool(named) and (
            not standing.isdisjoint(held) or any(not modules_of[name].isdisjoint(held) for name in named)
        )

    needs = [need for each in diff.calls.values() for need in each]
    return Hurt(
        files=(dangerous & tokens.keys()) | frozenset(file for file, held in tokens.items() if hurt(held)),
        words=words | {name for _, name in diff.incidental},
        keywords=frozenset().union(*(need.keywords for need in needs)),
        positions=min((need.positions for need in needs if need.positions is not None), default=None),
    )


def words_in(diff: Diff, downstream: Surface, tokens: Mapping[str, Set[bytes]]) -> Wanted:
    """The words that can hurt this downstream, and the files in which a call may meet a need, whatever it is called
    there.

    A call gives its arguments where it stands: a file that gives none of those that are refused is not hurt by the
    function. Where more files give one than hold the function's name, its name is the better word.
    """
    words, files = set(diff.words), set[str]()
    dangerous = DangerousFiles(downstream, tokens)
    for name, needs in diff.calls.items():
        holders = sum(name.encode() in held for held in tokens.values())
        for need in needs if holders else ():
            found = dangerous.files(need)
            if found is None or len(found) > holders:
                words.add(name)
            else:
                files |= found
    return frozenset(words), frozenset(files)


def load_or_diff(
    baseline: Artifact, candidate: Artifact, cache_dir: Path | None, surfaces: tuple[Surface, Surface] | None = None
) -> Diff:
    """The diff of two archives, kept under their hashes; trees and environments have none and are always compared.

    `surfaces`: those of the two, where somebody has them: what was read of them is not read again.
    """
    path = _path(baseline, candidate, cache_dir)
    if path is not None:
        try:
            return msgspec.msgpack.decode(path.read_bytes(), type=Diff)
        except (OSError, msgspec.DecodeError):
            pass  # not there, or written by a process that was stopped by other means than ours: made again
    found = diff_surfaces(*(surfaces or (Surface(baseline), Surface(candidate))))
    if not gc.isenabled():  # in a worker: what compared them is in cycles, and large
        gc.collect()
    if path is not None:
        _write(path, msgspec.msgpack.encode(found))
    return found


def is_compared(baseline: Artifact, candidate: Artifact, cache_dir: Path | None) -> bool:
    """Whether the diff of two archives is kept already."""
    path = _path(baseline, candidate, cache_dir)
    return path is not None and path.is_file()


def _path(baseline: Artifact, candidate: Artifact, cache_dir: Path | None) -> Path | None:
    from tailrace import __version__

    hashes = (baseline.release.sha256, candidate.release.sha256)
    if cache_dir is None or not all(hashes):
        return None
    # Markers on versions may be evaluated: the version is part of the question.
    key = "\0".join((str(_FORMAT), __version__, *map(str, hashes), baseline.release.version, candidate.release.version))
    name = hashlib.sha256(key.encode()).hexdigest()
    return cache_dir / "diffs" / name[:2] / f"{name}.msgpack"


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all; a cache that cannot be written is no reason to fail."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as stream:
            stream.write(data)
        os.replace(stream.name, path)  # noqa: PTH105 - atomic on every platform
    except OSError:
        return
