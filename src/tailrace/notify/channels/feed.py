"""An Atom feed (RFC 4287) of the messages. The same messages give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence

from tailrace.model.inert import html, prose, visible_lines
from tailrace.notify.model import VerdictChange

_EMPTY = "1970-01-01T00:00:00Z"


def feed_text(messages: Sequence[VerdictChange], address: str = "") -> str:
    """The feed, newest first."""
    newest = max((_stamp(m.at) for m in messages), default=_EMPTY)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        "  <id>urn:tailrace:notify</id>",
        "  <title>Tailrace</title>",
        "  <author><name>Tailrace</name></author>",
        f"  <updated>{newest}</updated>",
    ]
    if address:
        lines.append(f'  <link href="{html(address)}"/>')
    for message in reversed(messages):
        link = [f'    <link href="{html(address)}"/>'] if address else []
        lines += [
            "  <entry>",
            f"    <id>urn:tailrace:message:{message.id}</id>",
            f"    <title>{html(prose(message.title, 300))}</title>",
            f"    <updated>{_stamp(message.at)}</updated>",
            f'    <category term="{html(message.kind)}"/>',
            *link,
            f'    <content type="text">{html(visible_lines(message.body))}</content>',
            "  </entry>",
        ]
    return "\n".join([*lines, "</feed>"]) + "\n"


def _stamp(at: str) -> str:
    """A moment as RFC 3339 wants it, with seconds."""
    from datetime import UTC, datetime

    try:
        when = datetime.fromisoformat(at)
    except ValueError:
        return _EMPTY
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
