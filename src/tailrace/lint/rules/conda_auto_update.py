"""`conda-auto-update`: a build machine takes whatever conda is newest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tailrace.lint.edits import replace_word
from tailrace.lint.facts import Document
from tailrace.lint.names import is_bounded, package_of
from tailrace.lint.rules.interface import Example, LintRule, Problem

_TRUE = frozenset({"true", "yes", "on", "1"})
_UPDATING = frozenset({"update", "upgrade"})


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    for setting in document.settings:
        if setting.name == "auto_update_conda" and setting.value and setting.value.text.strip().lower() in _TRUE:
            yield Problem(
                setting.at,
                "conda updates itself whenever something is installed into its environment",
                "Set it to `false`, and update conda on purpose.",
                edits=replace_word(document.source, setting.value, "false"),
            )
    if not document.runs:
        return
    for command in document.commands:
        for spec in command.specs:
            if command.verb in _UPDATING and package_of(spec.text) == "conda" and not is_bounded(spec.text):
                yield Problem(
                    command.at,
                    f"`{command.at.text} {spec.text}` takes the newest conda of the day",
                    "Name the version that was tested (`conda install conda=24.9`), or take a newer installer.",
                )


RULE = LintRule(
    id="conda-auto-update",
    title="conda updates itself automatically",
    severity="warning",
    summary="A setting or a script lets conda update itself to the newest release.",
    why="""\
From the moment of a release, conda is then newer than everything it was tested with. In May 2022, build machines
installed conda 4.13.0 on the day it appeared on one channel, and conda-build failed on all of them.
""",
    repair="""\
Set `auto_update_conda: false` or `auto-update-conda: false`; `--fix` does it. In scripts, install a version instead
of running `conda update conda`.
""",
    examples=(
        Example(
            ".condarc",
            bad="auto_update_conda: true  # keep fresh\n",
            good="auto_update_conda: false\n",
            fixed="auto_update_conda: false  # keep fresh\n",
        ),
        Example("ci/install.sh", bad="conda update -n base conda\n", good="conda install -n base conda=24.9\n"),
    ),
    check=_check,
)
