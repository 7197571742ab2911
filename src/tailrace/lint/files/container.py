"""Read the images, commands and variables of a Dockerfile or Containerfile."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from tailrace.lint.commands import collect_shell, finish_config, variable_setting
from tailrace.lint.errors import UnreadableFileError
from tailrace.lint.facts import Document, Facts, Job
from tailrace.lint.files.interface import FileKind, mentions_conda
from tailrace.lint.source import Source, Word

_CONTAINER = re.compile(r"^(?:Dockerfile|Containerfile)(?:[.-].*)?$|\.(?:dockerfile|containerfile)$", re.IGNORECASE)
_INSTRUCTION = re.compile(r"^[ \t]*([A-Za-z]+)[ \t]+", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_COPIED = re.compile(r"--from=([^\s\\]+)")
_MAX_BASES = 50
MAX_STAGES = 300
_HEREDOC = re.compile(r"<<-?[ \t]*(['\"]?)([A-Za-z_][A-Za-z0-9_]*)\1")


def read(source: Source) -> Document:
    """The document. Comments between continued lines are blanked, which keeps every offset."""
    text = _COMMENT.sub(lambda found: " " * len(found[0]), source.text)
    facts = Facts()
    at = 0
    stages: dict[str, int] = {}
    begun: list[tuple[int, list[int]]] = []  # where each stage begins, and the stages it builds on
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
            base = _image(facts, text, start, end, stages, len(begun))
            begun.append((at, [] if base is None else [base]))
        elif name == "COPY" and begun and (copied := _COPIED.search(text, start, line_end)):
            # An installation that is copied brings its configuration along.
            begun[-1][1].extend([stages[copied[1]]] if copied[1] in stages else [])
        elif name == "RUN":
            # In a heredoc the body is the script; options such as --mount stand before it.
            collect_shell(facts, text, line_end if heredoc else start, stop.start() if heredoc and stop else end)
            _exec_form(facts, text, start, end)
        elif name in ("ENV", "ARG"):
            _variables(facts, text, start, end)
        at = max(end, at + 1)
    if len(begun) > MAX_STAGES:
        raise UnreadableFileError(f"it has more than {MAX_STAGES} stages")
    facts.jobs += _jobs(begun, len(text))
    finish_config(facts)
    return facts.document(source, "container", head=facts.images[0] if facts.images else None, runs=True)


def _jobs(begun: list[tuple[int, list[int]]], end: int) -> list[Job]:
    """The stages; each takes over what the stage did that it builds on. What stands above them is shared."""
    jobs: list[Job] = []
    for number, (start, bases) in enumerate(begun):
        stop = begun[number + 1][0] if number + 1 < len(begun) else end
        earlier = [jobs[base] for base in bases if base < number]
        also = dict.fromkeys(span for job in earlier for span in (job.span, *job.also))
        jobs.append(Job((start, stop), tuple(also)[:_MAX_BASES]))
    return jobs


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


def _image(facts: Facts, text: str, start: int, end: int, stages: dict[str, int], number: int) -> int | None:
    """Adds the image; returns the number of the stage that this one builds on, if it builds on one."""
    words = [Word(w[0], start + w.start(), start + w.end()) for w in re.finditer(r"[^\s\\]+", text[start:end])]
    words = [word for word in words if not word.text.startswith("--")]
    base = stages.get(words[0].text) if words else None
    if words and base is None:
        facts.images.append(words[0])
    if len(words) == 3 and words[1].text.upper() == "AS":
        stages[words[2].text] = number
    return base


def _exec_form(facts: Facts, text: str, start: int, end: int) -> None:
    body = text[start:end].strip()
    if body.startswith("[") and body.endswith("]"):
        blanked = re.sub(r"[\[\],]", " ", text[start:end])
        collect_shell(facts, text[:start] + blanked, start, end)


def _variables(facts: Facts, text: str, start: int, end: int) -> None:
    for found in re.finditer(
        r"(?<![A-Z0-9_])([A-Z][A-Z0-9_]*)(?:=|[ \t]+)(\"[^\"]*\"|'[^']*'|[^\s\\]*)", text[start:end]
    ):
        at = Word(found[1], start + found.start(1), start + found.end(1))
        quote = 1 if found[2][:1] in ("'", '"') else 0
        value = Word(found[2].strip("\"'"), start + found.start(2) + quote, start + found.end(2) - quote)
        setting = variable_setting(found[1], value, at)
        if setting:
            facts.settings.append(setting)


def _matches(path: PurePosixPath) -> bool:
    return bool(_CONTAINER.search(path.name)) and path.suffix.lower() not in (".yml", ".yaml", ".md", ".py")


KIND = FileKind(id="container", matches=_matches, mentions=mentions_conda, read=read, rank=20)
