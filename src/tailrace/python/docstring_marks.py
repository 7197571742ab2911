"""What a docstring says of deprecations: directives, sentences and the descriptions of parameters.

A docstring also speaks of things that are deprecated elsewhere, so only forms that are about the object itself, or
about one of its parameters, are read.
"""

from __future__ import annotations

import re

from tailrace.model import Deprecation
from tailrace.python.deprecations import shorten, versions_in

_DIRECTIVE = re.compile(r"^(?P<indent>[ \t]*)\.\. deprecated::[ \t]*(?P<rest>.*)$")
# What a line may begin with: a note around the sentence, a quote, a bracket, a sign.
_NOTE = re.compile(
    r"\s*(?:\.\. (?:note|warning|attention|caution|important|admonition)::\s*"
    r"|(?:!!!|\?\?\?\+?)\s*\w*\s*|(?:note|warning)\s*:\s*)?[\W_]{0,4}",
    re.IGNORECASE,
)
# "Deprecated: …", "DEPRECATED.", "[Deprecated] …", "Deprecated in 1.2", "Deprecated, use …"; not "Deprecated names".
_BEGINS = re.compile(
    r"deprecated\b(?P<rest>[*_]{0,2}(?:\s*(?:[:;.,!)\]\"'\u2013\u2014-]|$)"
    r"|\s+(?:in|since|as of|from|by|with|and will|and is|use|please|starting)\b).*)",
    re.IGNORECASE,
)
_OF_OBJECT = re.compile(
    r"\bthis (?:[a-z-]+ ){0,2}?(?P<what>[a-z]+) (?:is|was|has been|will be|is now) "
    r"(?:now |being |also |officially |formally )?deprecated\b(?P<rest>.*)",
    re.IGNORECASE,
)
_OBJECTS = frozenset({
    "function", "method", "class", "property", "attribute", "routine", "decorator", "exception", "constant", "object",
    "alias", "wrapper", "helper", "estimator", "interface", "api", "command", "type", "constructor", "shim", "name",
})  # fmt: skip
_MODULES = frozenset({"module", "package", "file", "namespace", "submodule", "subpackage"})
_FIELD = re.compile(
    r"\s{0,80}[:@](?:param|parameter|arg|argument|key|keyword|kwarg)\s+"
    r"(?:[\w\[\], .|]{1,60}\s)?\*{0,2}(?P<name>\w+)\s*:"
    r"\s*[\W_]{0,3}(?P<said>deprecated\b.*)",
    re.IGNORECASE,
)
_GOOGLE = re.compile(
    r"(?P<indent>\s{1,80})\*{0,2}(?P<name>\w+)\s*(?:\([^()]{0,80}\))?\s*:\s+[\W_]{0,3}(?P<said>deprecated\b.*)",
    re.IGNORECASE,
)
_NUMPYDOC = re.compile(
    r"\s{0,80}(?P<name>\w{1,80})\s*:\s*[^.]{0,80}?,\s*(?P<said>deprecated\b[^.]{0,40})$", re.IGNORECASE
)
_ENDS = re.compile(r"[(\[]deprecated[)\]][.!]?\s*\Z", re.IGNORECASE)
_UNDERLINE = re.compile(r"\s*[-=~]{3,}\s*")


def docstring_deprecations(text: str, *, module: bool = False) -> list[tuple[str | None, Deprecation]]:
    """What a docstring says is deprecated, each with the parameter or attribute that it is about; `None`: the object.

    `module`: it is a module's, which often speaks of other things; only directives and "this module is …" count.
    """
    lines = text.expandtabs().splitlines()
    margin = min((len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()), default=0)
    found: list[tuple[str | None, Deprecation]] = []
    for number, line in enumerate(lines):
        if "deprecated" not in line.lower():
            continue
        indent = len(line) - len(line.lstrip())
        owner = None if number == 0 or indent <= margin else _owner_above(lines, number, indent)
        if directive := _DIRECTIVE.match(line):
            found.append((owner, _directive(_paragraph(lines, number, directive["rest"], inside=True))))
        elif parameter := _parameter(line, margin) if not module else None:
            found.append((parameter[0], _said(_paragraph(lines, number, parameter[1]))))
        elif stated := _OF_OBJECT.search(line):
            if stated["what"].lower() in (_MODULES if module else _OBJECTS) or (owner is not None and not module):
                found.append((owner, _said(_paragraph(lines, number, stated["rest"]))))
        elif not module:
            begins = _BEGINS.match(line, _after_note(line))
            heading = number + 1 < len(lines) and _UNDERLINE.fullmatch(lines[number + 1])
            if begins is not None and not heading:
                found.append((owner, _said(_paragraph(lines, number, begins["rest"]))))
            elif number == 0 and _ENDS.search(line):
                found.append((None, _made(None, None, "")))
    return found


def _after_note(line: str) -> int:
    match = _NOTE.match(line)
    return match.end() if match is not None else 0


def _parameter(line: str, margin: int) -> tuple[str, str] | None:
    """The parameter that a line describes, where the description begins with the word, and the description."""
    for form in (_FIELD, _GOOGLE, _NUMPYDOC):
        match = form.match(line)
        if match is not None and (form is not _GOOGLE or len(match["indent"]) > margin):
            return match["name"], match["said"]
    return None


def _paragraph(lines: list[str], number: int, first: str, *, inside: bool = False) -> str:
    """The text from a line on to the end of its paragraph, or with `inside` of what is indented below it."""
    indent = len(lines[number]) - len(lines[number].lstrip())
    parts = [first]
    for below in lines[number + 1 : number + 12]:
        if inside and below.strip() and len(below) - len(below.lstrip()) <= indent:
            break
        if not inside and not below.strip():
            break
        parts.append(below.strip())
    return " ".join(" ".join(parts).split())


def _directive(message: str) -> Deprecation:
    version, _, rest = message.partition(" ")
    since, removed = versions_in(rest)
    if version[:1].isdigit() or version[:2].lower().lstrip("v")[:1].isdigit():
        return _made(version.strip(",.;:"), removed, rest)
    return _made(since, removed, message)


def _said(message: str) -> Deprecation:
    return _made(*versions_in(f"deprecated{message}"), message)


def _made(since: str | None, removed: str | None, message: str) -> Deprecation:
    return Deprecation(since=since, removed_in=removed, message=shorten(message.strip(" :")) or None, by="docstring")


def _owner_above(lines: list[str], number: int, indent: int) -> str | None:
    """The parameter that a line of its description belongs to: `name : type`, further left."""
    for line in reversed(lines[max(0, number - 60) : number]):
        if line.strip() and len(line) - len(line.lstrip()) < indent:
            match = re.match(r"\s*(?:[*`]{0,2})(\w+)(?:[*`]{0,2})\s*(?::|\(|$)", line)
            return match[1] if match else None
    return None
