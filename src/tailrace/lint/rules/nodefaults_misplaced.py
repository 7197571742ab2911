"""`nodefaults-misplaced`: `nodefaults` stands where conda takes it for the name of a channel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tailrace.lint.facts import Document
from tailrace.lint.rules.interface import Example, LintRule, Problem

_INSTEAD = {
    "command": "Use `--override-channels`.",
    "config": "Use `conda config --remove channels defaults`.",
}


# The readers of these know the word, or hand it on to one that does; setup-miniconda is `retired-option`'s.
_KNOWN = frozenset({"environment", "mambarc", "manifest", "lock", "action"})


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    mamba = {command.at for command in document.commands if command.program != "conda"}
    for listing in document.channels:
        if listing.scope in _KNOWN or listing.at in mamba:
            continue
        for word in listing.channels:
            if word.text == "nodefaults":
                yield Problem(
                    word,
                    "conda knows `nodefaults` in environment files only; here it looks for a channel of that name",
                    _INSTEAD.get(listing.scope, "Take it out; list every channel that is meant."),
                )
                break


RULE = LintRule(
    id="nodefaults-misplaced",
    title="`nodefaults` where it does nothing",
    severity="warning",
    summary="`nodefaults` is listed outside an environment file, where conda looks for a channel of that name.",
    why="""\
Only `conda env`, micromamba and the action setup-miniconda support `nodefaults`. In `.condarc` and after `-c`, it is
the name of an empty channel, and `defaults` remains.
""",
    repair="""\
In `.condarc`, list the intended channels. On the command line, use `--override-channels`.
""",
    examples=(
        Example(
            ".condarc",
            bad="channel_priority: strict\nchannels:\n  - conda-forge\n  - nodefaults\n",
            good="channel_priority: strict\nchannels:\n  - conda-forge\n",
        ),
        Example(
            "ci/install.sh",
            bad="conda install --strict-channel-priority -c conda-forge -c nodefaults numpy\n",
            good="conda install --override-channels -c conda-forge numpy\n",
        ),
    ),
    check=_check,
)
