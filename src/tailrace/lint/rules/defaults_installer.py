"""`defaults-installer`: Miniconda or Anaconda is set up, which brings `defaults` along."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tailrace.lint.context import context_of, removes_defaults
from tailrace.lint.facts import Document, Machines
from tailrace.lint.names import is_community
from tailrace.lint.rules.interface import Example, LintRule, Problem
from tailrace.lint.source import Word
from tailrace.model.finding import Severity

_IMAGE = re.compile(r"(?:^|/)(?:continuumio|anaconda)/(?:mini|ana)conda|(?:^|/)miniconda3?(?::|$)", re.IGNORECASE)
_FILE = re.compile(r"\b(?:Miniconda[23]?|Anaconda[23]?)-(?:latest|py\d+|\d|\$)[^\s'\"]*", re.IGNORECASE)


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    machines = Machines(document.jobs)
    known: dict[int | None, Severity | None] = {}

    def severity_at(at: Word) -> Severity | None:
        job = machines.job_at(at.start)
        if job not in known:
            known[job] = _severity(document, at, project)
        return known[job]

    for image in document.images:
        severity = severity_at(image) if _IMAGE.search(image.text) else None
        if severity:
            yield Problem(
                image,
                f"the image `{image.text}` is configured for `defaults`",
                "Begin with condaforge/miniforge3, or run `conda config --remove channels defaults` first.",
                severity=severity,
            )
    reported = False
    for word in document.words:
        found = None if reported else _FILE.search(word.text)
        severity = severity_at(word) if found else None
        if found and severity:
            reported = True  # what is downloaded is named again when it is run
            yield Problem(
                word,
                f"the installer `{found[0][:60]}` configures `defaults`",
                "Install Miniforge, or run `conda config --remove channels defaults` after it.",
                severity=severity,
            )


def _severity(document: Document, at: Word, project: Sequence[Document]) -> Severity | None:
    """`None` where `defaults` is removed after all; only a note where nothing says that conda-forge is meant."""
    # What a later stage of a container does, it does to the same installation.
    here = document if document.kind == "container" else context_of(document, at, project)
    if removes_defaults(here):
        return None
    wanted = any(is_community(word.text) for listing in here.channels for word in listing.channels)
    return "warning" if wanted else "note"


RULE = LintRule(
    id="defaults-installer",
    title="An installer configures `defaults`",
    severity="warning",
    summary="A Miniconda or Anaconda image or installer is used, and its `defaults` are not removed.",
    why="""\
Miniconda and Anaconda are configured for `defaults`, and a channel that is added later is searched together with it.
On a build machine, packages of both channels are then mixed. Miniforge and micromamba do not configure `defaults`.

It is a warning where the same file uses conda-forge, and a note where `defaults` may be intended.
""",
    repair="""\
Use Miniforge, or remove the channel directly after the installation.

```dockerfile
FROM continuumio/miniconda3
RUN conda config --system --remove channels defaults && conda config --system --add channels conda-forge
```
""",
    examples=(
        Example(
            "Dockerfile",
            bad="FROM continuumio/miniconda3:latest\nRUN conda install -y --override-channels -c conda-forge numpy\n",
            good="FROM condaforge/miniforge3:latest\nRUN conda install -y numpy\n",
        ),
        Example(
            "ci/install.sh",
            bad="sh Miniconda3-latest-Linux-x86_64.sh -b\nconda config --add channels conda-forge\n",
            good="sh Miniforge3-Linux-x86_64.sh -b\nconda config --add channels conda-forge\n",
        ),
    ),
    check=_check,
)
