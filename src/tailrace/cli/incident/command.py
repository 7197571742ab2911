"""`tailrace incident`: keep the record of an incident: open, add events, import a post-mortem, render, timeline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tailrace import disk
from tailrace.cli.app import CONTEXT
from tailrace.report.formats import formats_of

if TYPE_CHECKING:
    from tailrace.incident.ledger import IncidentLedger
    from tailrace.incident.model import IncidentRecord

F = TypeVar("F", bound=Callable[..., Any])
KINDS = ("plain", "harm", "help", "detect")
STATES = ("planned", "merged", "released", "verified")
PURPOSES = ("prevent", "detect", "mitigate")


def ledger_option(function: F) -> F:
    """Adds `--ledger DIR`."""
    option = click.option(
        "--ledger",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("incidents"),
        metavar="DIR",
        help="The folder with a folder for each incident.  [default: ./incidents]",
    )
    return option(function)


def id_option(function: F) -> F:
    """Adds `--id ID`."""
    option = click.option("--id", "id_", metavar="ID", help="Which incident; not needed where there is only one.")
    return option(function)


@click.group(name="incident", context_settings=CONTEXT)
def command() -> None:
    """Keep the record of an incident, and show it.

    \b
        tailrace incident open "quay 5.2 breaks dock" --affected "quay 5.2.0"
        tailrace incident event "dock 2.9 released" --at 2024-03-06T15:36Z --kind help --link https://…
        tailrace incident import POSTMORTEM.md
        tailrace incident render --format html > incident.html
        tailrace incident timeline

    A record is the file incident.toml in a folder of its own below ./incidents or --ledger. It is kept in git like any
    other text.
    """


@command.command(name="open")
@click.argument("title")
@click.option("--id", "id_", metavar="ID", help="The id, also the name of its folder.  [default: made from the title]")
@click.option("--at", metavar="TIME", help="When it began, UTC: 2022-05-26T23:09Z.  [default: now]")
@click.option(
    "--affected", multiple=True, metavar="SPEC", help='A version that did harm or was harmed: "conda 4.13.0".'
)
@click.option("--author", "authors", multiple=True, metavar="NAME", help="Who writes the record.")
@click.option("--broken", metavar="EXPR", help='The harmful combination: "conda >=4.13 & conda-build <3.21.9".')
@click.option("--scenario", metavar="NAME", help="Take the facts of a scenario of `tailrace replay`.")
@click.option(
    "--from",
    "origin",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The decision of a gate, or the report of a nightly run or a check, as JSON, that is the reason.",
)
@ledger_option
def open_command(
    title: str,
    id_: str | None,
    at: str | None,
    affected: Sequence[str],
    authors: Sequence[str],
    broken: str | None,
    scenario: str | None,
    origin: Path | None,
    ledger: Path,
) -> int:
    """Open the record of an incident.

    Prints its id. Nothing is overwritten.
    """
    import msgspec

    from tailrace.cli.output import write_stdout
    from tailrace.incident.compute import with_scenario
    from tailrace.incident.ledger import IncidentLedger
    from tailrace.incident.model import IncidentEvent, IncidentRecord
    from tailrace.incident.origin import events_of
    from tailrace.incident.postmortem import slug

    moment = _moment(at) if at is not None else _now()
    _checked_broken(broken)
    first = IncidentEvent(at=moment, event=f"incident opened: {title}", kind="detect")
    events = (first, *(events_of(origin, moment) if origin is not None else ()))
    record = IncidentRecord(
        id=id_ or slug(title, events),
        title=title,
        authors=tuple(authors),
        affected=tuple(affected),
        broken=broken or "",
        opened_by=origin.name if origin is not None else "",
        events=events,
    )
    if scenario is not None:
        record = msgspec.structs.replace(
            with_scenario(record, scenario), broken=broken or with_scenario(record, scenario).broken
        )
    path = IncidentLedger(ledger).create(record)
    write_stdout(f"{record.id}\n{path}")
    return 0


@command.command(name="event")
@click.argument("text")
@click.option("--at", metavar="TIME", help="When, UTC: 2022-05-26T23:09Z, or a date.  [default: now]")
@click.option("--kind", type=click.Choice(KINDS), default="plain", show_default=True, help="What it did.")
@click.option("--source", default="", metavar="TEXT", help="Where this is known from.")
@click.option("--link", default="", metavar="URL", help="A public address.")
@id_option
@ledger_option
def event_command(text: str, at: str | None, kind: str, source: str, link: str, id_: str | None, ledger: Path) -> int:
    """Add an event to the record.

    Two processes may add events at once; none is lost.
    """
    from tailrace.incident.model import IncidentEvent

    event = IncidentEvent(
        at=_moment(at) if at is not None else _now(),
        event=_said(text),
        kind=kind,  # type: ignore[arg-type]  # one of the choices
        source=source,
        link=_address(link),
    )
    return _add(ledger, id_, "events", event)


@command.command(name="mitigate")
@click.argument("what")
@click.option("--state", type=click.Choice(STATES), default="planned", show_default=True, help="How far it is.")
@click.option("--at", metavar="TIME", help="Since when it is in that state, UTC.")
@click.option("--owner", default="", metavar="NAME", help="Who sees to it.")
@click.option("--link", default="", metavar="URL", help="A public address.")
@click.option("--proof", default="", metavar="HASH|FILE", help="What shows that it holds.")
@id_option
@ledger_option
def mitigate_command(
    what: str, state: str, at: str | None, owner: str, link: str, proof: str, id_: str | None, ledger: Path
) -> int:
    """Add a mitigation, or replace the one with the same text."""
    from tailrace.incident.model import Mitigation

    return _add(
        ledger,
        id_,
        "mitigations",
        Mitigation(
            what=_said(what),
            state=state,  # type: ignore[arg-type]  # one of the choices
            at=_moment(at) if at is not None else "",
            owner=owner,
            link=_address(link),
            proof=proof,
        ),
    )


@command.command(name="action")
@click.argument("what")
@click.option("--kind", type=click.Choice(PURPOSES), default="prevent", show_default=True, help="What it is for.")
@click.option("--owner", default="", metavar="NAME", help="Who does it.")
@click.option("--due", metavar="DATE", help="Until when: 2022-07-01.")
@click.option("--link", default="", metavar="URL", help="Where it is tracked.")
@click.option("--done", is_flag=True, help="It is done.")
@id_option
@ledger_option
def action_command(
    what: str, kind: str, owner: str, due: str | None, link: str, done: bool, id_: str | None, ledger: Path
) -> int:
    """Add an action item, or replace the one with the same text."""
    from tailrace.incident.model import ActionItem

    return _add(
        ledger,
        id_,
        "actions",
        ActionItem(
            what=_said(what),
            kind=kind,  # type: ignore[arg-type]  # one of the choices
            owner=owner,
            due=_moment(due)[:10] if due is not None else "",
            state="done" if done else "open",
            link=_address(link),
        ),
    )


@command.command(name="import")
@click.argument("postmortem", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--id", "id_", metavar="ID", help="The id.  [default: made from the title]")
@click.option("--scenario", metavar="NAME", help="Also take the facts of a scenario of `tailrace replay`.")
@ledger_option
def import_command(postmortem: Path, id_: str | None, scenario: str | None, ledger: Path) -> int:
    """Import a post-mortem in Markdown as an incident.

    Every row of its timeline is kept. What is out of order is named: rows before their time, missing numbers, cells too
    many or too few, links that lead nowhere as they are written. No link is followed.

    Exit status: 0 imported, 2 usage or not a post-mortem, 3 a file could not be read or written.
    """
    from tailrace.cli.output import write_stdout
    from tailrace.incident.compute import with_scenario
    from tailrace.incident.errors import IncidentDiskError, IncidentError
    from tailrace.incident.ledger import IncidentLedger
    from tailrace.incident.postmortem import LIMIT, read_postmortem
    from tailrace.model.inert import prose

    try:
        with disk.open_file(postmortem) as file:
            data = file.read(4 * LIMIT + 1)
        text = data.decode("utf-8-sig", "ignore" if len(data) > 4 * LIMIT else "strict")
    except OSError as error:
        raise IncidentDiskError(f"{postmortem} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise IncidentError(f"{postmortem} is not UTF-8 text.") from None
    record = read_postmortem(text, id_)
    if scenario is not None:
        record = with_scenario(record, scenario)
    path = IncidentLedger(ledger).create(record)
    lines = [record.id, str(path)]
    parts = (("event", record.events), ("mitigation", record.mitigations), ("action item", record.actions))
    numbers = ((noun, len(found)) for noun, found in (*parts, ("disorder", record.disorders)))
    lines.append(", ".join(f"{number} {noun}{'' if number == 1 else 's'}" for noun, number in numbers))
    lines += [
        f"  {one.kind}{f', line {one.line}' if one.line else ''}: {prose(one.message)}" for one in record.disorders
    ]
    write_stdout("\n".join(lines))
    return 0


@command.command(name="render")
@id_option
@click.option(
    "--format",
    "-f",
    "format_",
    type=click.Choice(formats_of("incident")),
    default="markdown",
    show_default=True,
    help="How to show it.",
)
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write a file.")
@ledger_option
def render_command(id_: str | None, format_: str, output: Path | None, ledger: Path) -> int:
    """Show an incident as a post-mortem.

    The timeline is a picture. Markdown has the headings Incident, Mitigation, Recommendations and Timeline, and can be
    imported again. It names the picture timeline.svg, which is written beside the file, or beside the record. HTML
    holds the picture itself.
    """
    from tailrace.cli.output import publish, write_file
    from tailrace.report import RenderOptions, render
    from tailrace.report.timeline_picture import draw_timeline
    from tailrace.report.views.incident import view_incident

    book, record = _read(ledger, id_)
    options = RenderOptions()
    if format_ == "markdown":
        picture = draw_timeline(view_incident(record, options))
        if output is not None:
            write_file(output.parent / "timeline.svg", picture)
        else:
            book.write_picture(record.id, "timeline.svg", picture)
    if output is not None:
        write_file(output, render(record, format_, options=options))
        return 0
    from tailrace.cli.formats import Output

    publish(record, [Output(format_)], options)
    return 0


@command.command(name="timeline")
@id_option
@click.option("--format", "-f", "format_", type=click.Choice(formats_of("incident")), default="text", show_default=True)
@click.option(
    "--exposure",
    "reports",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Take windows from the JSON of `tailrace exposure --since … --until … --broken …`.",
)
@click.option(
    "--proof",
    "proofs",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Take a hotfix from the JSON of `tailrace hotfix prove`.",
)
@click.option("--scenario", metavar="NAME", help="Compute the windows of a scenario of `tailrace replay`.")
@click.option("--save", is_flag=True, help="Keep what was computed in the record.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
@click.option("--verbose", "-v", is_flag=True, help="With links.")
@ledger_option
def timeline_command(
    id_: str | None,
    format_: str,
    reports: Sequence[Path],
    proofs: Sequence[Path],
    scenario: str | None,
    save: bool,
    color: str,
    verbose: bool,
    ledger: Path,
) -> int:
    """Show all events in order, with the computed ones beside them.

    \b
        tailrace exposure dock -c ./harbour --since 2024-03-01 --until 2024-03-10 \\
            --broken "quay >=5.2 & dock <2.9" --format json:exposure.json
        tailrace incident timeline --exposure exposure.json --save
    """
    from tailrace.cli.formats import Output
    from tailrace.cli.output import publish
    from tailrace.incident.compute import windows_of_scenario, with_windows
    from tailrace.incident.origin import add_proof, read_exposure
    from tailrace.report import RenderOptions

    windows = [window for path in reports for window in read_exposure(path)]
    windows += windows_of_scenario(scenario) if scenario is not None else ()

    def computed(record: IncidentRecord) -> IncidentRecord:
        found = with_windows(record, windows) if windows else record
        for path in proofs:
            found = add_proof(found, path, _now())
        return found

    book, record = _read(ledger, id_)
    record = book.change(record.id, computed) if save else computed(record)
    publish(record, [Output(format_)], RenderOptions(verbose=verbose), color=color)
    return 0


@command.command(name="list")
@ledger_option
def list_command(ledger: Path) -> int:
    """List the incidents, with state and title."""
    from tailrace.cli.output import write_stdout
    from tailrace.incident.ledger import IncidentLedger
    from tailrace.model.inert import prose

    book = IncidentLedger(ledger)
    records = [book.read(id) for id in book.ids()]
    widest = max((len(record.id) for record in records), default=0)
    lines = [f"{r.id.ljust(widest)}  {r.state.ljust(9)}  {prose(r.title, 200)}" for r in records]
    write_stdout("\n".join(lines) or f"there is no incident in {ledger}")
    return 0


@command.command(name="close")
@click.option("--contained", is_flag=True, help="The harm has stopped, but work remains.")
@id_option
@ledger_option
def close_command(contained: bool, id_: str | None, ledger: Path) -> int:
    """Set the state of an incident to closed, or to contained."""
    import msgspec

    book, record = _read(ledger, id_)
    state = "contained" if contained else "closed"
    book.change(record.id, lambda found: msgspec.structs.replace(found, state=state))
    return 0


# -- what the commands share -------------------------------------------------------------------------------------------


def _read(ledger: Path, id_: str | None) -> tuple[IncidentLedger, IncidentRecord]:
    from tailrace.incident.ledger import IncidentLedger

    book = IncidentLedger(ledger)
    return book, book.read(book.choose(id_))


def _add(ledger: Path, id_: str | None, field: str, item: Any) -> int:
    """Appends to a list of the record; a mitigation or an action with the same words is replaced."""
    import msgspec

    from tailrace.cli.output import write_stdout
    from tailrace.incident.ledger import IncidentLedger
    from tailrace.report.views.sentences import plural

    def change(record: IncidentRecord) -> IncidentRecord:
        known = getattr(record, field)
        if field != "events":
            known = tuple(one for one in known if one.what != item.what)
        return msgspec.structs.replace(record, **{field: (*known, item)})

    book = IncidentLedger(ledger)
    record = book.change(book.choose(id_), change)
    nouns = {"events": "event", "mitigations": "mitigation", "actions": "action item"}
    write_stdout(f"{record.id}: {plural(len(getattr(record, field)), nouns[field])}")
    return 0


def _moment(text: str) -> str:
    """A moment in UTC, to the minute; a bare date stays one. Raises what says how to write it."""
    import re

    from tailrace.conda.timestamps import parse_moment, show_moment

    plain = text.strip()
    moment = show_moment(parse_moment(plain))
    return moment[:10] if re.fullmatch(r"\d{4}-\d{2}-\d{2}", plain) else f"{moment[:16]}Z"


def _now() -> str:
    from datetime import UTC, datetime

    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ")


def _said(text: str) -> str:
    if not text.strip():
        raise click.UsageError("The text is empty.")
    return " ".join(text.split())


def _address(link: str) -> str:
    from tailrace.incident.postmortem import is_address

    if link and not is_address(link):
        raise click.UsageError(f"{link!r} is not an address: write one with https://.")
    return link


def _checked_broken(broken: str | None) -> None:
    if broken is not None:
        from tailrace.exposure.harmful import parse_broken

        parse_broken(broken)
