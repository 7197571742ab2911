"""`tailrace config show`: the settings that apply here, each with its origin. Changes none, shows no password."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tailrace.cli.app import CONTEXT
from tailrace.cli.options import GroupedCommand, config_option, load_settings

if TYPE_CHECKING:
    from tailrace.config.values import Settings, Value


@click.group(name="config", context_settings=CONTEXT)
def command() -> None:
    """Show the settings that apply."""


@command.command(cls=GroupedCommand, name="show")
@click.option(
    "--format",
    "-f",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to write them.",
)
@config_option
def show(format_: str, config_file: Path | None) -> int:
    """Print the value and the origin of each setting.

    A flag takes precedence over the environment, the environment over the file, and the file over the default. The
    file is the nearest tailrace.toml, or pyproject.toml with [tool.tailrace], from here up to the repository's root.
    """
    from tailrace.cli.output import write_stdout

    settings = load_settings({}, config_file)
    write_stdout(as_json(settings) if format_ == "json" else as_table(settings), format_)
    return 0


def as_table(settings: Settings) -> str:
    """One setting a line: name, value, origin; the allow-list after them."""
    from tailrace.model.inert import inert

    rows = [("setting", "value", "origin")]
    rows += [(key, _text(value), value.origin) for key, value in settings.values.items()]
    wide = [max(len(row[column]) for row in rows) for column in (0, 1)]
    wide[1] = min(wide[1], 48)
    lines = [f"{name:{wide[0]}}  {value:{wide[1]}}  {origin}" for name, value, origin in rows]
    for entry in settings.allow:
        where = f" in {entry.downstream}" if entry.downstream else ""
        until = f" until {entry.expires}" if entry.expires else ""
        lines.append(f"allow: {entry.rule} of {entry.symbol}{where}{until}: {entry.reason}")
    lines.append(f"file: {settings.file or 'none'}")
    return inert("\n".join(lines))


def as_json(settings: Settings) -> str:
    """The same for machines."""
    import dataclasses
    import json

    from tailrace.model.address import redact_all

    document: dict[str, Any] = {
        "schema": "tailrace.config/1",
        "file": str(settings.file) if settings.file else None,
        "settings": {
            key: {
                "value": _masked(value),
                "origin": value.origin,
                "environment": value.setting.env,
                "flag": value.setting.flag,
            }
            for key, value in settings.values.items()
        },
        "allow": [dataclasses.asdict(entry) for entry in settings.allow],
    }
    # Runners obey `##[command]` in mid-line. Outside of strings JSON has no number sign.
    return json.dumps(redact_all(document), indent=2).replace("##", "\\u0023#")


def _text(value: Value) -> str:
    masked = _masked(value)
    if masked is None:
        return "-"
    if isinstance(masked, bool):
        return str(masked).lower()
    if isinstance(masked, list):
        return ", ".join(masked) or "-"
    return f"{masked:g}" if isinstance(masked, float) else str(masked)


def _masked(value: Value) -> Any:
    """The value without secrets of addresses, whichever setting it is; tuples as lists."""
    from tailrace.model.address import redact

    if isinstance(value.value, tuple):
        return [redact(str(item), keep_user=True) for item in value.value]
    return redact(value.value, keep_user=True) if isinstance(value.value, str) else value.value
