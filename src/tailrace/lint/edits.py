"""Makes small edits of a document's text for words in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tailrace.lint.facts import ChannelList
from tailrace.lint.source import Source, Word


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Put `text` in the place of what stands between two offsets."""

    start: int
    end: int
    text: str


def replace_word(source: Source, word: Word | None, text: str) -> tuple[Edit, ...]:
    """The word's text replaced, its quotes kept; nothing where the file does not hold the word as such."""
    if word is None:
        return ()
    start, end = word.start, word.end
    if source.text[start:end] != word.text and end - start >= 2 and source.text[start] in "'\"":
        start, end = start + 1, end - 1
    return (Edit(start, end, text),) if word.text and source.text[start:end] == word.text else ()


def add_item(source: Source, listing: ChannelList, text: str) -> tuple[Edit, ...]:
    """One more item at the end of a YAML list."""
    if not listing.channels or listing.style == "other":
        return ()
    last = listing.channels[-1]
    if listing.style == "flow":
        return (Edit(last.end, last.end, f", {text}"),)
    start, end = source.line_at(last.start)
    before = source.text[start : last.start]
    if before.strip() != "-":
        return ()
    return (Edit(end, end, f"{source.newline}{before}{text}"),)


def remove_item(source: Source, listing: ChannelList, word: Word) -> tuple[Edit, ...]:
    """The item taken out of a YAML list written one item a line; never the last one that is left."""
    start, end = source.line_at(word.start)
    if listing.style != "block" or len(listing.channels) < 2 or source.text[start : word.start].strip() != "-":
        return ()
    following = source.text[end : end + 2]
    return (Edit(start, end + (2 if following == "\r\n" else 1 if following[:1] == "\n" else 0), ""),)


def add_entry_before(source: Source, key: Word, entry: str) -> tuple[Edit, ...]:
    """An entry on a line of its own before that of the key; nothing where the key does not begin its line."""
    start, _ = source.line_at(key.start)
    before = source.text[start : key.start]
    return () if before.strip() else (Edit(key.start, key.start, f"{entry}{source.newline}{before}"),)


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The changed text. Of edits that overlap, the first in the text is made, the others are left for another time."""
    parts: list[str] = []
    at = 0
    for edit in sorted(set(edits)):
        if edit.start < at or (parts and edit.start == at and edit.start == edit.end):
            continue
        parts += (text[at : edit.start], edit.text)
        at = edit.end
    return "".join((*parts, text[at:]))
