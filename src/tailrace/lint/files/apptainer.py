"""Read the image and the scripts of a Singularity or Apptainer definition. Builds nothing."""

from __future__ import annotations

import re
from bisect import bisect_right

from tailrace.lint.commands import collect_shell, finish_config
from tailrace.lint.errors import UnreadableFileError
from tailrace.lint.facts import Document, Facts, Job
from tailrace.lint.files.interface import FileKind, mentions_conda
from tailrace.lint.source import Source, Word

_NAME = re.compile(r"^(?:Singularity|Apptainer)(?:[.-].*)?$|\.(?:def|singularity|apptainer)$", re.IGNORECASE)
_BOOTSTRAP = re.compile(r"^[ \t]*Bootstrap[ \t]*:", re.IGNORECASE | re.MULTILINE)
_FROM = re.compile(r"^[ \t]*From[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_SECTION = re.compile(r"^[ \t]*%([a-zA-Z]+)\b[^\r\n]*", re.MULTILINE)
MAX_STAGES = 300
_SCRIPTS = frozenset({"post", "setup", "environment", "runscript", "startscript", "test", "pre"})


def read(source: Source) -> Document | None:
    """The document; `None` for a file of the same name without a `Bootstrap` line."""
    text = source.text
    begun = [found.start() for found in _BOOTSTRAP.finditer(text)]
    if not begun:
        return None
    if len(begun) > MAX_STAGES:
        raise UnreadableFileError(f"it has more than {MAX_STAGES} stages")
    facts = Facts()
    facts.images += (Word(found[1], found.start(1), found.end(1)) for found in _FROM.finditer(text))
    sections = list(_SECTION.finditer(text))
    for number, found in enumerate(sections):
        end = sections[number + 1].start() if number + 1 < len(sections) else len(text)
        name = found[1].lower()
        later = bisect_right(begun, found.end())
        next_begun = begun[later] if later < len(begun) else end
        if name in _SCRIPTS or name.startswith(("appinstall", "apprun", "apptest", "appenv")):
            collect_shell(facts, text, found.end(), min(end, next_begun))
    facts.jobs += (Job(span) for span in zip(begun, [*begun[1:], len(text)], strict=True))
    finish_config(facts)
    return facts.document(source, "apptainer", head=facts.images[0] if facts.images else None, runs=True)


KIND = FileKind(
    id="apptainer",
    matches=lambda path: bool(_NAME.search(path.name)),
    mentions=mentions_conda,
    read=read,
    rank=20,
)
