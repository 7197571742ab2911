"""Read the shell steps, images and variables of a Jenkinsfile. Runs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tailrace.lint.commands import finish_config, variable_setting
from tailrace.lint.facts import Document, Facts
from tailrace.lint.files.interface import FileKind, mentions_conda
from tailrace.lint.files.shelltext import collect_at, unescape
from tailrace.lint.source import Source, Word

_STRING = re.compile(
    r"//[^\r\n]*|/\*.*?(?:\*/|\Z)|(?P<long>\"\"\"|''')(?P<text>.*?)(?P=long)|"
    r"\"(?P<double>(?:[^\"\\\r\n]|\\.)*)\"|'(?P<single>(?:[^'\\\r\n]|\\.)*)'",
    re.DOTALL,
)
_SHELL = re.compile(r"\b(?:sh|bat|powershell|pwsh)[ \t]*\(?[ \t]*$|\bscript[ \t]*:[ \t]*$")
_IMAGE = re.compile(r"\bimage[ \t]*[(:]?[ \t]*$")
_VARIABLE = re.compile(r"(?:^|[\s{;,\[\"'.])([A-Z][A-Z0-9_]*)[ \t]*=[ \t]*$")
_REACH = 200  # characters before a string in which it is said what the string is


def read(source: Source) -> Document:
    """The document. The steps of all stages count as those of one machine."""
    facts = Facts()
    for before, text, start in _strings(source.text):
        variable = _VARIABLE.search(before)
        if _SHELL.search(before):
            collect_at(facts, unescape(text), start)
        elif _IMAGE.search(before):
            facts.images.append(Word(text, start, start + len(text)))
        elif variable:
            at = Word(variable[1], start - len(before) + variable.start(1), start - len(before) + variable.end(1))
            setting = variable_setting(variable[1], Word(text, start, start + len(text)), at)
            if setting:
                facts.settings.append(setting)
    finish_config(facts)
    return facts.document(source, "jenkinsfile", runs=True)


def _strings(text: str) -> Iterator[tuple[str, str, int]]:
    """Each string: what stands before it, its text, and where that begins. Comments are passed over."""
    for found in _STRING.finditer(text):
        group = next((name for name in ("text", "double", "single") if found[name] is not None), None)
        if group is not None:
            before = text[max(0, found.start() - _REACH) : found.start()]
            yield before + " " * (found.start(group) - found.start()), found[group], found.start(group)


KIND = FileKind(
    id="jenkinsfile",
    matches=lambda path: (
        path.name.lower().startswith("jenkinsfile") or path.suffix.lower() in (".jenkinsfile", ".groovy")
    ),
    mentions=mentions_conda,
    read=read,
    rank=20,
)
