"""`nodefaults-missing`: an environment file lets the machine add `defaults`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tailrace.lint.edits import add_item
from tailrace.lint.facts import Document
from tailrace.lint.names import is_community, is_defaults
from tailrace.lint.rules.interface import Example, LintRule, Problem


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    for listing in document.channels:
        names = [word.text for word in listing.channels]
        if (
            listing.scope == "environment"
            and any(map(is_community, names))
            and "nodefaults" not in names
            and not any(map(is_defaults, names))
        ):
            yield Problem(
                listing.at,
                "`nodefaults` is missing, so that conda adds the machine's own channels, `defaults` with Miniconda",
                "Add `nodefaults` to `channels`.",
                edits=add_item(document.source, listing, "nodefaults"),
                policy="`nodefaults` is missing from environment files that list conda-forge, so that conda adds the "
                "machine's own channels, `defaults` with Miniconda",
            )


RULE = LintRule(
    id="nodefaults-missing",
    title="The channels of the machine are used too",
    severity="warning",
    summary="An environment file for conda-forge does not contain `nodefaults`.",
    why="""\
`conda env create` adds the channels of the file to those that are configured on the machine. With Miniconda these are
`defaults`, and under flexible priority conda uses them silently. Only `nodefaults` in the file excludes them.
""",
    repair="""\
Add `nodefaults` at the end of `channels`; `--fix` does it. Clients that do not support it find an empty channel of
that name, which is harmless.
""",
    examples=(
        Example(
            "environment.yml",
            bad="channels:\n  - conda-forge\ndependencies:\n  - numpy\n",
            good="channels:\n  - conda-forge\n  - nodefaults\ndependencies:\n  - numpy\n",
            fixed="channels:\n  - conda-forge\n  - nodefaults\ndependencies:\n  - numpy\n",
        ),
        Example(
            "environment.yml",
            bad="channels: [conda-forge]\ndependencies: [numpy]\n",
            good="channels: [defaults]\ndependencies: [numpy]\n",
            fixed="channels: [conda-forge, nodefaults]\ndependencies: [numpy]\n",
        ),
    ),
    check=_check,
)
