"""`override-channels-missing`: a command adds a channel to whatever is configured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tailrace.lint.context import context_of, is_strict, removes_defaults, uses_miniforge
from tailrace.lint.edits import Edit
from tailrace.lint.facts import Command, Document, Machines
from tailrace.lint.names import blot, is_community, is_defaults, is_variable
from tailrace.lint.rules.interface import Example, LintRule, Problem

_INSTALLING = frozenset({"install", "create", "update", "upgrade"})


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    if not document.runs:
        return
    machines = Machines(document.jobs)
    known: dict[int | None, bool] = {}
    for command in document.commands:
        if command.program == "micromamba" or command.verb not in _INSTALLING:
            continue  # micromamba comes without channels of its own
        if command.options & {"--override-channels", "-O", "--strict-channel-priority", "--offline"}:
            continue
        if any(value.text.lower() == "strict" for value in command.values.get("--channel-priority", ())):
            continue
        channels = [word.text for word in command.values.get("--channel", ())]
        if (
            any(is_community(name) for name in channels)
            and not any(is_defaults(name) for name in channels)  # that is `defaults-mixed`, which no option changes
            and not any(map(is_variable, channels))
            and not _is_configured(document, command, project, known, machines.job_at(command.at.start))
        ):
            shown = ", ".join(f"`{blot(name)}`" for name in channels[:3])
            yield Problem(
                command.at,
                f"{shown} is added to the channels of the machine, `defaults` with Miniconda",
                "Add `--override-channels`, or `--strict-channel-priority` where both are meant.",
                edits=(Edit(command.verb_end, command.verb_end, " --override-channels"),)
                if document.source.text[command.verb_end : command.verb_end + 1] == " "
                else (),
                safe=False,
                policy="commands add conda-forge to the channels of the machine, `defaults` with Miniconda",
            )


def _is_configured(
    document: Document, command: Command, project: Sequence[Document], known: dict[int | None, bool], job: int | None
) -> bool:
    """Whether the machine that runs the command has no `defaults`, or strict priority. `known`: by job."""
    if job not in known:
        context = context_of(document, command.at, project)
        known[job] = uses_miniforge(context) or removes_defaults(context) or is_strict(context)
    return known[job]


RULE = LintRule(
    id="override-channels-missing",
    title="A channel is added to the configured ones",
    severity="warning",
    summary="A script installs with `-c conda-forge` without `--override-channels` or strict priority.",
    why="""\
`-c` puts a channel before the configured ones. With Miniconda these are `defaults`, and under flexible priority
packages that do not fit from conda-forge are taken from there. On the author's machine this may not happen.

Nothing is reported where the same job sets strict priority, removes `defaults`, or sets up Miniforge or micromamba.
Other jobs of the file have no effect.
""",
    repair="Add `--override-channels`; `--unsafe-fixes` does it. Or configure strict priority once.\n",
    examples=(
        Example(
            "ci/install.sh",
            bad="conda install -y -c conda-forge numpy\n",
            good="conda install -y --override-channels -c conda-forge numpy\n",
            fixed="conda install --override-channels -y -c conda-forge numpy\n",
        ),
        Example(
            "Dockerfile",
            bad="FROM company/base\nRUN mamba create -n x -c conda-forge -c bioconda a\n",
            good="FROM company/base\nRUN mamba create -n x --strict-channel-priority -c conda-forge -c bioconda a\n",
            fixed="FROM company/base\nRUN mamba create --override-channels -n x -c conda-forge -c bioconda a\n",
        ),
    ),
    check=_check,
)
