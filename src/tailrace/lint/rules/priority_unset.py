"""`priority-unset`: several channels, and nothing says how they rank; conda's own default is flexible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tailrace.lint.edits import add_entry_before
from tailrace.lint.facts import Document, Machines
from tailrace.lint.rules.interface import Example, LintRule, Problem
from tailrace.lint.source import Word

_POLICY = "several channels are configured without a priority: conda's default is flexible"


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    for listing in document.channels:
        if listing.scope in ("condarc", "mambarc"):
            names = [word.text for word in listing.channels if word.text != "nodefaults"]
            if len(names) > 1 and not _is_set(document, listing.at):
                yield Problem(
                    listing.at,
                    f"{len(names)} channels, and no `channel_priority`: conda's default is flexible",
                    "Add `channel_priority: strict`.",
                    edits=add_entry_before(document.source, listing.at, "channel_priority: strict"),
                    policy=_POLICY,
                )
    for step in document.steps:
        if step.action != "conda-incubator/setup-miniconda" or "channels" not in step.inputs:
            continue
        key, value = step.inputs["channels"]
        names = [name for name in value.text.replace(",", " ").split() if name != "nodefaults"]
        unset = not step.get("channel-priority") and not step.get("condarc-file")
        if unset and len(names) > 1 and not _is_set(document, key):
            yield Problem(
                key,
                f"{len(names)} channels, and no `channel-priority`: conda's default is flexible",
                "Add `channel-priority: strict`.",
                edits=add_entry_before(document.source, key, "channel-priority: strict"),
                policy=_POLICY,
            )


def _is_set(document: Document, at: Word) -> bool:
    """Whether the job sets a priority by any means: a variable, a command, or another entry of the configuration."""
    named = tuple(s for s in document.settings if s.name == "channel_priority" and s.scope != "option")
    machines = Machines(document.jobs)
    job = machines.job_at(at.start)
    return any(machines.shares(setting.at.start, job) for setting in named)


RULE = LintRule(
    id="priority-unset",
    title="Channel priority is not set",
    severity="warning",
    summary="Several channels are configured without a priority, so that conda uses flexible priority.",
    why="""\
The default of conda and mamba is `flexible`; only that of Miniforge and pixi is strict. The order of the channels is
then only a preference: packages come from a lower channel when the requirements cannot be met otherwise.
""",
    repair="Set `channel_priority: strict` next to the channels; `--fix` does it.\n",
    examples=(
        Example(
            ".condarc",
            bad="channels:\n  - conda-forge\n  - bioconda\n",
            good="channels:\n  - conda-forge\n",
            fixed="channel_priority: strict\nchannels:\n  - conda-forge\n  - bioconda\n",
        ),
        Example(
            ".github/workflows/ci.yml",
            bad="""\
jobs:
  test:
    steps:
      - uses: conda-incubator/setup-miniconda@v3
        with:
          miniforge-version: latest
          conda-remove-defaults: true
          channels: conda-forge,bioconda
""",
            good="""\
jobs:
  test:
    steps:
      - uses: conda-incubator/setup-miniconda@v3
        with:
          miniforge-version: latest
          conda-remove-defaults: true
          channels: conda-forge,bioconda
          channel-priority: strict
""",
            fixed="""\
jobs:
  test:
    steps:
      - uses: conda-incubator/setup-miniconda@v3
        with:
          miniforge-version: latest
          conda-remove-defaults: true
          channel-priority: strict
          channels: conda-forge,bioconda
""",
        ),
    ),
    check=_check,
)
