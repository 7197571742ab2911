"""What an output format is. Imports nothing heavy: `--help` lists the formats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec

from tailrace.report.kinds import Kind
from tailrace.report.options import RenderOptions


@dataclass(frozen=True, slots=True)
class Format:
    """One output format.

    `readers`: who reads it. `remarks`: what the documentation says about it. `serves`: whether it can show reports of
    a kind. `render`: takes the kind, the report and the options, and returns the text, or bytes where `is_binary`.
    `is_machine`: UTF-8 in any locale, and escaped by its own rules, so that nothing is changed on its way to stdout.
    `needs`: the module that an extra of the same name as the format brings, and the library's name.
    `is_for_forge`: shown beside the files of a repository, so that places count from its root.
    """

    name: str
    readers: str
    remarks: str = field(default="", kw_only=True)
    serves: Callable[[Kind], bool]
    render: Callable[[Kind, object, RenderOptions], str | bytes]
    is_machine: bool = False
    is_for_forge: bool = False
    is_binary: bool = False
    needs: tuple[str, str] | None = None


def has_findings(kind: Kind) -> bool:
    """Whether reports of this kind are lists of findings."""
    return bool(kind.diagnostics)


def has_page(package: str) -> Callable[[Kind], bool]:
    """Whether a package of a format has a module for a kind, named like it."""
    return lambda kind: find_spec(f"{package}.{kind.module}") is not None


def has_any_page(package: str) -> Callable[[Kind], bool]:
    """Whether the package has a module for a kind, or can show it with its module `findings` or `tables`."""
    return lambda kind: has_findings(kind) or bool(kind.tables) or has_page(package)(kind)


def render_page(package: str) -> Callable[[Kind, object, RenderOptions], str | bytes]:
    """Renders with the function `render` of the module that the package has for the kind, else of `findings` or
    `tables`."""

    def render(kind: Kind, report: object, options: RenderOptions) -> str | bytes:
        if has_page(package)(kind):
            name, what = kind.module, "view"
        else:
            name, what = ("findings", "diagnostics") if has_findings(kind) else ("tables", "tables")
        made: str | bytes = import_module(f"{package}.{name}").render(kind.make(what, report, options), options)
        return made

    return render
