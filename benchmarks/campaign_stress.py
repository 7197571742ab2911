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

from campaign_draw import EARLIEST, HUGE, YEARS, DrawnPair, required
from tailrace.artifacts import open_release
from tailrace.model import Artifact, TailraceError
from tailrace.python.modules import Surface, is_test_file
from tailrace.sources import Sources

_MOST_TRIES = 150
_MOST_FILES = 2500
# How often a pair is kept where no import is gone: a little, and more with each word that is. Most such words belong to
# something else, but kinds of break that are not in an import are seen only there.
_KEPT_ANYWAY, _KEPT_FOR_WORD, _KEPT_AT_MOST = 0.01, 0.1, 0.7


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
    releases = [one for one in sources.history(name) if one[1] >= EARLIEST]
    if not releases or HUGE.search(name):
        return None
    version, day = chance.choice(releases)
    spec = f"{name}=={version}"
    downstream = open_release(spec, sources)
    wanted = sorted(set(required(downstream)))
    chance.shuffle(wanted)
    used: Uses | None = None
    for requirement in wanted:
        if requirement.name == name or HUGE.search(requirement.name):
            continue
        history = [(Version(text), moment) for text, moment in sources.history(requirement.name)]
        current = [one for one, moment in history if moment <= day and requirement.specifier.contains(one)]
        if not current:
            continue
        baseline = max(current)
        candidates = crossing(baseline, history, day)
        if not candidates:
            continue
        candidate = chance.choice(candidates)
        pair = [f"{requirement.name}=={one}" for one in (baseline, candidate)]
        used = used or read_uses(downstream)
        opened = open_release(pair[0], sources)
        if Surface(opened).roots.isdisjoint(used.roots):
            continue
        met = sorted(met_by(used, opened, open_release(pair[1], sources)))
        imported = any(not one.startswith(".") and not one.endswith("=") for one in met)
        kept = 1.0 if imported else min(_KEPT_ANYWAY + _KEPT_FOR_WORD * len(met), _KEPT_AT_MOST)
        if chance.random() < kept:
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
    """What the files of a downstream say. `imports`: (module, name), the name empty for `import module`."""

    roots: set[str] = field(default_factory=set)
    imports: set[tuple[str, str]] = field(default_factory=set)
    attributes: dict[str, set[str]] = field(default_factory=dict)
    keywords: dict[str, set[str]] = field(default_factory=dict)


def met_by(uses: Uses, baseline: Artifact, candidate: Artifact) -> set[str]:
    """What a downstream mentions and the candidate has no more, in files that import the upstream: `module`,
    `module:name`, `.attribute` and `keyword=`.
    """
    surface, other = Surface(baseline), Surface(candidate)
    if not other.roots:
        return set()
    found = set()
    for module, name in uses.imports:
        bound = _names_of(surface, module)
        if bound is None:
            continue
        left = _names_of(other, module)
        if left is None:
            found.add(module)
        elif name in bound and not left & {name, "*", "__getattr__"} and other.source(f"{module}.{name}") is None:
            found.add(f"{module}:{name}")
    attributes, keywords = (
        set().union(*(words.get(root, ()) for root in surface.roots)) for words in (uses.attributes, uses.keywords)
    )
    left = words_of(candidate, attributes | keywords, _WORD)
    found |= {f".{word}" for word in words_of(baseline, attributes, _DEFINED) - left}
    return found | {f"{word}=" for word in words_of(baseline, keywords, _WORD) - left}


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


def read_uses(artifact: Artifact) -> Uses:
    """What the files of a downstream mention, apart from its tests."""
    uses = Uses()
    for file in artifact.python_files[:_MOST_FILES]:
        tree = None if is_test_file(file) else _parse(artifact, file)
        if tree is None:
            continue
        roots, attributes, keywords = set(), set(), set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                uses.imports.update((alias.name, "") for alias in node.names)
                roots.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                uses.imports.update((node.module, alias.name) for alias in node.names)
                roots.add(node.module.partition(".")[0])
            elif isinstance(node, ast.Attribute):
                attributes.add(node.attr)
            elif isinstance(node, ast.keyword) and node.arg:
                keywords.add(node.arg)
        uses.roots |= roots
        for root in roots:
            uses.attributes.setdefault(root, set()).update(attributes)
            uses.keywords.setdefault(root, set()).update(keywords)
    return uses


def _parse(artifact: Artifact, file: str) -> ast.Module | None:
    try:
        return ast.parse((artifact.root / file).read_bytes())
    except (SyntaxError, ValueError, RecursionError, OSError, MemoryError):
        return None
