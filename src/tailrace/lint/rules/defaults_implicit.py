"""`defaults-implicit`: no channel is named, so whatever the machine has configured is used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tailrace.lint.facts import Document
from tailrace.lint.rules.interface import Example, LintRule, Problem


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    if document.kind == "environment":
        named = [word for listing in document.channels for word in listing.channels if word.text != "nodefaults"]
        every = [spec.text for listing in document.specs for spec in listing.specs]
        # Where each requirement names its channel, or pip installs everything, nothing is left to the defaults.
        if not named and any("::" not in spec and spec not in ("pip", "python") for spec in every):
            yield Problem(
                document.channels[0].at if document.channels else document.head,
                "no channel is named, so that the machine decides where packages come from, with Miniconda `defaults`",
                "List the channels: `channels: [conda-forge, nodefaults]`.",
            )
    for listing in document.channels:
        if listing.scope == "condarc" and not listing.channels:
            yield Problem(
                listing.at,
                "`channels` is empty: `defaults` for conda before 25.9, no channel at all for later ones",
                "List the channels, or leave the key out.",
                severity="note",
            )


RULE = LintRule(
    id="defaults-implicit",
    title="No channel is named",
    severity="warning",
    summary="An environment names no channel, so that conda uses `defaults` or the settings of the machine.",
    why="""\
Without `channels`, the same file installs different packages on different machines: those of `defaults` with
Miniconda, those of conda-forge with Miniforge, and those of a company mirror elsewhere.

An empty list in `.condarc` is a note: until conda 25.9 it meant `defaults`, since then it means no channel at all.
""",
    repair="""\
Name every channel that packages may come from, the most trusted first, and `nodefaults` after them.

```yaml
channels:
  - conda-forge
  - nodefaults
```
""",
    examples=(
        Example(
            "environment.yml",
            bad="name: science\ndependencies:\n  - numpy\n",
            good="name: science\nchannels:\n  - conda-forge\n  - nodefaults\ndependencies:\n  - numpy\n",
        ),
        Example(".condarc", bad="channels: []\nchannel_priority: strict\n", good="channel_priority: strict\n"),
    ),
    check=_check,
)
