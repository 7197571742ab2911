"""Parses the lines of a requirements.txt into release specs, following `-r` and `-c`. Index options are ignored."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from tailrace.model.address import MASK, Address, conceal
from tailrace.model.foreign import read_requirement
from tailrace.sources.download import local_path
from tailrace.sources.errors import ListError
from tailrace.sources.spec import looks_like_path

_OPTION = re.compile(r"(-r|--requirement|-c|--constraint|-e|--editable)(?:\s+|=|(?<=-[rce]))(.+)\Z")
_VCS = re.compile(r"(?:[A-Za-z0-9._-]+(?:\[[^\]]*\])?\s*@\s*)?([a-z]+\+\S+)\Z")
_MAX_DEPTH = 20
Read = Callable[[Path], str]


def read_requirements(path: Path, read: Read) -> Iterator[str | Address]:
    """The specs in the order of the file. Constraints narrow what is not pinned; entries whose marker fails are left
    out.
    """
    lines = list(_all_lines(path, read, False, ()))
    constraints = {_name(text): text for _, _, text, constraint in lines if constraint and _name(text)}
    for file, number, text, constraint in lines:
        if constraint:
            continue
        spec = spec_of_requirement(text, file, number)
        if spec is None:
            continue
        narrowed = constraints.get(_name(text))
        if narrowed and isinstance(spec, str) and spec.startswith("pypi:"):
            spec = spec_of_requirement(narrowed, file, number) or spec
        yield spec


def read_lines(path: Path, read: Read) -> Iterator[str]:
    """The lines that are no option, of the file and of those that it includes, comments left out."""
    return (text for _, _, text, _ in _all_lines(path, read, False, ()) if not text.startswith("-"))


def _all_lines(
    path: Path, read: Read, constraint: bool, above: tuple[Path, ...]
) -> Iterator[tuple[Path, int, str, bool]]:
    """(file, line number, text, is a constraint) with continuation lines joined and other files put in their place."""
    if path.resolve() in above:
        raise ListError(str(path), "includes itself")
    if len(above) > _MAX_DEPTH:
        raise ListError(str(path), "is included too deeply")
    for number, text in _logical_lines(read(path)):
        option = _OPTION.match(text)
        if option and option.group(1) in ("-r", "--requirement", "-c", "--constraint"):
            inner = path.parent / _expand_environment(option.group(2).strip().strip("\"'"))
            narrow = constraint or option.group(1) in ("-c", "--constraint")
            yield from _all_lines(inner, read, narrow, (*above, path.resolve()))
        elif option:
            yield path, number, f"-e {option.group(2).strip()}", constraint
        elif not text.startswith("-"):
            yield path, number, text, constraint


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    joined, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if not joined:
            start = number
        if re.match(r"\s*#", line):
            line = ""
        if line.endswith("\\"):
            joined += line[:-1] + " "
            continue
        joined += line
        clean = re.sub(r"(^|\s)#.*$", "", joined).strip()
        joined = ""
        if clean:
            yield start, clean
    if clean := joined.strip():
        yield start, clean


def spec_of_requirement(text: str, file: Path, line: int | None) -> str | Address | None:
    """One requirement as a spec, `None` when its marker does not hold here. Hashes are the index's to check.

    An address with a secret, or with a `${VARIABLE}`, which may be one, is an `Address` that shows the variable.
    """
    values = _environment_values(text)
    spec = _spec_of(_expand_environment(text), file, line, text)
    if spec is None or not values or not ("://" in spec or re.match(r"git\+|.*::", spec)):
        return conceal(spec) if spec is not None else None
    try:
        shown = _spec_of(text, file, line, text)
    except ListError:
        shown = None
    return Address(spec, shown=shown, secrets=values)


def _spec_of(text: str, file: Path, line: int | None, written: str) -> str | None:
    from packaging.requirements import InvalidRequirement

    editable = text.startswith("-e ")
    text = re.split(r"\s--(?:hash|global-option|config-settings?|install-option)\b", text.removeprefix("-e "))[
        0
    ].strip()
    vcs = _VCS.match(text.partition(" ;")[0].strip())
    if vcs:
        return _clean_vcs(vcs.group(1))
    if editable or _is_place(text):
        place = re.sub(r"\[[A-Za-z0-9._, -]*\]\Z", "", text.partition(" ;")[0].strip())
        if place.startswith("file://"):
            return str(local_path(place))
        return place if "://" in place else str((file.parent / place).absolute())
    try:
        requirement = read_requirement(text)
    except InvalidRequirement as error:
        reason = str(error).splitlines()[0]
        for value in _environment_values(written):
            reason = reason.replace(value, MASK)
        address = Address(written)
        raise ListError(
            str(file), f"has a requirement that cannot be read ({str(address)!r}: {address.scrub(reason)})", line=line
        ) from None
    if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
        return None
    if requirement.url:
        return str(local_path(requirement.url)) if requirement.url.startswith("file://") else requirement.url
    return f"{requirement.name}{requirement.specifier}" if str(requirement.specifier) else f"pypi:{requirement.name}"


def _is_place(text: str) -> bool:
    head = re.split(r"(?<!\s)\s*+(?:@|;)\s", text)[0]
    return " @ " not in text and looks_like_path(head)


def _clean_vcs(text: str) -> str:
    """`git+https://host/x@v1#egg=name&subdirectory=y`: of the fragment only the folder matters."""
    address, _, fragment = text.partition("#")
    folder = next((part for part in fragment.split("&") if part.startswith("subdirectory=")), "")
    return f"{address}#{folder}" if folder else address


def _name(text: str) -> str:
    match = re.match(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", text)
    return re.sub(r"[-_.]+", "-", match.group()).lower() if match else ""


def _environment_values(text: str) -> tuple[str, ...]:
    """The values of the variables in a text that are set."""
    import os

    return tuple(value for name in re.findall(r"\$\{([A-Z0-9_]+)\}", text) if (value := os.environ.get(name)))


def _expand_environment(text: str) -> str:
    import os

    return re.sub(r"\$\{([A-Z0-9_]+)\}", lambda match: os.environ.get(match.group(1), match.group()), text)
