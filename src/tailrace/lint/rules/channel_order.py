"""`channel-order`: a channel stands above the one that it is built on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tailrace.lint.facts import Document, settings_at
from tailrace.lint.names import channel_name, label_of
from tailrace.lint.rules.interface import Example, LintRule, Problem
from tailrace.lint.source import Word

_BUILT_ON = {"bioconda": "conda-forge"}


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    for listing in document.channels:
        # Each `conda config` call puts its channel on top, which later ones change again; a lock file has no order.
        if listing.scope in ("config", "lock"):
            continue
        names: dict[str, Word] = {}
        for word in listing.channels:
            names.setdefault(channel_name(word.text).lower(), word)
        places = {name: place for place, name in enumerate(names)}
        for name, base in _BUILT_ON.items():
            if name in names and base in names and places[name] < places[base]:
                yield Problem(
                    names[name], f"`{name}` stands above `{base}`, on which it is built", f"Put `{base}` first."
                )
            elif name in names and base not in names and listing.scope in ("environment", "condarc", "workspace"):
                yield Problem(
                    names[name],
                    f"`{name}` is listed without `{base}`, on which it is built",
                    f"Put `{base}` before it.",
                )
        for name, word in names.items():
            label = label_of(name)
            main = name.partition("/label/")[0]
            if label and main in places and places[main] < places[name] and _is_strict(document, listing.at):
                yield Problem(
                    word,
                    f"`{name}` stands below `{main}`, which under strict priority hides what both have",
                    f"Put the label above `{main}`, or take it out.",
                )


def _is_strict(document: Document, at: Word) -> bool:
    return any(
        setting.name == "channel_priority" and setting.value and setting.value.text.strip().lower() == "strict"
        for setting in settings_at(document, at)
    )


RULE = LintRule(
    id="channel-order",
    title="The order of channels does not work",
    severity="warning",
    summary=(
        "A channel is listed above, or without, the one it is built on, or a label is listed below its own channel."
    ),
    why="""\
bioconda is built on conda-forge and expects conda-forge's packages to take precedence. In the other order, old copies
of shared libraries in bioconda hide conda-forge's, and under strict priority many packages cannot be installed at
all. A label below its own
channel does nothing under strict priority: every name is found in the channel first.
""",
    repair="List conda-forge before bioconda, and a label before its channel.\n",
    examples=(
        Example(
            "environment.yml",
            bad="channels: [bioconda, conda-forge, nodefaults]\ndependencies: [samtools]\n",
            good="channels: [conda-forge, bioconda, nodefaults]\ndependencies: [samtools]\n",
        ),
        Example(
            "environment.yml",
            bad="channels: [bioconda, nodefaults]\ndependencies: [samtools]\n",
            good="channels: [conda-forge, bioconda, nodefaults]\ndependencies: [samtools]\n",
        ),
    ),
    check=_check,
)
