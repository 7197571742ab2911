"""Read the recipes of a Makefile, or of a justfile, and the variables that it exports. Expands nothing."""

from __future__ import annotations

import re

from tailrace.lint.commands import collect_shell, finish_config
from tailrace.lint.facts import Document, Facts
from tailrace.lint.files.interface import FileKind, mentions_conda
from tailrace.lint.source import Source

_NAME = re.compile(r"^(?:GNUmakefile|[Mm]akefile|\.?[Jj]ustfile)(?:\.[\w-]+)?$|\.(?:mk|mak|just)$")
_EXPORT = re.compile(r"^(?:export[ \t]+)([A-Z][A-Z0-9_]*)[ \t]*(?::{1,3}=|\?=|=)[ \t]*([^#\r\n]*)", re.MULTILINE)
_PREFIX = re.compile(r"^[ \t]+[@+-]*")
_ASSIGNED = re.compile(r"^[ \t]*(?:export[ \t]+|override[ \t]+)*[A-Za-z_][\w.-]*[ \t]*(?::{0,3}|[?+!])=")


def read(source: Source) -> Document:
    """The document."""
    facts = Facts()
    collect_shell(facts, _recipes(source.text))
    finish_config(facts)
    return facts.document(source, "makefile", runs=True)


def _recipes(text: str) -> str:
    """The text with all but recipe lines and exported variables blanked, as a shell would get it."""
    parts: list[str] = []
    goes_on = False
    for line in text.splitlines(keepends=True):
        body = line.rstrip("\r\n")
        end = line[len(body) :]
        exported = _EXPORT.match(body)
        if exported:
            name, value = exported[1], exported[2].rstrip()
            at = exported.start(2)
            shell = f"{name}=".rjust(at) + value
            parts.append((shell.ljust(len(body)) if len(f"{name}=") <= at else " " * len(body)) + end)
        elif goes_on or (body.startswith(("\t", "    ")) and not _ASSIGNED.match(body)):
            prefix = None if goes_on else _PREFIX.match(body)
            cut = prefix.end() if prefix else 0
            # $(NAME) is a variable here, and $$ is what a shell gets as $.
            shell = re.sub(r"\$\(([A-Za-z_]\w*)\)", r"${\1}", body[cut:]).replace("$$", " $")
            parts.append(" " * cut + shell + end)
            goes_on = body.endswith("\\")
            continue
        else:
            parts.append(" " * len(body) + end)
        goes_on = False
    return "".join(parts)


KIND = FileKind(
    id="makefile",
    matches=lambda path: bool(_NAME.search(path.name)),
    mentions=mentions_conda,
    read=read,
    rank=20,
)
