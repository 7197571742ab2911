"""Parses the Markdown of a post-mortem into the record of an incident, and names everything that is out of order in it.

Every row of the timeline and every section is kept, whatever is wrong with it. Only the file is read: whether the
targets of links exist on the network is not asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from urllib.parse import urlsplit

from tailrace.incident.errors import IncidentError
from tailrace.incident.model import (
    ActionItem,
    ActionKind,
    Disorder,
    DisorderKind,
    EventKind,
    IncidentEvent,
    IncidentRecord,
    Mitigation,
    MitigationState,
    Section,
)
from tailrace.incident.moments import moment_text, order_key, read_date, read_time

#: Marks what `render` adds to a section, so that it is not read back as text.
GENERATED = "<!-- tailrace: generated -->"
COMPUTED = "computed"
#: The name of the picture that stands beside the text.
PICTURE = "timeline.svg"
LIMIT = 4 << 20
_LONG_HEADING, _LONG_LINE = 1000, 20_000
_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_ITEM = re.compile(r"^(?P<indent>\s*)(?:(?P<number>\d{1,6})[.)]|[-*+])\s+(?P<text>.*)$")
_BARE = re.compile(r"(?<![\w(\[<\"'])https?:/{0,2}[^\s|<>)\]]*")
_REFERENCE = re.compile(r"(?<!\!)\[(?P<text>[^\[\]]{1,200})\]\[(?P<name>[^\[\]]{0,200})\]")
_DEFINITION = re.compile(r"^ {0,3}\[(?P<name>[^\[\]]{1,200})\]:\s*(?P<target>\S*)")
_GAP = re.compile(r"^[\s|]*(?:…|\.{3,}|⋮|\[…\]|tbd|todo|\?{2,})[\s|]*$", re.IGNORECASE)
_DATED = re.compile(
    r"\**(?P<when>\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ,]{1,3}\d{1,2}:\d{2}(?::\d{2})?)?"
    r"(?: ?(?:Z|[A-Z]{3,4}|[+-]\d{2}:?\d{2})\b)?)\**[ :,–—-]*\**(?P<what>\S.*)"
)
_NUMBER = re.compile(r"#(\d+)\b")
_OWNER = re.compile(r"@([A-Za-z0-9][A-Za-z0-9-]{0,38})")
_DUE = re.compile(r"\b(?:due|by|until)\s*:?\s*(\d{4}-\d{2}-\d{2})", re.IGNORECASE)
_HARM = re.compile(r"\b(released on|release[sd]? lands?|break|broke|broken|block|fail|outage|error)", re.IGNORECASE)
_HELP = re.compile(r"\b(patch|hotfix|fix|repair|revert|mitigat|resolv|workaround|yank|unblock)", re.IGNORECASE)
_DETECT = re.compile(
    r"\b(report|fil(?:ed|es)|notic|discover|detect|observ|bug opened|issue opened|first seen)", re.IGNORECASE
)
_STATES: tuple[tuple[str, MitigationState], ...] = (
    (r"\bverif", "verified"),
    (r"\b(released|published|shipped|deployed|available)\b", "released"),
    (r"\b(merged|patched|applied|landed)\b", "merged"),
)
_KINDS: tuple[tuple[str, ActionKind], ...] = (
    (r"\b(test|nightly|canar|monitor|alert|detect|ci\b|integration|check)", "detect"),
    (r"\b(hotfix|patch|communicat|roll ?back|yank|contain|mitigat)", "mitigate"),
)


@dataclass(slots=True)
class _Reader:
    """What was read so far. `year`: of the incident, for dates that name none."""

    lines: list[str]
    year: int | None = None
    disorders: list[Disorder] = field(default_factory=list)

    def note(self, kind: DisorderKind, message: str, line: int) -> None:
        self.disorders.append(Disorder(kind=kind, message=message, line=line))


@dataclass(frozen=True, slots=True)
class _Block:
    """A section. `line`: of its first line of text, from 1."""

    level: int
    title: str
    line: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip("\n")


def read_postmortem(text: str, id: str | None = None) -> IncidentRecord:
    """The record. Raises `IncidentError` where the text has neither a heading nor a timeline."""
    if len(text) > LIMIT:
        raise IncidentError(f"the post-mortem is longer than {LIMIT >> 20} MiB.")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    tags, start = _front_matter(lines)
    blocks = list(_blocks(lines, start))
    titled = next((b for b in blocks if b.level == 1), None)
    reader = _Reader(lines)
    title = _plain(titled.title) if titled is not None else ""
    reader.year = _year(title, text)
    events: list[IncidentEvent] = []
    sections: list[Section] = []
    mitigations: list[Mitigation] = []
    actions: list[ActionItem] = []
    authors: tuple[str, ...] = ()
    summary: list[str] = []
    within = ""
    for block in blocks:
        if block.level == 1 and block is titled:
            authors, rest = _authors(block.lines)
            summary.append(rest)
            continue
        if block.level == 0:
            summary.append(block.text)
            continue
        kind = kind_of_section(block.title)
        within = kind if block.level <= 2 or kind else within
        body, tables = _without_tables(block) if (kind or within) == "timeline" else (block.lines, [])
        for table in tables:
            events += _rows(reader, table)
        kept = _without_generated(body)
        if (kind or within) == "timeline":
            kept = kept.replace(f"![Timeline]({PICTURE})", "").strip("\n")
        made = not kept.strip() and any(line.strip() == GENERATED for line in body) and not kind
        if not made and ((kind or within) != "timeline" or kept.strip()):
            sections.append(Section(title=block.title, text=kept, level=block.level))
        items = list(_items(block, kept))
        if within == "mitigation":
            mitigations += [_mitigation(item) for item in items]
        elif within == "recommendations":
            actions += [_action(item) for item in items]
        _numbers(reader, block)
    if not events:  # no table: a list that is rendered again stands beside a table
        for block in blocks:
            events += _listed(reader, block) if kind_of_section(block.title) == "timeline" else ()
    if not events and not any(b.level == 1 for b in blocks) and not sections:
        raise IncidentError(
            "this is not a post-mortem: it has no heading and no timeline.",
            hint="It needs at least a `# Title` and a `## Timeline` with a table of Date, Time, Action and Link.",
        )
    _order(reader, events)
    _links(reader, blocks, start)
    for wanted in ("timeline", "incident", "mitigation", "recommendations"):
        present = any(kind_of_section(b.title) == wanted for b in blocks)
        if not present:
            reader.note("section-missing", f"there is no section {wanted.capitalize()}", 0)
    _heading_numbers(reader, blocks)
    return IncidentRecord(
        id=id or slug(title, events),
        title=title or "Incident without a title",
        authors=authors,
        tags=tags,
        summary="\n\n".join(part for part in summary if part).strip(),
        affected=tuple(dict.fromkeys(_versions(title))),
        events=tuple(events),
        sections=tuple(sections),
        mitigations=tuple(mitigations),
        actions=tuple(actions),
        disorders=tuple(sorted(reader.disorders, key=lambda d: (d.line, d.kind, d.message))),
    )


def slug(title: str, events: Iterable[IncidentEvent] = ()) -> str:
    """An id from a title: `2022-05-conda-4.13.0`."""
    first = min((e.at[:7] for e in events if e.at), default="")
    words = [word.strip(".") for word in re.findall(r"[a-z0-9.]+", title.lower())]
    words = [
        w
        for w in words
        if w and w not in {"the", "of", "and", "a", "release", "incident", "post", "mortem", "for", "with"}
    ]
    plain = "-".join(words)
    if first and not plain.startswith(first):
        plain = f"{first}-{plain}"
    return plain[:60].strip("-.") or "incident"


# -- the outline -------------------------------------------------------------------------------------------------------


def _front_matter(lines: list[str]) -> tuple[tuple[str, ...], int]:
    """The tags, and the number of lines that the front matter takes."""
    if not lines or lines[0].strip() != "---":
        return (), 0
    for number, line in enumerate(lines[1:60], 1):
        if line.strip() in {"---", "..."}:
            found = re.search(r"^tags:\s*\[([^\]]*)\]", "\n".join(lines[1:number]), re.MULTILINE)
            return tuple(t.strip(" \"'") for t in found[1].split(",") if t.strip()) if found else (), number + 1
    return (), 0


def _blocks(lines: list[str], start: int) -> Iterator[_Block]:
    """The sections in order; headings inside fences are text."""
    level, title, first = 0, "", start
    fence = ""
    body: list[str] = []
    for number in range(start, len(lines)):
        line = lines[number]
        opened = _FENCE.match(line)
        if opened and not fence:
            fence = opened[1][0] * 3
        elif opened and opened[1].startswith(fence):
            fence = ""
        heading = _HEADING.match(line) if not fence and len(line) <= _LONG_HEADING else None
        if heading is None:
            body.append(line)
            continue
        if title or any(part.strip() for part in body):
            yield _Block(level, title, first + 1, tuple(body))
        level, title, first, body = len(heading[1]), heading[2], number + 1, []
    if title or any(part.strip() for part in body):
        yield _Block(level, title, first + 1, tuple(body))


def kind_of_section(title: str) -> str:
    """Which of the four sections a heading begins; empty for any other."""
    plain = _plain(title).lower()
    for word, kind in (
        ("timeline", "timeline"),
        ("chronolog", "timeline"),
        ("mitigation", "mitigation"),
        ("resolution", "mitigation"),
        ("recommendation", "recommendations"),
        ("action item", "recommendations"),
        ("follow-up", "recommendations"),
        ("next steps", "recommendations"),
        ("incident", "incident"),
        ("what happened", "incident"),
    ):
        if word in plain:
            return kind
    return ""


def _plain(text: str) -> str:
    """A heading without markup."""
    bare = re.sub(r"<[^<>]{0,100}>", " ", text)
    bare = re.sub(r"!?\[([^\[\]]*)\]\([^()]*\)", r"\1", bare)
    return " ".join(re.sub(r"[*`]|(?<!\w)_|_(?!\w)", "", bare).split())


def _authors(lines: Iterable[str]) -> tuple[tuple[str, ...], str]:
    """The line `Authors: A (@a), B`, and the rest of the text."""
    kept: list[str] = []
    found: tuple[str, ...] = ()
    for line in lines:
        match = re.match(r"^\s*\**authors?\**\s*:\**\s*(.+)$", line, re.IGNORECASE)
        if match and not found:
            parts = re.split(r"[;,](?![^()]*\))", match[1])
            found = tuple(part.strip() for part in parts if part.strip())
        else:
            kept.append(line)
    return found, "\n".join(kept).strip()


def _year(title: str, text: str) -> int | None:
    for place in (title, text[:4000], text):
        match = re.search(r"(?<!\d)(20\d{2})(?:[-/.]\d{1,2}|\b)", place)
        if match:
            return int(match[1])
    return None


def _versions(title: str) -> Iterator[str]:
    """`conda 4.13.0` and `conda-build 3.21.{8,9}` in a title, as specs."""
    for match in re.finditer(r"(?<![\w.-])([A-Za-z][\w-]*)\s+v?(\d+(?:\.\d+)*(?:\.\{[\d,]{1,40}\})?)(?![\w-])", title):
        name, version = match[1].lower(), match[2]
        if name in {
            "of",
            "for",
            "the",
            "version",
            "release",
            "on",
            "in",
            "and",
            "may",
            "june",
            "july",
            "march",
            "april",
        }:
            continue
        stem, brace, rest = version.partition(".{")
        for part in rest.rstrip("}").split(",") if brace else [""]:
            yield f"{name} {stem}{'.' + part if part else ''}"


def _without_tables(block: _Block) -> tuple[tuple[str, ...], list[list[tuple[int, str]]]]:
    """The text of a section without its tables, and the tables as numbered lines."""
    tables: list[list[tuple[int, str]]] = []
    kept: list[str] = []
    current: list[tuple[int, str]] = []
    for offset, line in enumerate(block.lines):
        # Rows may be written without the outer bars, and a gap within a table is a row that is left out.
        is_row = line.count("|") >= 2 or (current and ("|" in line or (_GAP.match(line) and line.strip())))
        if is_row:
            current.append((block.line + offset, line))
        else:
            if current:
                tables.append(current)
                current = []
            kept.append(line)
    if current:
        tables.append(current)
    return tuple(kept), tables


def _without_generated(lines: Iterable[str]) -> str:
    """The text up to what was generated below it."""
    kept = []
    for line in lines:
        if line.strip() == GENERATED:
            break
        kept.append(line.rstrip())
    return "\n".join(kept).strip("\n")


# -- the timeline ------------------------------------------------------------------------------------------------------


def split_row(line: str) -> list[str]:
    """The cells of a row of a table; a bar after a backslash or in code is text."""
    cells: list[str] = []
    current = ""
    code = False
    text = line.strip()
    text = text[1:] if text.startswith("|") else text
    position = 0
    while position < len(text):
        char = text[position]
        if char == "\\" and text[position + 1 : position + 2] == "|":
            current += "|"
            position += 2
            continue
        if char == "`":
            code = not code and "`" in text[position + 1 :]
        if char == "|" and not code:
            cells.append(current.strip())
            current = ""
        else:
            current += char
        position += 1
    if current.strip() or not text.endswith("|"):
        cells.append(current.strip())
    return cells


def _rows(reader: _Reader, table: list[tuple[int, str]]) -> Iterator[IncidentEvent]:
    header = [_plain(cell).lower() for cell in split_row(table[0][1])]
    named = any(word in " ".join(header) for word in ("date", "time", "action", "event", "what", "when"))
    columns = _columns(header) if named else {"date": 0, "time": 1, "action": 2, "link": 3}
    width = len(header) if named else 4
    number = 0
    day: date | None = None
    numbers: list[tuple[int, int]] = []
    labels: list[tuple[int, int]] = []
    for line, text in table[1 if named else 0 :]:
        if _is_ruler(text):
            continue
        number += 1
        cells = split_row(text)
        if all(_GAP.match(cell) for cell in cells if cell) and any(cells):
            reader.note("gap", f"row {number} stands for something that is not written: {text.strip()}", line)
            yield IncidentEvent(event=next(filter(None, cells)), row=number, cells=tuple(cells))
            continue
        if len(cells) > width:
            extra = ", ".join(cell for cell in cells[width:] if cell) or "empty"
            reader.note("cell-too-many", f"row {number} has {len(cells)} cells, and the table {width}: {extra}", line)
        elif len(cells) < width:
            reader.note("cell-missing", f"row {number} has {len(cells)} cells, and the table {width}", line)
        counted = _cell(cells, columns.get("number")).strip(" .)")
        numbers += [(int(counted), line)] if counted.isascii() and counted.isdigit() and len(counted) < 7 else []
        linked, _ = find_links(_cell(cells, columns.get("link")))
        labels += [(int(one.text), line) for one in linked if re.fullmatch(r"[0-9]{1,4}", one.text)]
        yield from _row(reader, cells, columns, width, number, line, day)
        day = read_date(_cell(cells, columns.get("date")), reader.year, day) or day
    _run(reader, numbers)
    if len(labels) > 2 and labels[0][0] == 1:  # links that count, not the numbers of issues
        _run(reader, labels)


def _listed(reader: _Reader, block: _Block) -> Iterator[IncidentEvent]:
    """The events of a timeline that is a list: items that begin with a date."""
    for number, item in enumerate(_items(block, block.text), 1):
        match = _DATED.match(" ".join(item.text.split()))
        day = read_date(match["when"], reader.year) if match else None
        if match is None or day is None:
            reader.note("row-without-date", f"item {number} does not begin with a date: {item.text[:60]}", item.line)
            said = " ".join(item.text.split())
            yield IncidentEvent(event=said, row=number, cells=("not known", "", said, ""))
            continue
        time = read_time(re.sub(r"\d{4}-\d{2}-\d{2}", " ", match["when"]))
        if time is None:
            reader.note("row-without-time", f"item {number} has no time that can be read", item.line)
        links = [link for link in targets_in(match["what"]) if is_address(link)]
        yield IncidentEvent(
            at=moment_text(day, time),
            event=match["what"],
            kind=_event_kind(_plain(match["what"])),
            link=links[0] if links else "",
            row=number,
        )


def _is_ruler(line: str) -> bool:
    """The line below the header of a table: `| --- | :-: |`."""
    return "-" in line and not set(line) - set("|:- \t")


def _columns(header: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, name in enumerate(header):
        for key, words in (
            ("number", ("#", "no.", "nr", "number")),
            ("date", ("date", "day", "when")),
            ("time", ("time", "utc", "hour")),
            ("action", ("action", "event", "what", "description", "happened")),
            ("link", ("link", "reference", "url", "source")),
        ):
            if key not in found and (name in words if key == "number" else any(word in name for word in words)):
                found[key] = number
                break
    if "date" not in found and "time" in found:
        found["date"] = found["time"]  # `2022-05-26 17:02` under `Time (UTC)`
    if "action" not in found:
        found["action"] = next((n for n in range(len(header)) if n not in found.values()), len(header) - 1)
    return found


def _cell(cells: list[str], number: int | None) -> str:
    return cells[number] if number is not None and number < len(cells) else ""


def _row(
    reader: _Reader,
    cells: list[str],
    columns: dict[str, int],
    width: int,
    number: int,
    line: int,
    before: date | None,
) -> Iterator[IncidentEvent]:
    date_cell = _cell(cells, columns.get("date"))
    time_cell = _cell(cells, columns.get("time"))
    action = _cell(cells, columns.get("action"))
    day = read_date(date_cell, reader.year, before)
    if day is None and not date_cell.strip():
        day = before  # the date of the row above
    # `2022-05-26 17:02` in one column, whether or not there is one for the time.
    time = read_time(time_cell) or read_time(re.sub(r"\d{4}-\d{2}-\d{2}", " ", date_cell))
    if day is None:
        reader.note("row-without-date", f"row {number} has no date that can be read: {date_cell or 'empty'}", line)
    elif time is None:
        kind: DisorderKind = "gap" if _GAP.match(time_cell) and time_cell.strip() else "row-without-time"
        reader.note(kind, f"row {number} has no time that can be read: {time_cell or 'empty'}", line)
    if _GAP.match(action) and action.strip():
        reader.note("gap", f"row {number} does not say what happened: {action}", line)
    link_cell = _cell(cells, columns.get("link"))
    labelled, _ = find_links(link_cell)
    links = targets_in(link_cell)
    label = next((_plain(one.text) for one in labelled if is_address(one.target)), "")
    extra = [cell for cell in cells[width:] if cell]
    by = COMPUTED if re.match(r"^\*?computed\*?:", action) else "human"
    text = re.sub(r"^\*?computed\*?:\s*", "", action) if by == COMPUTED else action
    yield IncidentEvent(
        at=moment_text(day, time) if day is not None else "",
        event=text + "".join(f" ({cell})" for cell in extra) or "(nothing is written)",
        kind=_event_kind(_plain(text)),
        link=next((link for link in links if is_address(link)), ""),
        source=link_cell if len(links) != 1 or not is_address(links[0]) else label,
        by=by,  # type: ignore[arg-type]  # one of the two
        row=number,
        cells=tuple(cells) if extra or day is None or time is None or len(links) > 1 else (),
    )


def _event_kind(text: str) -> EventKind:
    if _HELP.search(text):
        return "help"
    if _DETECT.search(text):
        return "detect"
    return "harm" if _HARM.search(text) else "plain"


def _order(reader: _Reader, events: list[IncidentEvent]) -> None:
    """Rows whose moment lies before that of the row above them."""
    dated = [event for event in events if len(event.at) > 10]
    lines = {event.row: event for event in events}
    for earlier, later in pairwise(dated):
        if later.row and order_key(later.at) < order_key(earlier.at):
            line = _line_of(reader, lines[later.row])
            message = f"row {later.row} ({later.at}) stands after row {earlier.row} ({earlier.at})"
            reader.note("row-out-of-order", message, line)


def _line_of(reader: _Reader, event: IncidentEvent) -> int:
    """The line of a row: the first that holds its text."""
    wanted = event.event.split(" (", 1)[0][:60]
    return next((n for n, line in enumerate(reader.lines, 1) if wanted and wanted in line and "|" in line), 0)


# -- lists and links ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Item:
    text: str
    line: int


def _items(block: _Block, kept: str) -> Iterator[_Item]:
    """The items of the outermost lists of a section, each with what stands below it."""
    current: list[str] = []
    begun = 0
    margin: int | None = None
    for offset, line in enumerate(kept.split("\n")):
        match = _ITEM.match(line)
        if match and (margin is None or len(match["indent"]) <= margin):
            if current:
                yield _Item("\n".join(current).strip(), begun)
            margin = len(match["indent"]) if margin is None else margin
            current, begun = [match["text"]], block.line + offset
        elif current and (line.startswith((" ", "\t")) or not line.strip()):
            current.append(line.strip())
        elif current and line.strip():
            yield _Item("\n".join(current).strip(), begun)
            current = []
    if current:
        yield _Item("\n".join(current).strip(), begun)


def _mitigation(item: _Item) -> Mitigation:
    plain = item.text.lower()
    state: MitigationState = next((state for pattern, state in _STATES if re.search(pattern, plain)), "planned")
    return Mitigation(what=item.text, state=state, link=_first_link(item.text), owner=_owner(item.text))


def _action(item: _Item) -> ActionItem:
    box = re.match(r"^\[([ xX])\]\s+", item.text)
    text = item.text[box.end() :] if box else item.text
    kind: ActionKind = next((kind for pattern, kind in _KINDS if re.search(pattern, text.lower())), "prevent")
    due = _DUE.search(text)
    return ActionItem(
        what=text,
        kind=kind,
        owner=_owner(text),
        due=due[1] if due else "",
        state="done" if box and box[1] in "xX" else "open",
        link=_first_link(text),
    )


def _owner(text: str) -> str:
    found = _OWNER.search(re.sub(r"\]\([^()]*\)", "]", text))
    return f"@{found[1]}" if found else ""


def _first_link(text: str) -> str:
    return next((target for target in targets_in(text) if is_address(target)), "")


def _numbers(reader: _Reader, block: _Block) -> None:
    """Numbered lists and headings that skip a number or give one twice. A list in which all are `1.` counts itself."""
    runs: dict[int, list[tuple[int, int]]] = {}
    for offset, line in enumerate(block.lines):
        match = _ITEM.match(line)
        if match and match["number"]:
            runs.setdefault(len(match["indent"]), []).append((int(match["number"]), block.line + offset))
        elif line.strip() and not line.startswith((" ", "\t")) and not match:
            for found in runs.values():
                _run(reader, found)
            runs = {}
    for found in runs.values():
        _run(reader, found)


def _heading_numbers(reader: _Reader, blocks: Iterable[_Block]) -> None:
    """Headings that count, `### 5. Tests` after `### 3. Docs`."""
    found: dict[int, list[tuple[int, int]]] = {}
    for block in blocks:
        for deeper in [level for level in found if level > block.level]:
            _run(reader, found.pop(deeper))
        match = re.match(r"(\d{1,6})[.)]\s", block.title)
        if match:
            found.setdefault(block.level, []).append((int(match[1]), max(block.line - 1, 1)))
    for numbers in found.values():
        _run(reader, numbers)


def _run(reader: _Reader, numbers: list[tuple[int, int]]) -> None:
    if len({number for number, _ in numbers}) <= 1:
        return
    for (before, _), (after, line) in pairwise(numbers):
        if before + 1 < after <= before + 100:
            missing = ", ".join(str(n) for n in range(before + 1, after))
            reader.note("number-missing", f"the list goes from {before} to {after}: {missing} is missing", line)
        elif after == before:
            reader.note("number-repeated", f"the list has {after} twice", line)


def is_address(target: str) -> bool:
    """Whether a text is an http address with a host."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and "." in parts.netloc and " " not in target


