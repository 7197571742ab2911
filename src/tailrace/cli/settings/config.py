"""`tailrace config show`: the settings that apply here, each with its origin. Changes none, shows no password."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tailrace.cli.app import CONTEXT
from tailrace.cli.options import GroupedCommand, config_option, format_option, load_settings

if TYPE_CHECKING:
    from tailrace.config.values import Settings, Value
    from tailrace.report.views.config import ConfigReport


@click.group(name="config", context_settings=CONTEXT)
def command() -> None:
    """Show the settings that apply."""


@command.command(cls=GroupedCommand, name="show")
@format_option("config")
@config_option
def show(format_: str, config_file: Path | None) -> int:
    """Print the value and the origin of each setting.

    A flag takes precedence over the environment, the environment over the file, and the file over the default. The
    file is the nearest tailrace.toml, or pyproject.toml with [tool.tailrace], from here up to the repository's root.
    """
    from tailrace.cli.formats import Output
    from tailrace.cli.output import publish
    from tailrace.report import RenderOptions

    publish(make_report(load_settings({}, config_file)), [Output(format_)], RenderOptions())
    return 0


def make_report(settings: Settings) -> ConfigReport:
    """Every setting with its value and origin, and the allow-list, without the secrets of addresses."""
    import dataclasses

    from tailrace.report.views.config import AllowReport, ConfigReport, SettingReport

    return ConfigReport(
        file=str(settings.file) if settings.file else None,
        settings={
            key: SettingReport(
                value=_masked(value), origin=value.origin, environment=value.setting.env, flag=value.setting.flag
            )
            for key, value in settings.values.items()
        },
        allow=tuple(AllowReport(**dataclasses.asdict(entry)) for entry in settings.allow),
    )


def _masked(value: Value) -> Any:
    """The value without secrets of addresses, whichever setting it is; tuples as they are."""
    from tailrace.model.address import redact

    if isinstance(value.value, tuple):
        return tuple(redact(str(item), keep_user=True) for item in value.value)
    return redact(value.value, keep_user=True) if isinstance(value.value, str) else value.value
