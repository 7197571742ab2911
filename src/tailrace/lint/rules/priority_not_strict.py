"""`priority-not-strict`: channel priority is set to flexible, or switched off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tailrace.lint.edits import replace_word
from tailrace.lint.facts import Document
from tailrace.lint.names import is_variable
from tailrace.lint.rules.interface import Example, LintRule, Problem

_FLEXIBLE = frozenset({"flexible", "true", "yes", "on", "1"})
_DISABLED = frozenset({"disabled", "false", "no", "off", "0", "none"})


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    fix = "Set it to `strict`."
    for setting in document.settings:
        if setting.name != "channel_priority" or setting.value is None:
            continue
        value = setting.value.text.strip().lower()
        edits = replace_word(document.source, setting.value, "strict")
        if value in _DISABLED:
            yield Problem(
                setting.value,
                "channel priority is disabled: the highest version wins, from whichever channel it comes",
                fix,
                edits,
                safe=False,  # whoever switched it off meant it, and may need packages that strict priority hides
                severity="error",
            )
        elif value in _FLEXIBLE:
            yield Problem(
                setting.value,
                f"channel priority is {'flexible' if value == 'flexible' else f'`{value}`, which means flexible'}: "
                "a package comes from a lower channel when that makes the rest fit",
                fix,
                edits,
            )
        elif value not in ("strict", "") and not is_variable(value):
            yield Problem(
                setting.value, f"`{value[:40]}` is no channel priority", "Set it to `strict`.", severity="error"
            )
    for command in document.commands:
        if "--no-channel-priority" in command.options:
            yield Problem(
                command.at,
                "`--no-channel-priority` switches channel priority off for this call",
                "Use `--strict-channel-priority`.",
                severity="error",
            )


RULE = LintRule(
    id="priority-not-strict",
    title="Channel priority is not strict",
    severity="warning",
    summary="Channel priority is flexible or disabled, so that packages can come from a lower channel.",
    why="""\
Under *strict* priority, a package comes only from the first channel that has it. Under *flexible* priority, conda
takes it from another channel when the requirements cannot be met otherwise, so a harmful release is installed exactly
when a bound was meant to exclude it. With *disabled* priority, the highest version is installed. `true` is an old
name for flexible, and `false` for disabled.
""",
    repair="""\
Set `strict` in `.condarc`, conda-forge.yml, pixi's table and the inputs of setup actions; `--fix` changes flexible to
strict. A disabled priority is probably intended, so only `--unsafe-fixes` changes it. On the command line, run `conda
config --set channel_priority strict`.
""",
    examples=(
        Example(
            ".condarc",
            bad="channels: [conda-forge, bioconda]\nchannel_priority: flexible\n",
            good="channels: [conda-forge, bioconda]\nchannel_priority: strict\n",
            fixed="channels: [conda-forge, bioconda]\nchannel_priority: strict\n",
        ),
        Example(
            "pixi.toml",
            bad='[workspace]\nchannels = ["conda-forge"]\nchannel-priority = "disabled"\nexclude-newer = "7d"\n',
            good='[workspace]\nchannels = ["conda-forge"]\nexclude-newer = "7d"\n',
            fixed='[workspace]\nchannels = ["conda-forge"]\nchannel-priority = "strict"\nexclude-newer = "7d"\n',
        ),
        Example(
            "conda-forge.yml",
            bad="channel_priority: flexible\n",
            good="channel_priority: strict\n",
            fixed="channel_priority: strict\n",
        ),
        Example(
            "ci/install.sh",
            bad="conda config --set channel_priority false\n",
            good="conda config --set channel_priority strict\n",
            fixed="conda config --set channel_priority strict\n",
        ),
    ),
    check=_check,
)
