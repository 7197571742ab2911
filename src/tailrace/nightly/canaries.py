"""Reports what each canary of a group is tonight, and what is wrong with its age."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tailrace.gate.moments import show_duration
from tailrace.model import Release, TailraceError
from tailrace.nightly.config import NightlyConfig, Project
from tailrace.nightly.values import Problem
from tailrace.verify import Feed

#: A clock of a server may be ahead so much.
_AHEAD = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Built:
    """A canary as it is tonight. `identity`: changes when it is built again. `made`: when it was, `None` where nothing
    says so.
    """

    release: Release
    identity: str
    made: datetime | None


def look_at_canaries(
    config: NightlyConfig, feed: Feed, now: datetime
) -> tuple[Mapping[str, Built], tuple[Problem, ...]]:
    """Project → canary, and a problem for each that is missing, older than its period, or from the future."""
    found: dict[str, Built] = {}
    problems: list[Problem] = []
    for project in config.projects:
        if project.canary is None:
            continue
        try:
            built = _look(feed, project.canary)
        except (TailraceError, OSError) as error:
            said = error.message if isinstance(error, TailraceError) else str(error)
            message = f"the canary of {project.name} is not there: {said}"
            problems.append(Problem(kind="canary-missing", project=project.name, message=message, owner=project.owner))
            continue
        found[project.name] = built
        if built.made is not None and (problem := judge_age(project, built.made, now)) is not None:
            problems.append(problem)
    return found, tuple(problems)


def judge_age(project: Project, made: datetime, now: datetime) -> Problem | None:
    """What is wrong with a canary that was built at this moment, `None` where nothing is."""
    since = show_time(made)
    age = int((now - made).total_seconds())
    if made - now > _AHEAD:
        message = f"the canary of {project.name} is dated {since}, which is in the future: a clock is wrong"
        return Problem(kind="clock", project=project.name, message=message, owner=project.owner, since=since)
    if age * 1000 <= project.period:
        return None
    message = (
        f"the canary of {project.name} was last built {show_duration(age * 1000)} ago ({since}); "
        f"it should be built every {show_duration(project.period)}"
    )
    return Problem(kind="canary-old", project=project.name, message=message, owner=project.owner, age=age, since=since)


def _look(feed: Feed, spec: str) -> Built:
    release = feed.resolve(spec)
    identity = release.sha256 or ""
    made = feed.sources.upload_time(release)
    if release.source == "git":
        identity = feed.sources.commit(release)
    elif release.source == "conda" and made is None:
        made = feed.sources.built(release)
    elif release.source in ("file", "directory"):
        path = feed.sources.locate(release).path
        made = datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.is_file() else None
        identity = identity or str(path.stat().st_mtime_ns)
    return Built(release, identity or f"{release.name} {release.version}", made)


def show_time(moment: datetime) -> str:
    """ISO 8601, UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
