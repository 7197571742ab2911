"""Reads the requirements and channels of a recipe (meta.yaml or recipe.yaml). Never renders or executes it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from tailrace.lint.facts import ChannelList, Document, Facts, SpecList
from tailrace.lint.files.interface import FileKind
from tailrace.lint.files.yamltext import all_entries, compose, entries, items, texts, word
from tailrace.lint.source import Source, Word

_LINE = re.compile(r"^(?P<indent>[ ]*)(?P<dash>-[ ]+)?(?:(?P<key>[A-Za-z_][\w-]*):(?:[ ]+|$))?(?P<rest>.*)$")
_SECTIONS = frozenset(
    {"build", "host", "run", "run_constrained", "requires", "run_exports", "strong", "weak", "requirements"}
)
_V1_LISTS = frozenset(
    {"build", "host", "run", "run_constraints", "run_exports", "strong", "weak", "noarch", "ignore_run_exports"}
)


def is_v1(text: str) -> bool:
    """A quick look at a recipe.yaml, which may be anything that cooks."""
    return bool(re.search(r"^(?:package|recipe|context|outputs|requirements|schema_version):", text, re.MULTILINE))


def is_v0(text: str) -> bool:
    """A quick look at a meta.yaml, which Helm and others have too."""
    return bool(re.search(r"^package:", text, re.MULTILINE))


def read_v0(source: Source) -> Document:
    """meta.yaml, line by line: Jinja and selectors make it no YAML, and it is never rendered."""
    facts = Facts()
    for section, at, specs in _v0_lists(source):
        facts.specs.append(SpecList(tuple(specs), section, at))
    for found in re.finditer(r"""^[ ]*+-?[ ]*+channel_sources:[ ]*["']?([^"'\r\n#]+)""", source.text, re.MULTILINE):
        names = tuple(
            Word(name[0], found.start(1) + name.start(), found.start(1) + name.end())
            for name in re.finditer(r"[^,\s]+", found[1])
        )
        if names:
            facts.channels.append(ChannelList(names, "sources", names[0]))
    return facts.document(source, "recipe")


def _v0_lists(source: Source) -> Iterator[tuple[str, Word, list[Word]]]:
    parents: list[tuple[int, Word]] = []  # indent and key of the mappings around the line
    lists: dict[int, tuple[str, Word, list[Word]]] = {}
    for number in range(1, source.line_count + 1):
        line = source.line(number)
        code = re.split(r"(?:^|\s)#", line, maxsplit=1)[0].rstrip()
        found = _LINE.match(code)
        if not code.strip() or not found or code.lstrip().startswith("{%"):
            continue
        start = source.offset(number)
        indent = len(found["indent"]) + (len(found["dash"] or "") if found["key"] else 0)
        limit = len(found["indent"]) + (1 if found["dash"] and not found["key"] else 0)
        while parents and parents[-1][0] >= max(limit, indent if found["key"] else limit):
            parents.pop()
        if found["key"]:
            at = start + found.start("key")
            parents.append((indent, Word(found["key"], at, at + len(found["key"]))))
        if found["dash"] and not found["key"] and parents and _is_requirements(parents):
            key = parents[-1][1]
            text = found["rest"].strip().strip("\"'")
            at = start + found.start("rest")
            section = ".".join(word.text for _, word in parents[-2:])
            lists.setdefault(key.start, (section, key, []))[2].append(Word(text, at, at + len(found["rest"])))
    yield from lists.values()


def _is_requirements(parents: list[tuple[int, Word]]) -> bool:
    keys = [word.text for _, word in parents]
    return keys[-1] in _SECTIONS and (
        "requirements" in keys or keys[-2:] == ["test", "requires"] or "run_exports" in keys
    )


def read_v1(source: Source) -> Document:
    """recipe.yaml: every list below `requirements`, both branches of conditions."""
    facts = Facts()
    for key, value, _ in all_entries(compose(source)):
        if key.text == "requirements":
            lists = list(entries(value)) or [(key, value)]
            for name, listed in lists:
                found = tuple(_leaves(listed))
                if found and (name is key or name.text in _V1_LISTS):
                    facts.specs.append(SpecList(found, f"requirements.{name.text}".removesuffix(".requirements"), name))
        elif key.text == "channel_sources":
            facts.channels.append(ChannelList(texts(value), "sources", key))
    return facts.document(source, "recipe")


def _leaves(node: yaml.Node) -> Iterator[Word]:
    """The specs of a list; of a condition, both branches. Each node once, so that aliases cannot multiply."""
    seen: set[int] = set()
    stack = [node]
    while stack:
        current = stack.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        if isinstance(current, yaml.ScalarNode) and current.value:
            yield word(current)
        stack += reversed(items(current))
        for key, value in reversed(list(entries(current))):
            if key.text in (
                "then",
                "else",
                "run",
                "strong",
                "weak",
                "noarch",
                "strong_constraints",
                "weak_constraints",
            ):
                stack.append(value)


def _read_meta(source: Source) -> Document | None:
    return read_v0(source) if is_v0(source.text) else None


def _read_recipe(source: Source) -> Document | None:
    return read_v1(source) if is_v1(source.text) else None


KIND = (
    FileKind(
        id="recipe",
        matches=lambda path: path.name in ("meta.yaml", "meta.yml"),
        read=_read_meta,
        rank=10,
    ),
    FileKind(
        id="recipe-v1",
        matches=lambda path: path.name in ("recipe.yaml", "recipe.yml"),
        read=_read_recipe,
        rank=10,
    ),
)
