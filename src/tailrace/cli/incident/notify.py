"""`tailrace notify`: keep issues and a feed, and send a message when a verdict changes."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tailrace import disk
from tailrace.cli.app import CONTEXT
from tailrace.cli.format_choice import FormatChoice

if TYPE_CHECKING:
    from tailrace.notify.model import NotifySettings, NotifyState, Reading

F = TypeVar("F", bound=Callable[..., Any])
_LIMIT = 64 << 20


def ledger_option(function: F) -> F:
    """Adds `--ledger DIR`."""
    option = click.option(
        "--ledger",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("notify"),
        metavar="DIR",
        help="Where notify.toml and what is known are kept.  [default: ./notify]",
    )
    return option(function)


@click.group(name="notify", context_settings=CONTEXT)
def command() -> None:
    """Notify people when a verdict changes, and keep one issue for each cause.

    \b
        tailrace notify init
        tailrace notify send nightly.json decision.json
        tailrace notify status

    A report is the JSON of a nightly run, a gate's decision, an incident, a check or a deprecation report.
    """


@command.command(name="init")
@ledger_option
def init_command(ledger: Path) -> int:
    """Write a commented notify.toml to start from."""
    from tailrace.cli.output import write_stdout
    from tailrace.notify.errors import NotifyError
    from tailrace.notify.ledger import NotifyLedger
    from tailrace.notify.model import SETTINGS
    from tailrace.notify.template import TEMPLATE

    book = NotifyLedger(ledger)
    with book.locked():
        if (ledger / SETTINGS).exists():
            raise NotifyError(f"there is a {ledger / SETTINGS} already.")
        write_stdout(str(book.write(SETTINGS, TEMPLATE)))
    return 0


@command.command(name="send")
@click.argument("reports", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--github", metavar="OWNER/NAME", help="Also keep issues there; the token is that of GITHUB_TOKEN.")
@click.option("--webhook", metavar="URL", help="Also send there, signed with the secret of TAILRACE_WEBHOOK_SECRET.")
@click.option("--dry-run", is_flag=True, help="Print what would be sent, without changing or sending anything.")
@click.option("--format", "-f", "format_", type=FormatChoice("notify-changes"), default="text", show_default=True)
@ledger_option
def send_command(
    reports: Sequence[Path], github: str | None, webhook: str | None, dry_run: bool, format_: str, ledger: Path
) -> int:
    """Read reports, update issues and send messages about what changed.

    A cause that is new opens an issue, one that looks different changes it, and one that is gone closes it; one that
    comes back opens the same issue again. Messages are sent only when a verdict changes. What a channel did not take is
    sent with the next run.

    Exit status: 0 delivered, 2 usage or settings, 3 a channel refused something, or a file could not be read.
    """
    from tailrace.cli.failure import CLEAR, INCOMPLETE, say
    from tailrace.cli.formats import Output
    from tailrace.cli.output import publish
    from tailrace.notify.changes import apply_reading, changes_between
    from tailrace.notify.ledger import NotifyLedger
    from tailrace.notify.outbox import deliver, open_channels
    from tailrace.report import RenderOptions

    book = NotifyLedger(ledger)
    settings = _with_flags(book.settings(), github, webhook)
    readings = sorted((_read(path) for path in reports), key=lambda reading: reading.at)
    readings = [reading for reading in readings if reading.kind in settings.kinds]

    def applied(state: NotifyState) -> NotifyState:
        for reading in readings:
            state = apply_reading(state, reading)
        return state

    if dry_run:
        publish(changes_between(book.state(), applied(book.state())), [Output(format_)], RenderOptions())
        return 0
    with book.locked():
        channels = open_channels(settings, book, os.environ)
        before = book.state()
        after = book.change(applied)
        fresh = {message.id for message in after.messages} - {message.id for message in before.messages}
        done = deliver(book, settings, channels, fresh)
    publish(changes_between(before, after, tuple(done.failures)), [Output(format_)], RenderOptions())
    for failure in done.failures:
        say(f"error: {failure}")
    return INCOMPLETE if done.failures else CLEAR


@command.command(name="status")
@click.option("--format", "-f", "format_", type=FormatChoice("notify-state"), default="text", show_default=True)
@ledger_option
def status_command(format_: str, ledger: Path) -> int:
    """List the verdicts and the open causes."""
    from tailrace.cli.formats import Output
    from tailrace.cli.output import publish
    from tailrace.notify.ledger import NotifyLedger
    from tailrace.report import RenderOptions

    publish(NotifyLedger(ledger).state(), [Output(format_)], RenderOptions())
    return 0


def _with_flags(settings: NotifySettings, github: str | None, webhook: str | None) -> NotifySettings:
    import msgspec

    from tailrace.notify.model import GitHubSettings, WebhookSettings

    if github is not None:
        api = os.environ.get("GITHUB_API_URL", "").strip() or "https://api.github.com"
        settings = msgspec.structs.replace(settings, github=GitHubSettings(repository=github, api=api))
    if webhook is not None:
        hook = WebhookSettings(url=webhook, secret_env="TAILRACE_WEBHOOK_SECRET", name="command line")  # noqa: S106
        settings = msgspec.structs.replace(settings, webhooks=(*settings.webhooks, hook))
    return settings


def _read(path: Path) -> Reading:
    """What a report says; an incident may also be given as its incident.toml."""
    import json
    from datetime import UTC, datetime

    from tailrace.notify.causes import read_causes
    from tailrace.notify.errors import NotifyDiskError, NotifyError
    from tailrace.toml.parse import parse_toml

    try:
        text = disk.read_bounded(path, _LIMIT)
    except FileNotFoundError:
        raise NotifyError(f"{path} does not exist.", hint="Check the path of the report.") from None
    except OSError as error:
        raise NotifyDiskError(f"{path} cannot be read: {error.strerror or error}.") from None
    try:
        data = parse_toml(text.decode()) if path.suffix == ".toml" else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotifyError(f"{path} is not a report: {error}.") from None
    try:
        return read_causes(data, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    except NotifyError as error:
        raise NotifyError(f"{path}: {error.message}", hint=error.hint) from None
