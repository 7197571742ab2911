"""Finds Python versions that the downstream supports and only the baseline supported.

What a release manager has to know: Requires-Python is honoured by pip, uv and conda, so on a dropped Python they go
on giving the baseline, and nothing fails by itself. It does fail where the candidate is asked for by name (a lock file
made on a newer Python, a security update, `upstream>=candidate`). So this is said, with the exact versions, as the
warning that the rule is, and never makes a verdict; it stays silent where the downstream's own requirement keeps the
candidate out, or asks for the upstream only on Pythons that the candidate serves.
"""

from __future__ import annotations

import re

from tailrace.changes.distribution import REQUIRES_PYTHON, dropped_pythons
from tailrace.check.breakage import Breakage
from tailrace.check.commandlines.places import metadata_files, place_in_metadata
from tailrace.check.commandlines.upstream_names import UpstreamNames
from tailrace.check.requirements.admission import SEPARATOR, admits, applies, environments, needs_extra, requirement_on
from tailrace.model import Artifact

_CLASSIFIER = re.compile(r"Programming Language :: Python :: (\d\.\d+)\b")


def python_dropped(
    downstream: Artifact, baseline: Artifact, candidate: Artifact, upstream: UpstreamNames
) -> tuple[Breakage, ...]:
    """At most one hit: the Pythons that the downstream declares and the baseline served, and the candidate does not.

    A downstream that declares neither Requires-Python nor classifiers declares no support, and gets no hit; nor does
    one that asks for the upstream in an extra only (its own tests, as a rule).
    """
    requirement = requirement_on(downstream.metadata, upstream.name)
    if requirement is None or not admits(requirement, upstream.candidate):
        return ()
    if all(needs_extra(line) for line in requirement.split(SEPARATOR)):
        return ()
    declared, classified = downstream.metadata.requires_python, _classified(downstream)
    if declared is None and not classified:
        return ()
    needs, had = _requires(candidate), _requires(baseline)
    gone = [
        python
        for python in dropped_pythons(had, needs, declared)
        if (declared is not None or _feature(python) in classified) and _asked_on(requirement, _feature(python))
    ]
    if not gone:
        return ()
    file, line = place_in_metadata(downstream, *_needles(declared), "Programming Language :: Python")
    return (
        Breakage(
            rule="python-dropped",
            symbol=REQUIRES_PYTHON,
            module="",
            name=REQUIRES_PYTHON,
            how="requirement",
            detail=f"installers keep {upstream.name} {upstream.baseline} there",
            facts={"python": ", ".join(gone), "requires_python": needs or ""},
            file=file,
            line=line,
        ),
    )


def _requires(artifact: Artifact) -> str | None:
    return artifact.metadata.requires_python or artifact.release.requires_python


def _feature(python: str) -> str:
    return ".".join(python.partition("-")[0].split(".")[:2])


def _needles(declared: str | None) -> tuple[str, ...]:
    if declared is None:
        return ()
    return (f"Requires-Python: {declared}", f'requires-python = "{declared}"', "requires-python", "python_requires")


def _classified(downstream: Artifact) -> frozenset[str]:
    if downstream.metadata.requires_python is not None:
        return frozenset()
    found: set[str] = set()
    for file in metadata_files(downstream):
        try:
            text = (downstream.root / file).read_text("utf-8", errors="replace")[:200_000]
        except OSError:
            continue
        found.update(_CLASSIFIER.findall(text))
    return frozenset(found)


def _asked_on(requirement: str, python: str) -> bool:
    """Whether some line of the requirement applies on that Python."""
    lines = requirement.split(SEPARATOR)
    return any(
        applies(line, environment)
        for environment in environments(lines, requires_python=f"=={python}.*")
        for line in lines
    )
