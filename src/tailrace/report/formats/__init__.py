"""The output formats, one module each: a module in this folder that has a `FORMAT` is a format."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from tailrace.report.formats.interface import Format
from tailrace.report.kinds import KINDS


@cache
def registry() -> dict[str, Format]:
    """Every format by its name: text first, then by the alphabet."""
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    found = [module.FORMAT for module in modules if hasattr(module, "FORMAT")]
    return {format.name: format for format in sorted(found, key=lambda format: (format.name != "text", format.name))}


def formats_of(kind: str) -> tuple[str, ...]:
    """The names of the formats that reports of this kind can be shown in."""
    return tuple(name for name, format in registry().items() if format.serves(KINDS[kind]))


def get_format(name: str, kind: str) -> Format:
    """The format; raises `UnknownFormatError` when it does not serve this kind."""
    found = _named(name)
    if found is None or not found.serves(KINDS[kind]):
        from tailrace.report.errors import UnknownFormatError

        raise UnknownFormatError(name, formats_of(kind))
    return found


def is_machine(name: str) -> bool:
    """Whether a program reads it, so that it is UTF-8 and goes to stdout as it is."""
    found = _named(name)
    return found is not None and found.is_machine


def missing_library(name: str) -> str | None:
    """The name of the library that a format needs and that is not installed."""
    found = _named(name)
    if found is None or found.needs is None or find_spec(found.needs[0]) is not None:
        return None
    return found.needs[1]


def is_binary(name: str) -> bool:
    """Whether it is bytes and no text, which a terminal cannot show."""
    found = _named(name)
    return found is not None and found.is_binary


def _named(name: str) -> Format | None:
    """The format of a name, without importing the others where its module has that name."""
    if name.isidentifier() and find_spec(f"{__name__}.{name}") is not None:
        found: Format | None = getattr(import_module(f"{__name__}.{name}"), "FORMAT", None)
        if found is not None and found.name == name:
            return found
    return registry().get(name)
