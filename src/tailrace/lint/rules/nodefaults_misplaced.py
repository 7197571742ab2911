"""`nodefaults-misplaced`: `nodefaults` stands where conda takes it for the name of a channel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tailrace.lint.facts import Document
from tailrace.lint.rules.interface import Example, LintRule, Problem

_INSTEAD = {
    "action": "Take it out and add `conda-remove-defaults: true`.",
    "command": "Use `--override-channels`.",
    "config": "Use `conda config --remove channels defaults`.",
}


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    for listing in document.channels:
        for word in listing.channels:
            if word.text == "nodefaults" and listing.scope != "environment":
                yield Problem(
                    word,
                    "`nodefaults` means something in environment files only; here it is looked for as a channel",
                    _INSTEAD.get(listing.scope, "Take it out; list every channel that is meant."),
                )
                break


RULE = LintRule(
    id="nodefaults-misplaced",
    title="`nodefaults` where it does nothing",
    severity="warning",
    summary="`nodefaults` is listed outside an environment file, where conda looks for a channel of that name.",
    why="""\
Only `conda env` knows the word. In `.condarc`, after `-c` and in the inputs of setup actions it is the name of a
channel, which is fetched and found empty, while `defaults` stays as it was.
""",
    repair="""\
In `.condarc` list the channels that are meant; on the command line use `--override-channels`; in setup-miniconda
`conda-remove-defaults: true`.
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
