"""`allowlist-contradiction`: a configuration lists channels that it forbids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tailrace.lint.facts import Document, Setting
from tailrace.lint.names import blot, channel_name, is_defaults
from tailrace.lint.rules.interface import Example, LintRule, Problem

_ALLOW = ("allowlist_channels", "whitelist_channels")
_DENY = ("denylist_channels",)


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    allowed, denied = _first(document, _ALLOW), _first(document, _DENY)
    if allowed and denied:
        for word in denied.items:
            if _same(word.text, allowed):
                yield Problem(
                    word, f"`{blot(word.text)}` is both allowed and denied", "Keep it in one of the two lists."
                )
    for listing in document.channels:
        for word in listing.channels:
            if word.text == "nodefaults":
                continue
            if denied and _same(word.text, denied):
                yield Problem(word, f"`{blot(word.text)}` is listed and denied", "Take it out of one of the two lists.")
            elif allowed and allowed.items and not _same(word.text, allowed):
                yield Problem(
                    word,
                    f"`{blot(word.text)}` is listed but not allowed",
                    f"Add it to `{allowed.name}`, or take it out here.",
                )


def _first(document: Document, names: tuple[str, ...]) -> Setting | None:
    return next(
        (setting for setting in document.settings if setting.name in names and setting.scope == "condarc"), None
    )


def _same(channel: str, setting: Setting) -> bool:
    name = channel_name(channel)
    return any(
        channel_name(word.text) == name or (is_defaults(word.text) and is_defaults(channel)) for word in setting.items
    )


RULE = LintRule(
    id="allowlist-contradiction",
    title="A channel is listed and forbidden",
    severity="error",
    summary="The channels contradict `allowlist_channels` or `denylist_channels` of the same file.",
    why="""\
conda refuses to run with such a configuration, but not in all of its commands. Commands that do not check the lists
install packages from a channel that was meant to be forbidden.
""",
    repair="Decide whether each channel is allowed, and make the lists agree.\n",
    examples=(
        Example(
            ".condarc",
            bad="channel_priority: strict\nchannels:\n  - conda-forge\n  - company\ndenylist_channels:\n  - company\n",
            good="channel_priority: strict\nchannels:\n  - conda-forge\n  - company\ndenylist_channels: [defaults]\n",
        ),
    ),
    check=_check,
)
