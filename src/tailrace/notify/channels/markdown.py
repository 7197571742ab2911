"""One Markdown file for each cause, below the ledger."""

from __future__ import annotations

from tailrace.model.inert import prose, sayable, visible_lines, without_commands
from tailrace.model.markdown import escape, fence
from tailrace.notify.ledger import NotifyLedger
from tailrace.notify.model import KnownCause


def issue_text(cause: KnownCause) -> str:
    """The text of an issue, with the mark by which it is found again."""
    lines = [escape(prose(cause.text)) or "(nothing more is known)", ""]
    if cause.items:
        lines += [*(f"- {escape(prose(item, 300))}" for item in cause.items), ""]
    if cause.lines:
        lines += [*fence(sayable(visible_lines("\n".join(cause.lines)))), ""]
    if cause.owner:
        lines += [f"Who must act: {escape(prose(cause.owner))}", ""]
    again = f", opened {cause.times_opened} times" if cause.times_opened > 1 else ""
    state = f"closed by itself on {cause.closed_at}" if cause.state == "closed" else f"open since {cause.opened_at}"
    lines += [f"*{cause.kind} {escape(prose(cause.scope))}; {state}{again}.*", "", mark_of(cause.id)]
    return without_commands("\n".join(lines)) + "\n"


def mark_of(id: str) -> str:
    """The comment that ties an issue to its cause."""
    return f"<!-- tailrace:cause {id} -->"


class MarkdownIssues:
    """Files `<id>.md` in a folder of the ledger."""

    name = "markdown"

    def __init__(self, ledger: NotifyLedger, folder: str) -> None:
        self.ledger = ledger
        self.folder = folder

    def show(self, cause: KnownCause, place: str) -> str:
        """Writes the file of the cause."""
        name = f"{self.folder}/{cause.id}.md"
        head = ["---", f"id: {cause.id}", f"state: {cause.state}", f"opened: {cause.opened_at}"]
        head += [f"closed: {cause.closed_at}"] if cause.closed_at else []
        head += ["---", f"# {escape(prose(cause.title, 200))}", ""]
        self.ledger.write(name, "\n".join(head) + "\n" + issue_text(cause))
        return name
