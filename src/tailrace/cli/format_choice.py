"""The type of `--format` for one kind of report. Asks for the list of formats only when it is shown or needed."""

from __future__ import annotations

from typing import Any

import click


class FormatChoice(click.Choice):  # type: ignore[type-arg]  # generic in some versions of click only
    """The formats that serve a kind of report. Text and JSON serve every kind that a command shows."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(())

    @property
    def choices(self) -> tuple[str, ...]:
        """The names of the formats."""
        from tailrace.report.formats import formats_of

        return formats_of(self.kind)

    @choices.setter
    def choices(self, value: Any) -> None:
        """Set by the base class."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The name of a format; a mistake lists them all."""
        return value if value in ("text", "json") else super().convert(value, param, ctx)
