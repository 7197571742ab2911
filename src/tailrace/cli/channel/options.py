"""Options that all commands over channels share, and the values they stand for. Loads channels; solves nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tailrace.cli.completion import complete_channel, complete_words

if TYPE_CHECKING:
    from tailrace.conda.records import Channel

F = TypeVar("F", bound=Callable[..., Any])

#: As in `tailrace.solvers`, which is imported only when it is needed; a test compares them.
PRIORITIES = ("strict", "flexible", "disabled")


def known_clients() -> tuple[str, ...]:
    """The clients that there is a model of."""
    from tailrace.solvers import CLIENTS

    return CLIENTS


class ClientOption(click.Option):
    """An option whose help has the known clients in place of `{clients}`; they are looked up when it is shown."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """As of click."""
        names, text = super().get_help_record(ctx) or ("", "")
        return names, text.replace("{clients}", ", ".join(_names_of_clients()))


def _names_of_clients() -> list[str]:
    """The clients by the names of their modules: a help text imports no solver."""
    folder = Path(__file__).parents[2] / "solvers" / "clients"
    return sorted(path.stem.replace("_", "-") for path in folder.glob("[a-z]*.py"))


def choices(
    options: Sequence[str] | Callable[[], Sequence[str]],
) -> Callable[[click.Context, click.Parameter, str], tuple[str, ...]]:
    """Reads a comma-separated choice, in the order given, each once."""

    def read(ctx: click.Context, parameter: click.Parameter, text: str | None) -> tuple[str, ...]:
        if text is None:
            return ()
        known = options() if callable(options) else options
        words = [word.strip() for word in text.split(",") if word.strip()]
        for word in words:
            if word not in known:
                raise click.BadParameter(f"{word!r} is none of {', '.join(known)}.", ctx, parameter)
        if not words:
            raise click.BadParameter(f"name one of {', '.join(known)}.", ctx, parameter)
        return tuple(dict.fromkeys(words))

    return read


def words_of(ctx: click.Context, parameter: click.Parameter, text: str | None) -> tuple[str, ...]:
    """Reads a comma-separated list; empty when nothing was given."""
    return tuple(dict.fromkeys(word.strip() for word in (text or "").split(",") if word.strip()))


def channel_option(*, required: bool) -> Callable[[F], F]:
    """`-c CHANNEL`, repeated: highest priority first."""
    return click.option(
        "-c",
        "--channel",
        "channels",
        multiple=True,
        required=required,
        metavar="CHANNEL",
        shell_complete=complete_channel,
        help="A channel by name, URL or folder; several times, highest priority first.",
    )


def harm_options(function: F) -> F:
    """What is harmful: an expression, or what check reports show, without the builds that are known to be fixed."""
    for option in (
        click.option(
            "--fixed",
            multiple=True,
            metavar='"NAME VERSION [BUILD]"',
            help="A build that is known to be fixed, together with --report.",
        ),
        click.option(
            "--report",
            "reports",
            multiple=True,
            metavar="FILE",
            type=click.Path(path_type=Path),
            help="Take the harmful combinations from a check report.",
        ),
        click.option(
            "--broken",
            metavar="EXPR",
            help='The harmful combination: "conda >=4.13 & conda-build <3.21.9"; | means or.',
        ),
    ):
        function = option(function)
    return function


priority_option = click.option(
    "--priority",
    "priorities",
    default=",".join(PRIORITIES),
    show_default=True,
    metavar="LIST",
    callback=choices(PRIORITIES),
    shell_complete=lambda ctx, parameter, incomplete: complete_words(PRIORITIES, incomplete),
    help="Channel priorities to solve for.",
)
virtual_option = click.option(
    "--virtual-packages",
    "virtual",
    default="auto",
    show_default=True,
    metavar="none|auto|LIST",
    help="Virtual packages of the machine, such as __glibc=2.28,__cuda=12.4.",
)
add_pip_option = click.option(
    "--no-add-pip", is_flag=True, help="Do not make pip a dependency of python, as clients do by default."
)


def client_option(text: str) -> Callable[[F], F]:
    """`--client LIST`. `text`: the help, with `{clients}` where the known clients are listed."""
    return click.option(
        "--client",
        "clients",
        metavar="LIST",
        cls=ClientOption,
        callback=choices(known_clients),
        shell_complete=lambda ctx, parameter, incomplete: complete_words(known_clients(), incomplete),
        help=text,
    )


def grid_options(function: F) -> F:
    """What spans the grid: clients, priorities, platforms, channel orders, and what clients assume."""
    for option in (
        add_pip_option,
        virtual_option,
        click.option("--every-order", is_flag=True, help="Solve for every order of the channels, not only this one."),
        click.option(
            "--subdir",
            "subdirs",
            metavar="LIST",
            callback=words_of,
            help="Platforms such as linux-64,win-64.  [default: this machine's]",
        ),
        client_option(
            "{clients}.  [default: conda,mamba, where mamba stands for all but conda, "
            "whose column is its classic solver; "
            "with --installed each, pixi only for its own]"
        ),
        priority_option,
    ):
        function = option(function)
    return function


def load_channels(texts: Sequence[str], subdirs: Sequence[str], unpatched: Collection[str] = ()) -> tuple[Channel, ...]:
    """The channels, in the order given, each once. Raises ChannelUnreadableError and UnknownSubdirError.

    `unpatched`: the names of those that are wanted without their hotfixes.
    """
    from tailrace.cli.progress import progress
    from tailrace.conda.loading import load_channels as load

    with progress() as bar:
        return load(texts, subdirs, cache=channel_cache(), unpatched=unpatched, say=None if bar is None else bar.say)


def channel_cache() -> Path:
    """Where downloaded repodata is kept."""
    import os

    from tailrace.sources.cache import channel_cache_dir

    return channel_cache_dir(os.environ)
