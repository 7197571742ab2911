"""`canary-label`: a production file takes packages from a canary, a staging channel or a label."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tailrace.lint.facts import Document
from tailrace.lint.names import blot, channel_name, is_unreleased, is_variable, label_of, split_spec
from tailrace.lint.rules.interface import Example, LintRule, Problem
from tailrace.lint.source import Word

_MEANT = re.compile(
    r"(?:^|[-_/. ])(?:canary|nightly|nightlies|upstream|prerelease|pre-release|rc\d*|beta|alpha|experimental)"
    r"(?=$|[-_/. ])",
    re.I,
)


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    if _MEANT.search(document.source.path):
        return  # a file for trying out what is not released
    seen: set[tuple[str, int]] = set()
    for word in _channels(document):
        if (word.text, word.start) in seen or is_variable(word.text):
            continue
        seen.add((word.text, word.start))
        label, name = label_of(word.text), blot(channel_name(word.text))
        if label is not None and label.startswith("broken"):
            yield Problem(
                word,
                f"`{name}` holds packages that were withdrawn because they are broken",
                "Take the label out; ask for a repaired build instead.",
                severity="error",
            )
        elif is_unreleased(word.text):
            said = f"`{name}` holds packages that are not released"
            yield Problem(
                word,
                said,
                "Take it out of what people and builds rely on; try it in a file of its own, named for it.",
                policy=said,
            )
        elif label is not None:
            said = f"`{name}` is a label, which its channel can move or empty at any time"
            yield Problem(
                word,
                said,
                "Use the channel itself, with a bound on the package that needs it.",
                severity="note",
                policy=said,
            )


def _channels(document: Document) -> Iterator[Word]:
    for listing in document.channels:
        yield from listing.channels
    for specs in document.specs:
        for spec in specs.specs:
            channel = split_spec(spec.text)[0]
            if channel:
                yield Word(channel, spec.start, spec.end)


RULE = LintRule(
    id="canary-label",
    title="A canary in a production file",
    severity="warning",
    summary="A canary, nightly or staging channel, or a label, is used where releases are expected.",
    why="""\
Packages on a canary channel or under `label/dev` are for testing. They may be harmful, be replaced under the same
version, or disappear. `label/broken` contains withdrawn packages. A file that is forgotten after a test continues to
install them for everybody who uses it.

Files with `canary`, `nightly`, `upstream`, `prerelease`, `beta` or `rc` in their path are expected to use them, and
are not reported. A label whose name suggests a release is a note.
""",
    repair="Remove the channel, or move it into an environment of its own, named accordingly.\n",
    examples=(
        Example(
            "environment.yml",
            bad="channels: [conda-canary/label/dev, conda-forge, nodefaults]\ndependencies: [conda]\n",
            good="channels: [conda-forge/label/main, conda-forge, nodefaults]\ndependencies: [conda]\n",
        ),
        Example(
            "ci/install.sh",
            bad="conda install --override-channels -c conda-forge/label/broken numpy\n",
            good="conda install --override-channels -c conda-forge numpy\n",
        ),
    ),
    check=_check,
)
