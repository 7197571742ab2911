"""`channel-repeated`: one channel is listed twice, often under two names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tailrace.lint.edits import remove_item
from tailrace.lint.facts import Document
from tailrace.lint.names import blot, is_variable
from tailrace.lint.rules.interface import Example, LintRule, Problem


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    for listing in document.channels:
        if listing.scope in ("config", "command"):
            continue
        seen: set[str] = set()
        for word in listing.channels:
            name = word.text.rstrip("/")
            if name in seen and not is_variable(name):
                yield Problem(
                    word,
                    f"`{blot(name)}` is listed twice; the upper place counts",
                    "Take the lower one out.",
                    edits=remove_item(document.source, listing, word),
                )
            seen.add(name)


RULE = LintRule(
    id="channel-repeated",
    title="A channel is listed twice",
    severity="note",
    summary="The same channel is twice in one list.",
    why="Only the first entry counts. Changing the second, or adding a channel between the two, has no effect.\n",
    repair="Remove the second; `--fix` does it.\n",
    examples=(
        Example(
            ".condarc",
            bad="channel_priority: strict\nchannels:\n  - conda-forge\n  - bioconda\n  - conda-forge\n",
            good="channel_priority: strict\nchannels:\n  - conda-forge\n  - bioconda\n",
            fixed="channel_priority: strict\nchannels:\n  - conda-forge\n  - bioconda\n",
        ),
    ),
    check=_check,
)
