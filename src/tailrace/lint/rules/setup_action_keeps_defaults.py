"""`setup-action-keeps-defaults`: setup-miniconda adds conda-forge and leaves `defaults` where it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tailrace.lint.context import action_removes_defaults
from tailrace.lint.edits import add_entry_before
from tailrace.lint.facts import Document, Step
from tailrace.lint.names import is_community
from tailrace.lint.rules.interface import Example, LintRule, Problem


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    for step in document.steps:
        if step.action != "conda-incubator/setup-miniconda" or _is_safe(step):
            continue
        listed = step.inputs.get("channels")
        names = listed[1].text.replace(",", " ").split() if listed else []
        if any(is_community(name) for name in names):
            assert listed is not None
            yield Problem(
                listed[0],
                "`defaults` stays among the channels, below these",
                "Add `conda-remove-defaults: true`.",
                edits=add_entry_before(document.source, listed[0], "conda-remove-defaults: true"),
                safe=False,
                policy="setup-miniconda is given conda-forge, and `defaults` stays among the channels",
            )


def _is_safe(step: Step) -> bool:
    removed = (step.get("conda-remove-defaults") or "").lower()
    if removed and removed != "false":
        return True  # true, or decided at run time
    if action_removes_defaults(step):
        return True
    named = (step.get("channels") or "").replace(",", " ").split()
    return bool(
        "defaults" in named  # said openly, and reported as mixed
        or step.get("condarc-file")
        or step.get("miniforge-version")
        or step.get("miniforge-variant")
        or "forge" in (step.get("installer-url") or "").lower()
    )


RULE = LintRule(
    id="setup-action-keeps-defaults",
    title="A setup action keeps `defaults`",
    severity="warning",
    summary="setup-miniconda is given conda-forge, but neither Miniforge nor `conda-remove-defaults: true`.",
    why="""\
The action adds channels to those of the installer, which for Miniconda are `defaults`. Packages of `main` are then
installed in environments that name only conda-forge, especially in `base`, where conda and conda-build are.
""",
    repair="Set `conda-remove-defaults: true` (`--unsafe-fixes` does it) or `miniforge-version: latest`.\n",
    examples=(
        Example(
            ".github/workflows/ci.yml",
            bad="""\
jobs:
  test:
    steps:
      - uses: conda-incubator/setup-miniconda@v3
        with:
          channels: conda-forge
""",
            good="""\
jobs:
  test:
    steps:
      - uses: conda-incubator/setup-miniconda@v3
        with:
          channels: conda-forge
          miniforge-version: latest
""",
            fixed="""\
jobs:
  test:
    steps:
      - uses: conda-incubator/setup-miniconda@v3
        with:
          conda-remove-defaults: true
          channels: conda-forge
""",
        ),
    ),
    check=_check,
)
