"""`defaults-mixed`: Anaconda's channels and conda-forge are searched together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tailrace.lint.edits import remove_item
from tailrace.lint.facts import Document
from tailrace.lint.names import blot, channel_name, is_community, is_defaults
from tailrace.lint.rules.interface import Example, LintRule, Problem


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    seen: set[tuple[int, str]] = set()  # a place that stands in several lists is one fault
    for listing in document.channels:
        community = next((word for word in listing.channels if is_community(word.text)), None)
        if community is None:
            continue
        told: set[str] = set()
        for word in listing.channels:
            if is_defaults(word.text) and word.text not in told and (word.start, word.text) not in seen:
                told.add(word.text)
                seen.add((word.start, word.text))
                first = word.start < community.start
                order = ", and stands above it" if first and listing.scope not in ("config", "action") else ""
                if listing.scope == "lock":
                    yield Problem(
                        word,
                        f"packages of `{blot(channel_name(word.text))}` are locked together with packages of "
                        f"`{blot(channel_name(community.text))}`",
                        f"Take `{blot(channel_name(word.text))}` out of what the file is made from, and lock again.",
                    )
                    continue
                yield Problem(
                    word,
                    f"`{blot(word.text)}` is searched together with `{blot(community.text)}`{order}",
                    f"Take `{blot(word.text)}` out; keep to one of the two.",
                    edits=remove_item(document.source, listing, word),
                    safe=False,
                )


RULE = LintRule(
    id="defaults-mixed",
    title="Anaconda's channels and conda-forge are mixed",
    severity="error",
    summary="`defaults`, or another of Anaconda's channels, is searched together with conda-forge or bioconda.",
    why="""\
The two are built with different compilers and pins, and at different times. A release can be on one of them days
before its counterpart is on the other. In May 2022, conda 4.13.0 was on `defaults` first. Users who mixed the two got
it together with conda-forge's conda-build, and their builds failed. Hotfixes of conda-forge do not apply to records
of `defaults`.
""",
    repair="""\
Use one of them. With conda-forge, remove `defaults`, `pkgs/main`, `anaconda` and their URLs; `--unsafe-fixes` does
it. Packages that only `defaults` has must come from elsewhere, or from a channel of your own.
""",
    examples=(
        Example(
            "environment.yml",
            bad="channels:\n  - conda-forge\n  - defaults  # for the rest\ndependencies:\n  - numpy\n",
            good="channels:\n  - conda-forge\n  - nodefaults\ndependencies:\n  - numpy\n",
            fixed="channels:\n  - conda-forge\n  - nodefaults\ndependencies:\n  - numpy\n",
        ),
        Example(
            "recipe/conda_build_config.yaml",
            bad="channel_sources:\n  - conda-forge,defaults\n",
            good="channel_sources:\n  - conda-forge\n",
        ),
        Example(
            "setup.sh",
            bad="conda config --add channels defaults\nconda config --add channels conda-forge\n",
            good="conda config --remove channels defaults\nconda config --add channels conda-forge\n",
        ),
    ),
    check=_check,
)
