"""`tandem-unbounded`: conda-build is installed, and nothing says which conda goes with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tailrace.lint.facts import Document
from tailrace.lint.names import is_bounded, package_of
from tailrace.lint.rules.interface import Example, LintRule, Problem
from tailrace.lint.source import Word

_FAILING = frozenset({"ci", "container"})


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    for listing in document.specs:
        packages: dict[str, Word] = {}
        for spec in listing.specs:
            packages.setdefault(package_of(spec.text), spec)
        build, conda = packages.get("conda-build"), packages.get("conda")
        if build is None or (conda and is_bounded(conda.text)):
            continue
        if document.kind == "recipe" and listing.section.endswith(("run_constrained", "run_constraints")):
            continue
        if is_bounded(build.text) and "<" not in build.text and conda:
            continue
        yield Problem(
            build,
            f"`conda-build` is installed in {listing.section} and `conda` is not bounded beside it",
            "Bound both together, such as `conda=24.9 conda-build=24.9`, and raise them together.",
            severity="warning" if document.kind in _FAILING else "note",
        )


RULE = LintRule(
    id="tandem-unbounded",
    title="conda-build without a bound on conda",
    severity="warning",
    summary="conda-build is installed without a bound on the version of conda.",
    why="""\
conda-build uses internals of conda. Each new conda can remove something that the current conda-build uses: 4.13.0
did, and so did 23.9, 23.11 and 24.3. The developers test the two together, but solvers do not know that.

It is a note in recipes, environment files and scripts, and a warning in CI and containers.
""",
    repair="Bound both in the same place, and raise both bounds in the same change.\n",
    examples=(
        Example(
            "Dockerfile",
            bad="FROM condaforge/miniforge3\nRUN conda install -y conda-build\n",
            good="FROM condaforge/miniforge3\nRUN conda install -y 'conda=24.9' 'conda-build=24.9'\n",
        ),
        Example(
            "environment.yml",
            bad="channels: [conda-forge, nodefaults]\ndependencies: [conda, conda-build]\n",
            good="channels: [conda-forge, nodefaults]\ndependencies: [conda <24.12, conda-build]\n",
        ),
    ),
    check=_check,
)
