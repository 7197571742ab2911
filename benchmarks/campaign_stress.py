"""Draws pairs that are likely to break: what a candidate lost is looked for in the text of the downstream.

Only releases are compared, by their texts, and neither by the check nor by its comparison: what decides here must not
be what is measured. Installing is left to the pairs that are kept.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from packaging.version import InvalidVersion, Version

from campaign_draw import EARLIEST, HUGE, YEARS, DrawnPair, history_of, imported_roots, required, roots_of
from tailrace.artifacts import open_release
from tailrace.model import Artifact, TailraceError
from tailrace.python.modules import Surface, is_test_file
from tailrace.sources import Sources

_MOST_TRIES = 150
_MOST_FILES = 2500
# Where no import is gone, the words of both releases are compared in a share of the pairs, which takes longer. A pair
# is kept the more likely the more words are gone: most of them belong to something else.
_SHARE_OF_WORDS = 0.25
_KEPT_FOR_WORD, _KEPT_AT_MOST = 0.15, 0.7


def draw_stress(seed: int, number: int, names: tuple[str, ...], sources: Sources) -> DrawnPair | None:
    """Pair `number` of a seed, `None` where many tries gave none."""
    chance = random.Random(f"stress/{seed}/{number}")
    for _ in range(_MOST_TRIES):
        name = chance.choice(names)
        try:
            found = _draw_of(name, chance, sources)
        except (TailraceError, OSError, InvalidVersion):
            continue
        if found is not None:
            return msgspec.structs.replace(found, id=f"stress-{seed}-{number}")
    return None


def _draw_of(name: str, chance: random.Random, sources: Sources) -> DrawnPair | None:
    releases = [one for one in history_of(name, sources) if one[1] >= EARLIEST]
    if not releases or HUGE.search(name):
        return None
    version, day = chance.choice(releases)
    spec = f"{name}=={version}"
    lines = sources.requirements(name, f"=={version}")
    if lines is not None and not lines:
        return None
    downstream = open_release(spec, sources)
    roots = imported_roots(downstream)
    wanted = sorted(set(required(downstream)))
    chance.shuffle(wanted)
    for requirement in wanted:
        if requirement.name == name or HUGE.search(requirement.name):
            continue
        history = [(Version(text), moment) for text, moment in history_of(requirement.name, sources)]
        current = [one for one, moment in history if moment <= day and requirement.specifier.contains(one)]
        candidates = crossing(max(current), history, day) if current else []
        if not candidates:
            continue
        pair = [f"{requirement.name}=={one}" for one in (max(current), chance.choice(candidates))]
        baseline = open_release(pair[0], sources)
        surface = Surface(baseline)
        if surface.roots.isdisjoint(roots):
            continue
        uses = read_uses(downstream, surface.roots)
        candidate = Surface(open_release(pair[1], sources))
        met = sorted(lost_imports(uses, surface, candidate))
        kept = bool(met)
        if not met and chance.random() < _SHARE_OF_WORDS:
            met = sorted(lost_words(uses, surface, candidate))
            kept = chance.random() < min(_KEPT_FOR_WORD * len(met), _KEPT_AT_MOST)
        if kept:
            return DrawnPair(
                id="", kind="stress", downstream=spec, baseline=pair[0], candidate=pair[1], day=day.isoformat(),
                met=tuple(met[:20]),
            )  # fmt: skip
    return None


def crossing(baseline: Version, history: list[tuple[Version, datetime]], day: datetime) -> list[Version]:
    """The first and the last release within three years that cross a major version, for 0.x a minor one."""
    later = [
        one
        for one, moment in history
        if one > baseline and moment <= day + YEARS and one.release[: 2 if baseline.major == 0 else 1] > _line(baseline)
    ]
    return sorted({min(later), max(later)}) if later else []


def _line(version: Version) -> tuple[int, ...]:
    return (*version.release, 0)[: 2 if version.major == 0 else 1]


# --- texts ------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Uses:
    """What the files of a downstream that import an upstream say. `imports`: (module, name), the name empty for
    `import module`.
    """

    imports: set[tuple[str, str]] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    keywords: set[str] = field(default_factory=set)


def lost_imports(uses: Uses, baseline: Surface, candidate: Surface) -> set[str]:
    """The modules and names that a downstream imports and the candidate has no more, as `module` and `module:name`."""
    found: set[str] = set()
    for module, name in uses.imports if candidate.roots else ():
        bound = _names_of(baseline, module)
        if bound is None:
            continue
        left = _names_of(candidate, module)
        if left is None:
            found.add(module)
        elif name in bound and not left & {name, "*", "__getattr__"} and candidate.source(f"{module}.{name}") is None:
            found.add(f"{module}:{name}")
    return found


def lost_words(uses: Uses, baseline: Surface, candidate: Surface) -> set[str]:
    """What stands in the files of a downstream that import the upstream, is defined in the baseline and stands nowhere
    in the candidate, as `.attribute` and `keyword=`.
    """
    left = words_of(candidate.artifact, uses.attributes | uses.keywords, _WORD) if candidate.roots else set()
    if not candidate.roots:
        return left
    found = {f".{word}" for word in words_of(baseline.artifact, uses.attributes, _DEFINED) - left}
    return found | {f"{word}=" for word in words_of(baseline.artifact, uses.keywords, _WORD) - left}


def _names_of(surface: Surface, module: str) -> frozenset[str] | None:
    """The names that a module binds, `None` where there is no such module or it cannot be parsed."""
    source = surface.source(module)
    if source is None:
        return None
    tree = _parse(surface.artifact, source.file)
    return None if tree is None else frozenset(_bound(tree.body))


_WORD = re.compile(rb"\w+")
_DEFINED = re.compile(rb"(?:^|(?<=def)|(?<=class))[ \t]*(?<!\w)(\w+)(?=[ \t]*[(:=])", re.MULTILINE)
_COMMENT = re.compile(rb"#[^\n]*")


def words_of(artifact: Artifact, wanted: set[str], pattern: re.Pattern[bytes]) -> set[str]:
    """Those of the words that a pattern finds in the files of a release, comments and tests left out."""
    sought = {word.encode() for word in wanted if not word.startswith("__")}
    found: set[bytes] = set()
    for file in artifact.python_files[:_MOST_FILES]:
        if not is_test_file(file):
            text = _COMMENT.sub(b"", (artifact.root / file).read_bytes())
            found |= sought.intersection(pattern.findall(text))
    return {word.decode() for word in found}


def _bound(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Import() | ast.ImportFrom():
                for alias in node.names:
                    yield (alias.asname or alias.name).partition(".")[0]
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                for part in ast.walk(node):
                    if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                        yield part.id
            case ast.If() | ast.Try() | ast.With() | ast.For():
                yield from _bound(node.body)
                yield from _bound(getattr(node, "orelse", []))
                yield from _bound(getattr(node, "finalbody", []))
                for handler in getattr(node, "handlers", []):
                    yield from _bound(handler.body)


def read_uses(artifact: Artifact, roots: frozenset[str]) -> Uses:
    """What the files of a downstream mention that import one of the roots, apart from its tests."""
    uses = Uses()
    for file in artifact.python_files[:_MOST_FILES]:
        if is_test_file(file) or roots.isdisjoint(roots_of((artifact.root / file).read_bytes())):
            continue
        tree = _parse(artifact, file)
        for node in ast.walk(tree) if tree is not None else ():
            if isinstance(node, ast.Import):
                uses.imports.update((alias.name, "") for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                uses.imports.update((node.module, alias.name) for alias in node.names)
            elif isinstance(node, ast.Attribute):
                uses.attributes.add(node.attr)
            elif isinstance(node, ast.keyword) and node.arg:
                uses.keywords.add(node.arg)
    uses.imports = {one for one in uses.imports if one[0].partition(".")[0] in roots}
    return uses


def _parse(artifact: Artifact, file: str) -> ast.Module | None:
    try:
        return ast.parse((artifact.root / file).read_bytes())
    except (SyntaxError, ValueError, RecursionError, OSError, MemoryError):
        return None
