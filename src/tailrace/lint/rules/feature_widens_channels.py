"""`feature-widens-channels`: a pixi feature puts a channel above those of the workspace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tailrace.lint.facts import Document
from tailrace.lint.names import blot
from tailrace.lint.rules.interface import Example, LintRule, Problem


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    if document.kind != "pixi":
        return
    workspace = {
        word.text for listing in document.channels if listing.scope == "workspace" for word in listing.channels
    }
    if not workspace:
        return
    for listing in document.channels:
        if listing.scope != "feature":
            continue
        for word in listing.channels:
            if word.text in workspace:
                break  # what stands below one of the workspace's channels does not go before it
            if word.text not in listing.lowered:
                yield Problem(
                    word,
                    f"`{blot(word.text)}` goes before the workspace's channels in every environment with this feature",
                    f'Write `{{ channel = "{blot(word.text)}", priority = -1 }}`, or list the others before it.',
                )


RULE = LintRule(
    id="feature-widens-channels",
    title="A feature's channel has priority over the workspace's",
    severity="note",
    summary="A pixi feature lists a channel that then has the highest priority in its environments.",
    why="""\
Channels of a feature are put before those of the workspace. Under strict priority, every package that the feature's
channel has comes from there, including those that are unrelated to the feature.
""",
    repair="Give the channel the priority `-1`, so that only what the workspace's channels lack comes from it.\n",
    examples=(
        Example(
            "pixi.toml",
            bad='[workspace]\nchannels = ["conda-forge"]\nexclude-newer = "7d"\n[feature.cuda]\n'
            'channels = ["nvidia"]\n',
            good='[workspace]\nchannels = ["conda-forge"]\nexclude-newer = "7d"\n[feature.cuda]\n'
            'channels = [{ channel = "nvidia", priority = -1 }]\n',
        ),
    ),
    check=_check,
)
