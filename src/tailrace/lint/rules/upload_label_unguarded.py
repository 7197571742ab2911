"""`upload-label-unguarded`: a feedstock uploads to a label from every branch, or to a channel that is not its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tailrace.lint.facts import Document
from tailrace.lint.names import is_defaults, is_variable
from tailrace.lint.rules.interface import Example, LintRule, Problem


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    for setting in document.settings:
        if setting.name != "channel_targets" or not setting.items:
            continue
        channel, label = setting.items[0], setting.items[1] if len(setting.items) > 1 else None
        if is_defaults(channel.text):
            yield Problem(
                channel,
                f"builds are uploaded to `{channel.text}`",
                "Upload to a channel of your own.",
                severity="error",
            )
        elif label and label.text != "main" and not is_variable(label.text) and not _guarded(document, project):
            yield Problem(
                label,
                f"builds of every branch are uploaded to `{channel.text}`, label `{label.text}`",
                "Set `upload_on_branch` in conda-forge.yml to the branch that is meant.",
            )


def _guarded(document: Document, project: Sequence[Document]) -> bool:
    folders = document.source.path.split("/")[:-1]
    above = {"/".join([*folders[:depth], "conda-forge.yml"]) for depth in range(len(folders) + 1)}
    return any(
        other.kind == "conda-forge" and other.source.path in above and other.setting("upload_on_branch")
        for other in project
    ) or (document.kind == "conda-forge" and document.setting("upload_on_branch") is not None)


RULE = LintRule(
    id="upload-label-unguarded",
    title="Every branch uploads to a label",
    severity="warning",
    summary="`channel_targets` names a label, and `upload_on_branch` does not say from which branch.",
    why="""\
A setting for one release-candidate branch is copied to other branches when they are merged or created. Without
`upload_on_branch`, each of them uploads, and a build of the wrong branch replaces the right one under the label.
""",
    repair="Set `upload_on_branch: NAME` in conda-forge.yml, with the branch whose builds belong under the label.\n",
    examples=(
        Example(
            "recipe/conda_build_config.yaml",
            bad="channel_targets:\n  - conda-forge numpy_rc\n",
            good="channel_targets:\n  - conda-forge main\n",
        ),
    ),
    check=_check,
)
