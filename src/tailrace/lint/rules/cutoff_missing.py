"""`cutoff-missing`: a pixi workspace takes packages from the minute they appear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tailrace.lint.facts import Document
from tailrace.lint.rules.interface import Example, LintRule, Problem


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    if document.kind != "pixi" or document.setting("exclude_newer") is not None:
        return
    for listing in document.channels:
        if listing.scope == "workspace" and listing.channels:
            yield Problem(
                listing.at,
                "packages are taken from the minute they appear on a channel",
                'Set `exclude-newer = "7d"` or a date, so that others find what is broken.',
                policy="workspaces take packages from the minute they appear on a channel",
            )


RULE = LintRule(
    id="cutoff-missing",
    title="No cutoff for new packages",
    severity="note",
    summary="A pixi workspace sets no `exclude-newer`.",
    why="""\
Most harmful releases are found and withdrawn within days. A cutoff keeps them out of the lock file during that time,
and a fixed date makes updates of a lock file reproducible.
""",
    repair='Set `exclude-newer = "7d"` in the workspace table.\n',
    examples=(
        Example(
            "pixi.toml",
            bad='[workspace]\nchannels = ["conda-forge"]\n',
            good='[workspace]\nchannels = ["conda-forge"]\nexclude-newer = "7d"\n',
        ),
    ),
    check=_check,
)
