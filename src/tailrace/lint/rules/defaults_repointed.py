"""`defaults-repointed`: settings give the name of a channel another meaning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tailrace.lint.facts import Document
from tailrace.lint.names import blot, channel_name, is_defaults
from tailrace.lint.rules.interface import Example, LintRule, Problem

_WELL_KNOWN = frozenset(
    {"conda-forge", "bioconda", "main", "pkgs/main", "defaults", "anaconda", "r", "nvidia", "pytorch"}
)


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    for setting in document.settings:
        if setting.name == "default_channels" and setting.items and not all(is_defaults(w.text) for w in setting.items):
            yield Problem(
                setting.at,
                f"`defaults` means {_names([w.text for w in setting.items])} here, and something else everywhere else",
                "List these channels under `channels`, and leave `default_channels` out.",
            )
        elif setting.name == "custom_multichannels":
            for name, members in setting.table.items():
                if name in _WELL_KNOWN and members and not all(is_defaults(w.text) for w in members):
                    yield Problem(
                        setting.at,
                        f"`{name}` means {_names([w.text for w in members])} here, and something else everywhere else",
                        "Give the group of channels a name of its own.",
                    )
        elif setting.name == "channel_alias" and setting.value and not _is_usual(setting.value.text):
            yield Problem(
                setting.at,
                f"every plain channel name means a channel below `{blot(setting.value.text)}`",
                "Write the full URL where a mirror is meant, or say here why all names mean the mirror.",
                severity="note",
            )


def _is_usual(text: str) -> bool:
    return text.rstrip("/").endswith("//conda.anaconda" + ".org")


def _names(texts: list[str]) -> str:
    return ", ".join(f"`{blot(channel_name(text))}`" for text in texts[:3]) + (", …" if len(texts) > 3 else "")


RULE = LintRule(
    id="defaults-repointed",
    title="A channel's name means another channel",
    severity="warning",
    summary="`default_channels`, `custom_multichannels` or `channel_alias` give a well-known name another meaning.",
    why="""\
Lock files, environment files and bug reports name channels. Where `defaults` means conda-forge or a mirror, the same
file installs different packages than elsewhere, and a hotfix or warning about the channel does not apply.
""",
    repair="""\
List the intended channels under `channels`. An empty `default_channels: []` means none. Give groups of channels new
names. Where a mirror replaces everything on purpose, suppress the finding and give the reason.
""",
    examples=(
        Example(
            ".condarc",
            bad="channels: [defaults]\ndefault_channels:\n  - conda-forge\n",
            good="channels: [conda-forge]\ndefault_channels: []\n",
        ),
        Example(
            ".condarc",
            bad=(
                "custom_multichannels:\n  conda-forge:\n    - https://mirror.example/conda-forge\n    - "
                "https://mirror.example/extra\n"
            ),
            good="custom_multichannels:\n  company:\n    - https://mirror.example/conda-forge\n",
        ),
    ),
    check=_check,
)