def _links(reader: _Reader, blocks: list[_Block], start: int) -> None:
    """Links that lead nowhere as they are written."""
    anchors = {_anchor(block.title) for block in blocks}
    defined = {m["name"].lower() for line in reader.lines if (m := _DEFINITION.match(line))}
    fence = ""
    for number, line in enumerate(reader.lines[start:], start + 1):
        opened = _FENCE.match(line)
        if opened:
            fence = "" if fence and opened[1].startswith(fence) else fence or opened[1][0] * 3
            continue
        if fence:
            continue
        text = re.sub(r"`[^`]*`", " ", line[:_LONG_LINE])
        links, rest = find_links(text)
        for link in links:
            reason = _wrong_link(link, anchors)
            if reason:
                shown = link.target or link.text
                reader.note("link-broken", f"{shown[:200] or '(empty)'}: {reason}", number)
        for match in _REFERENCE.finditer(text):
            name = (match["name"] or match["text"]).lower()
            if name not in defined:
                reader.note("link-broken", f"[{match['text'][:100]}]: no address is given for {name[:100]}", number)
        for address in _BARE.findall(rest):
            if not is_address(address.rstrip(".,;:!?")):
                reader.note("link-broken", f"{address[:200]}: it is not an address", number)


@dataclass(frozen=True, slots=True)
class Link:
    """`[text](target rest)`; `closed`: its bracket is closed on the line."""

    text: str
    target: str
    rest: str
    closed: bool


