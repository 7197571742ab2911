"""Makes click options from the table of settings, and `Settings` from what the command line gave."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tailrace.cli.app import CONTEXT
from tailrace.config.settings import FORMATS, GROUPS, SETTINGS, Setting
from tailrace.config.values import Settings
from tailrace.report.formats import formats_of
from tailrace.toml.kinds import Boolean, Choice, Kind, Listing, Size

F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound=click.Command)
if TYPE_CHECKING:
    ParamType = click.ParamType[Any]
else:
    ParamType = click.ParamType  # generic for type checkers only: older releases of click cannot subscript it


class KindType(ParamType):
    """A click type that lets the setting's own kind read the text, so that a flag and a file are judged alike."""

    name = "value"

    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value; fails with the kind's own sentence."""
        if not isinstance(value, str):
            return value
        try:
            return self.kind.from_text(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        """The values of a choice, the formats, or files where the setting is a path."""
        from tailrace.cli.completion import complete_format, complete_release, matching

        if isinstance(self.kind, Choice):
            return matching(self.kind.choices, incomplete)
        setting = param.setting if isinstance(param, SettingOption) else None
        if setting is not None and setting.key == "format":
            return complete_format(FORMATS, incomplete)
        return complete_release(ctx, param, incomplete) if setting is not None and setting.anchored else []


class SettingOption(click.Option):
    """The flag of one setting."""

    def __init__(self, setting: Setting) -> None:
        assert setting.flag
        names = [setting.flag] if not setting.short else [setting.short, setting.flag]
        given: dict[str, Any] = {"help": setting.help + _default_text(setting), "metavar": setting.metavar or None}
        if isinstance(setting.kind, Boolean):
            given |= {"default": None, "metavar": None}
            names[-1] += f"/--no-{setting.flag.removeprefix('--')}"
        elif isinstance(setting.kind, Listing):
            given |= {"multiple": True, "type": KindType(setting.kind.item)}
        else:
            given |= {"type": KindType(setting.kind)}
        super().__init__([*names, setting.field], **given)
        self.setting = setting
        self.group = setting.group


class GroupedCommand(click.Command):
    """A command whose `--help` lists its options by group."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**{"context_settings": CONTEXT, **given})

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, those without a group first."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record and isinstance(parameter, click.Option):
                sections.setdefault(getattr(parameter, "group", "Options"), []).append(record)
        for title in ("Options", *GROUPS):
            if title in sections:
                with formatter.section(title):
                    formatter.write_dl(sections[title])


def setting_options(*groups: str, only: Sequence[str] = ()) -> Callable[[C], C]:
    """Adds the flags of the settings in these groups (or with these keys) to a command."""

    def add(command: C) -> C:
        chosen = (s for s in SETTINGS if s.flag and (s.group in groups or s.key in only))
        command.params += [SettingOption(setting) for setting in chosen]
        return command

    return add


def config_option(function: F) -> F:
    """Adds `--config FILE`."""
    option = click.option(
        "--config",
        "config_file",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Read this file instead of the nearest tailrace.toml or pyproject.toml.",
    )
    return option(function)


def format_option(kind: str) -> Callable[[F], F]:
    """`--format NAME`, for a report of this kind that goes to stdout."""
    return click.option(
        "--format",
        "-f",
        "format_",
        type=click.Choice(formats_of(kind)),
        default="text",
        show_default=True,
        help="How to report.",
    )


def formats_option(kind: str) -> Callable[[F], F]:
    """`--format NAME[:PATH]`, several times, for a report of this kind; read with `formats.read_outputs`."""
    return click.option(
        "--format",
        "-f",
        "formats",
        multiple=True,
        default=("text",),
        metavar="FORMAT[:PATH]",
        help=f"How to report: {', '.join(formats_of(kind))}. With :PATH the report goes to that file.",
    )


color_option = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colour in text reports.",
)


def load_settings(flags: Mapping[str, Any], config: Path | None) -> Settings:
    """The settings of this run. `flags`: click's values by field name; what was not given is `None` or empty."""
    from tailrace.cli.failure import say
    from tailrace.config.load import load

    keys = {setting.field: setting.key for setting in SETTINGS}
    given = {keys[name]: value for name, value in flags.items() if value is not None and value != ()}
    settings = load(given, environment=os.environ, folder=Path.cwd(), config=config, rules=_rule_ids)
    for name, near in settings.unknown_environment:
        say(f"warning: {name} is not a setting" + (f"; did you mean {near}?" if near else ""))
    return settings


def _rule_ids() -> Sequence[str]:
    from tailrace.rules import RULES

    return tuple(RULES)


def _default_text(setting: Setting) -> str:
    if setting.default in (None, (), False, 0) or setting.repeat:
        return ""
    default = setting.default
    shown = int(default) if isinstance(default, float) and default.is_integer() else default
    if isinstance(setting.kind, Size) and isinstance(default, int) and default % (1 << 20) == 0:
        shown = f"{default >> 30}GiB" if default % (1 << 30) == 0 else f"{default >> 20}MiB"
    return f"  [default: {shown}]"
