"""`channel-order`: a channel stands above the one that it is built on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tailrace.lint.facts import Document
from tailrace.lint.names import channel_name, label_of
from tailrace.lint.rules.interface import Example, LintRule, Problem

_BUILT_ON = {"bioconda": "conda-forge"}


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    for listing in document.channels:
        if listing.scope == "config":  # each call puts its channel on top, which later ones change again
            continue
        names = [channel_name(word.text).lower() for word in listing.channels]
        for above, word in enumerate(listing.channels):
            base = _BUILT_ON.get(names[above])
            if base in names[above + 1 :]:
                yield Problem(
                    word,
                    f"`{names[above]}` stands above `{base}`, on which it is built",
                    f"Put `{base}` first.",
                )
        mains = [name for name in names if label_of(name) is None]
        for at, name in enumerate(names):
            label = label_of(name)
            main = name.partition("/label/")[0]
            if label and main in mains and names.index(main) < at and _is_strict(document):
                yield Problem(
                    listing.channels[at],
                    f"`{name}` stands below `{main}`, which under strict priority hides what both have",
                    f"Put the label above `{main}`, or take it out.",
                )


def _is_strict(document: Document) -> bool:
    setting = document.setting("channel_priority")
    return setting is not None and setting.value is not None and setting.value.text.strip().lower() == "strict"


RULE = LintRule(
    id="channel-order",
    title="Channels stand in an order that does not work",
    severity="warning",
    summary="A channel stands above the one it is built on, or a label stands where strict priority never reaches it.",
    why="""\
bioconda is built on conda-forge and expects its packages to win: in the other order, old copies of shared libraries in
bioconda hide conda-forge's, and under strict priority many packages cannot be installed at all. A label below its own
channel does nothing under strict priority: every name is found in the channel first.
""",
    repair="List conda-forge before bioconda, and a label before its channel.\n",
    examples=(
        Example(
            "environment.yml",
            bad="channels: [bioconda, conda-forge, nodefaults]\ndependencies: [samtools]\n",
            good="channels: [conda-forge, bioconda, nodefaults]\ndependencies: [samtools]\n",
        ),
    ),
    check=_check,
)