def find_links(line: str) -> tuple[list[Link], str]:
    """The links of a line, and the line without them. Looks at each character a bounded number of times."""
    found: list[Link] = []
    outside: list[str] = []
    position = 0
    opened: list[int] = []
    for number, char in enumerate(line):
        if number < position:
            continue
        if char == "[":
            opened.append(number)
        elif char == "]" and opened:
            begin = opened.pop()
            if line[number + 1 : number + 2] == "(":
                end, depth = number + 2, 1
                while end < len(line):
                    depth += {"(": 1, ")": -1}.get(line[end], 0)
                    if depth == 0:
                        break
                    end += 1
                target, _, rest = line[number + 2 : end].partition(" ")
                found.append(Link(line[begin + 1 : number], target, rest, depth == 0))
                outside.append(line[position:begin])
                position = end + 1
                opened.clear()
    outside.append(line[position:])
    return found, " ".join(outside)


def targets_in(text: str) -> list[str]:
    """Every target that a text leads to: of links, and written out."""
    links, rest = find_links(text)
    return [link.target for link in links] + _BARE.findall(rest)


def _wrong_link(link: Link, anchors: set[str]) -> str:
    target, text = link.target, link.text
    if not link.closed:
        return "its bracket is never closed"
    if not target.strip():
        return "it has no target"
    if target.startswith("#"):
        return "" if target[1:].lower() in anchors else "no heading has this name"
    if re.match(r"^[a-z][a-z0-9+.-]*:", target, re.IGNORECASE):
        if target.lower().startswith("mailto:"):
            return "" if "@" in target else "it is not an address"
        if not is_address(target):
            return "it is not an address"
        said, led = _NUMBER.search(text), re.search(r"/(?:issues|pull|pulls|merge_requests)/(\d+)", target)
        if said and led and said[1] != led[1]:
            return f"its text says #{said[1]}, and it leads to {led[1]}"
        return ""
    if link.rest.strip() and link.rest.strip()[0] not in "\"'(":
        return "its address holds blanks"
    if target.partition("/")[0].rpartition(".")[2] in {"com", "org", "net", "io", "dev"}:
        return "its address has no https:// in front"
    return ""


def _anchor(title: str) -> str:
    plain = re.sub(r"[^\w\- ]", "", _plain(title).lower())
    return plain.strip().replace(" ", "-")
