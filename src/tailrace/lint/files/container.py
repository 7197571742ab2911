"""A Dockerfile or Containerfile in, its images, commands and variables out. Builds nothing."""

from __future__ import annotations

import re

from tailrace.lint.commands import collect_shell, finish_config, variable_setting
from tailrace.lint.facts import Document, Facts
from tailrace.lint.source import Source, Word

_INSTRUCTION = re.compile(r"^[ \t]*([A-Za-z]+)[ \t]+", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_HEREDOC = re.compile(r"<<-?[ \t]*(['\"]?)([A-Za-z_][A-Za-z0-9_]*)\1")


def read(source: Source) -> Document:
    """The document. Comments between continued lines are blanked, which keeps every offset."""
    text = _COMMENT.sub(lambda found: " " * len(found[0]), source.text)
    facts = Facts()
    at = 0
    stages: set[str] = set()
    while at < len(text):
        found = _INSTRUCTION.match(text, at)
        line_end = _logical_end(text, at)
        if found is None:
            at = line_end
            continue
        name, start = found[1].upper(), found.end()
        end = line_end
        heredoc = _HEREDOC.search(text, start, line_end) if name in ("RUN", "COPY") else None
        if heredoc:
            stop = re.compile(rf"^[ \t]*{heredoc[2]}[ \t]*\r?$", re.MULTILINE).search(text, line_end)
            end = stop.end() if stop else len(text)
        if name == "FROM":
            _image(facts, text, start, end, stages)
        elif name == "RUN":
            # In a heredoc the body is the script; options such as --mount stand before it.
            collect_shell(facts, text, line_end if heredoc else start, stop.start() if heredoc and stop else end)
            _exec_form(facts, text, start, end)
        elif name in ("ENV", "ARG"):
            _variables(facts, text, start, end)
        at = max(end, at + 1)
    finish_config(facts)
    return facts.document(source, "container", head=facts.images[0] if facts.images else None)


def _logical_end(text: str, at: int) -> int:
    while True:
        stop = text.find("\n", at)
        if stop < 0:
            return len(text)
        line = text[at:stop].rstrip()
        at = stop + 1
        # A line of blanks (it was a comment) does not end what a backslash continued.
        if line.endswith(("\\", "`")):
            while (following := re.compile(r"[ \t]*\r?\n").match(text, at)) is not None:
                at = following.end()
            continue
        return at


def _image(facts: Facts, text: str, start: int, end: int, stages: set[str]) -> None:
    words = [Word(w[0], start + w.start(), start + w.end()) for w in re.finditer(r"[^\s\\]+", text[start:end])]
    words = [word for word in words if not word.text.startswith("--")]
    if words and words[0].text not in stages:
        facts.images.append(words[0])
    if len(words) == 3 and words[1].text.upper() == "AS":
        stages.add(words[2].text)


def _exec_form(facts: Facts, text: str, start: int, end: int) -> None:
    body = text[start:end].strip()
    if body.startswith("[") and body.endswith("]"):
        blanked = re.sub(r"[\[\],]", " ", text[start:end])
        collect_shell(facts, text[:start] + blanked, start, end)


def _variables(facts: Facts, text: str, start: int, end: int) -> None:
    for found in re.finditer(r"([A-Z][A-Z0-9_]*)(?:=|[ \t]+)(\"[^\"]*\"|'[^']*'|[^\s\\]*)", text[start:end]):
        at = Word(found[1], start + found.start(1), start + found.end(1))
        quote = 1 if found[2][:1] in ("'", '"') else 0
        value = Word(found[2].strip("\"'"), start + found.start(2) + quote, start + found.end(2) - quote)
        setting = variable_setting(found[1], value, at)
        if setting:
            facts.settings.append(setting)
