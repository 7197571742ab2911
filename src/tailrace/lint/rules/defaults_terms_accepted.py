"""`defaults-terms-accepted`: a script accepts the terms of Anaconda's channels, so it means to use them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tailrace.lint.facts import Document
from tailrace.lint.rules.interface import Example, LintRule, Problem

_YES = frozenset({"yes", "true", "1", "on", "y"})


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    fix = "Use conda-forge alone, or write down who agreed to these terms."
    for command in document.commands:
        if command.verb == "tos accept":
            yield Problem(command.at, "the terms of service of Anaconda's channels are accepted unasked", fix)
    for setting in document.settings:
        if setting.name == "plugins_auto_accept_tos" and setting.value and setting.value.text.lower() in _YES:
            yield Problem(setting.at, "the terms of service of Anaconda's channels are accepted unasked", fix)


RULE = LintRule(
    id="defaults-terms-accepted",
    title="Terms of `defaults` are accepted by a script",
    severity="warning",
    summary="A script or variable accepts the terms of service of Anaconda's channels.",
    why="""\
conda asks for these terms only when it is about to use `defaults`. A script that accepts them hides that packages
come from there. For larger organisations, it also accepts a licence on their behalf.
""",
    repair="""\
Remove `defaults` from the configuration; conda then does not ask. Where it is intended, suppress the finding and give
the reason.
""",
    examples=(
        Example(
            "ci/install.sh",
            bad="conda tos accept --override-channels --channel pkgs/main\n",
            good="conda config --remove channels defaults\n",
        ),
        Example(
            "Dockerfile",
            bad="FROM condaforge/miniforge3\nENV CONDA_PLUGINS_AUTO_ACCEPT_TOS=yes\n",
            good="FROM condaforge/miniforge3\nENV CONDA_PLUGINS_AUTO_ACCEPT_TOS=no\n",
        ),
    ),
    check=_check,
)
