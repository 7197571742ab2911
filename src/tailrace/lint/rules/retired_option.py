"""`retired-option`: an option, action or installer that its makers have retired."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tailrace.lint.edits import replace_word
from tailrace.lint.facts import Document
from tailrace.lint.rules.interface import Example, LintRule, Problem

_TRUE = frozenset({"true", "yes", "on", "1"})
_RENAMED = {"whitelist_channels": "allowlist_channels", "experimental_solver": "solver"}
_MAMBAFORGE = re.compile(
    r"\bMambaforge(?:-pypy3)?-[A-Za-z0-9$%{(][^\s/'\"]*|(?:^|/)condaforge/mambaforge[^\s'\"]*", re.IGNORECASE
)


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    yield from _settings(document)
    for step in document.steps:
        if step.action == "mamba-org/provision-with-micromamba":
            yield Problem(step.at, "the action provision-with-micromamba is retired", "Use mamba-org/setup-micromamba.")
        listed = step.inputs.get("channels")
        if (
            listed
            and step.action == "conda-incubator/setup-miniconda"
            and "nodefaults" in listed[1].text.replace(",", " ").split()
        ):
            yield Problem(
                listed[0],
                "setup-miniconda will stop taking `nodefaults` among its channels",
                "Take it out and set `conda-remove-defaults: true`.",
                severity="note",
            )
        variant = step.inputs.get("miniforge-variant")
        if step.action == "conda-incubator/setup-miniconda" and (step.get("use-mamba") or "").lower() in _TRUE:
            yield Problem(
                step.inputs["use-mamba"][0],
                "`use-mamba` is no longer needed: conda has had mamba's solver since 23.10",
                "Take it out; conda is then the one client, and its settings hold.",
                severity="note",
            )
        if variant and variant[1].text.lower().startswith("mambaforge"):
            yield Problem(
                variant[0],
                "Mambaforge is no longer made",
                "Use `Miniforge3`.",
                edits=replace_word(document.source, variant[1], "Miniforge3"),
            )
    reported = False
    for word in (*document.images, *document.words):
        found = _MAMBAFORGE.search(word.text)
        if found and not reported:
            reported = True
            name = found[0].partition("$")[0].rstrip("-")[:60]
            yield Problem(word, f"`{name}` is no longer made", "Use Miniforge, which has mamba too.")


def _settings(document: Document) -> Iterator[Problem]:
    for setting in document.settings:
        new = _RENAMED.get(setting.name)
        if new and setting.scope == "condarc" and document.setting(new) is None:
            yield Problem(
                setting.at,
                f"`{setting.name}` is now called `{new}`",
                f"Call it `{new}`.",
                edits=replace_word(document.source, setting.at, new),
            )
        elif setting.name == "build_with_mambabuild" and setting.scope == "conda-forge":
            yield Problem(
                setting.at,
                "`build_with_mambabuild` is retired in favour of `conda_build_tool`",
                "Take it out, or set `conda_build_tool`.",
            )
        elif setting.name == "channels" and setting.scope == "conda-forge" and setting.table:
            yield Problem(
                setting.at,
                "channels in conda-forge.yml are retired in favour of conda_build_config.yaml",
                "Move them to `channel_sources` and `channel_targets` in recipe/conda_build_config.yaml.",
            )


RULE = LintRule(
    id="retired-option",
    title="A retired option",
    severity="warning",
    summary="An option, action or installer is used that is no longer supported.",
    why="""\
Newer releases ignore a retired option silently: a list of allowed channels under its old name allows everything, and
channels in conda-forge.yml are not searched. A retired installer gets no more fixes.
""",
    repair="Use its replacement; `--fix` renames options that were only renamed.\n",
    examples=(
        Example(
            ".condarc",
            bad="whitelist_channels:\n  - conda-forge\n",
            good="allowlist_channels:\n  - conda-forge\n",
            fixed="allowlist_channels:\n  - conda-forge\n",
        ),
        Example(
            ".github/workflows/ci.yml",
            bad="jobs:\n  a:\n    steps:\n      - uses: conda-incubator/setup-miniconda@v3\n        with:\n"
            "          miniforge-variant: Mambaforge\n",
            good="jobs:\n  a:\n    steps:\n      - uses: conda-incubator/setup-miniconda@v3\n        with:\n"
            "          miniforge-variant: Miniforge3\n",
            fixed="jobs:\n  a:\n    steps:\n      - uses: conda-incubator/setup-miniconda@v3\n        with:\n"
            "          miniforge-variant: Miniforge3\n",
        ),
    ),
    check=_check,
)
