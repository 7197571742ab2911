"""An incident as a post-mortem, in the shape in which `tailrace incident import` reads one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tailrace.incident.chronicle import configuration
from tailrace.incident.model import IncidentEvent, IncidentRecord, Section
from tailrace.incident.postmortem import COMPUTED, GENERATED, PICTURE, is_address, kind_of_section
from tailrace.model.inert import prose, visible_lines, without_commands
from tailrace.model.markdown import escape
from tailrace.report.options import RenderOptions
from tailrace.report.views.incident import IncidentView, date_of, duration, time_of

_HEADING = "## Timeline <small>(UTC)</small>"
_LAYOUT = (
    r"/?(?:b|br|code|dd|del|details|dl|dt|em|hr|i|ins|kbd|li|ol|p|s|small|strong|sub|summary|sup|u|ul)[ \t]{0,9}/?>"
)
_LAYOUT_TAG = re.compile(rf"(?i)<{_LAYOUT}")
# The first character of a tag that is more than layout, and of the target of a link that runs something.
_ACTING = re.compile(
    rf"(?i)<(?=[a-z/?!])(?!https?://|mailto:|{_LAYOUT})"
    r"|(?<=\])[(:](?=[ \t]{0,9}<?[ \t]{0,9}(?:javascript|vbscript|data|file):)"
)
_FENCE = re.compile(r"(`{3,20}|~{3,20})[^`]*\Z")


def render(view: IncidentView, options: RenderOptions) -> str:
    """Front matter, title, authors, the sections as they were written, what was computed, and the timeline."""
    record = view.record
    lines = ["---", f"tags: [{', '.join(_tag(tag) for tag in record.tags or ('post-mortem',))}]", "---"]
    lines += [f"# {_line(record.title)}", ""]
    if record.authors:
        lines += [f"Authors: {', '.join(map(_line, record.authors))}", ""]
    if record.summary:
        lines += [_body(record.summary), ""]
    for title in ("Incident", "Mitigation", "Recommendations"):
        lines += _section(record, title)
    lines += _others(record)
    lines += [_HEADING, "", f"![Timeline]({PICTURE})", ""]
    lines += ["| Date | Time | Action | Link |", "| ---- | ---- | ------ | ---- |"]
    lines += [_row(event) for event in view.events]
    lines += _computed(view)
    return without_commands("\n".join(lines).rstrip("\n") + "\n")


def _section(record: IncidentRecord, title: str) -> Iterator[str]:
    """One of the three sections, with those below it and what is known beside its text."""
    number = _place(record, title)
    text = record.sections[number].text if number is not None else ""
    shown = record.sections[number].title if number is not None else title
    yield f"## {_line(shown)}"
    yield ""
    if text:
        yield _body(text)
        yield ""
    for below in _below(record, number):
        yield f"{'#' * max(below.level, 3)} {_line(below.title)}"
        yield ""
        if below.text:
            yield _body(below.text)
            yield ""
    added = list(_incident(record) if title == "Incident" else _items(record, title))
    if added:
        yield GENERATED
        yield ""
        yield from added
        yield ""
    if not text and not added:
        yield "(nothing is written yet)"
        yield ""


def _others(record: IncidentRecord) -> Iterator[str]:
    """Sections of any other name, in order."""
    known = {_place(record, title) for title in ("Incident", "Mitigation", "Recommendations", "Timeline")}
    inside = False
    for number, section in enumerate(record.sections):
        if section.level <= 2:
            inside = number in known
            if _kind(section) == "timeline" and section.text:
                yield f"## {_line(section.title.split('<', 1)[0].strip())}: notes"
                yield ""
                yield _body(section.text)
                yield ""
                continue
        if not inside:
            yield f"{'#' * section.level} {_line(section.title)}"
            yield ""
            if section.text:
                yield _body(section.text)
                yield ""


def _kind(section: Section) -> str:
    return kind_of_section(section.title)


def _place(record: IncidentRecord, title: str) -> int | None:
    wanted = title.lower()
    return next((n for n, s in enumerate(record.sections) if s.level <= 2 and _kind(s) == wanted), None)


def _below(record: IncidentRecord, number: int | None) -> Iterator[Section]:
    if number is None:
        return
    for section in record.sections[number + 1 :]:
        if section.level <= record.sections[number].level:
            return
        yield section


def _incident(record: IncidentRecord) -> Iterator[str]:
    if record.affected:
        yield f"Affected: {', '.join(f'`{_line(spec)}`' for spec in record.affected)}."
    if record.broken:
        yield ""
        yield f"Harmful together: `{_line(' '.join(record.broken.split()))}`."


def _items(record: IncidentRecord, title: str) -> Iterator[str]:
    """The state of each mitigation, or who does what until when."""
    if title == "Mitigation" and record.mitigations:
        yield "| Mitigation | State | Since | Owner | Proof |"
        yield "| ---------- | ----- | ----- | ----- | ----- |"
        for one in record.mitigations:
            yield _cells(_first(one.what), one.state, one.at, one.owner, one.proof[:16])
    if title == "Recommendations" and record.actions:
        yield "| Action | Kind | Owner | Due | State |"
        yield "| ------ | ---- | ----- | --- | ----- |"
        for item in record.actions:
            yield _cells(_first(item.what), item.kind, item.owner, item.due, item.state)


def _row(event: IncidentEvent) -> str:
    if not event.at and event.cells:  # as it was written
        return _cells(*[*event.cells, "", "", "", ""][: max(len(event.cells), 4)])
    text = event.event.replace("|", "\\|")
    action = f"*{COMPUTED}*: {text}" if event.by == "computed" else text
    if event.link and "](" not in event.source and is_address(event.link):
        label = re.sub(r"[\[\]|]", "", event.source) or _label(event.link)
        link = f"[{label}]({event.link})"
    else:
        link = (event.source or event.link.replace("[", "")).replace("|", "\\|")
    return f"| {date_of(event)} | {time_of(event)} | {_line(action)} | {_line(link)} |"


def _label(link: str) -> str:
    found = re.search(r"/([\w.-]+)/(?:issues|pull|pulls)/(\d+)", link)
    return f"{found[1]}#{found[2]}" if found else "link"


def _computed(view: IncidentView) -> Iterator[str]:
    """What the windows add up to, and what was out of order in the text that was imported."""
    record = view.record
    if record.windows:
        yield ""
        yield "## Exposure"
        yield ""
        yield GENERATED
        yield ""
        known = view.figures
        yield (
            f"First harm {known.first_harm or 'not known'}; detected after {duration(known.to_detect)}, "
            f"contained after {duration(known.to_contain)}; {known.exposed} configurations got the harmful combination."
        )
        yield ""
        yield "| Asked for | Configuration | From | To |"
        yield "| --------- | ------------- | ---- | -- |"
        for window in record.windows:
            yield _cells(window.ask, configuration(window), window.begin or "before", window.end or "still so")
    if record.disorders:
        yield ""
        yield "## Disorders of the imported text"
        yield ""
        yield GENERATED
        yield ""
        for one in record.disorders:
            place = f"line {one.line}: " if one.line else ""
            yield f"- {one.kind}: {escape(prose(place + one.message))}"


def _cells(*texts: str) -> str:
    return f"| {' | '.join(_line(text).replace('|', chr(92) + '|') or ' ' for text in texts)} |"


def _first(text: str) -> str:
    """The first line of an item, without its links."""
    line = text.split("\n", 1)[0]
    return prose(re.sub(r"\[([^\[\]]*)\]\([^()]*\)", r"\1", line), 160)


def _line(text: str) -> str:
    """What stands on one line."""
    return _without_html(" ".join(visible_lines(text).split("\n")))


def _body(text: str) -> str:
    """Markdown that people wrote, kept as it is but for what acts on terminals and in browsers."""
    lines = visible_lines(text).strip("\n").split("\n")
    fence = ""
    # A tag of layout may begin a block in which a fence is none.
    fences = not any(_LAYOUT_TAG.search(line) for line in lines)
    for number, line in enumerate(lines):
        if fence:
            fence = "" if line.rstrip().startswith(fence) and not line.strip(f"{fence[0]} \t") else fence
        elif fences and (opened := _FENCE.match(line)):
            fence = opened[1]
        else:
            lines[number] = _without_html(line)
    return "\n".join(lines)


def _without_html(line: str) -> str:
    """The line with tags and links that a browser would act on as text."""
    pieces = line.split("`")
    if len(pieces) % 2 and all(pieces[1:-1]) and "\\`" not in line:  # pairs of single marks: what is between is code
        return "`".join(piece if number % 2 else _inert(piece) for number, piece in enumerate(pieces))
    return _inert(line)


def _inert(text: str) -> str:
    return _ACTING.sub(lambda found: {"<": "&lt;", "(": "&#40;", ":": "&#58;"}[found[0]], text)


def _tag(tag: str) -> str:
    return re.sub(r"[^\w .-]", "", tag)[:60] or "post-mortem"
