"""Reads a git repository without running any of its programs: the tags with their moments, and what was committed."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tailrace.gate.errors import RepositoryError

SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class TaggedVersion:
    """A tag that is a version. `at`: when it was made, ms since the epoch; of an annotated tag its own time. `id`: the
    object that it names.
    """

    tag: str
    version: str
    at: int
    id: str = ""


def read_git(view: Path, *arguments: str) -> bytes | None:
    """What git prints; None where it fails. `view`: see `sources.gitview`."""
    from tailrace.sources.gitview import environment_for_reading, git_program

    done = subprocess.run(
        [git_program(), *arguments],
        cwd=view,
        env=environment_for_reading(view),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=SECONDS,
    )
    return done.stdout if done.returncode == 0 else None


def version_tags(folder: Path) -> tuple[TaggedVersion, ...]:
    """The tags of a repository that are versions. Raises RepositoryError."""
    from tailrace.sources.git import split_tag
    from tailrace.sources.gitview import GitView

    view = GitView.of(folder)
    if view is None:
        raise RepositoryError(f"{folder} is not a git repository.", hint="Name a clone, as in --repo conda=../conda.")
    view.refresh()
    told = read_git(
        view.path, "for-each-ref", "--format=%(refname:strip=2) %(objectname) %(creatordate:unix)", "refs/tags"
    )
    if told is None:
        raise RepositoryError(f"the tags of {folder} cannot be read.", hint="Is the clone whole?")
    found = []
    for line in told.decode("utf-8", "replace").splitlines():
        tag, _, rest = line.partition(" ")
        object_id, _, moment = rest.partition(" ")
        split = split_tag(tag)
        if split is not None and moment.isdigit():
            found.append(TaggedVersion(tag, split[1], int(moment) * 1000, object_id))
    return tuple(found)
