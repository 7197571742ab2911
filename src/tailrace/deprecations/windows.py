"""Decides whether marks give enough time: too short, off schedule, overdue, brought forward."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from packaging.version import Version

from tailrace.deprecations.model import DeprecationRule
from tailrace.deprecations.profiles import WindowPolicy
from tailrace.deprecations.versions import minors_between, month_of, read_version
from tailrace.python.marks import DeprecationMark


@dataclass(frozen=True, slots=True)
class Fault:
    """One departure, in words. `unknown`: it could not be judged, and the message says why."""

    rule: DeprecationRule
    message: str
    unknown: bool = False


def is_overdue(mark: DeprecationMark, version: Version) -> bool:
    """Whether the version of removal is reached."""
    due = read_version(mark.deprecation.removed_in)
    return due is not None and due <= version


def overdue_fault(mark: DeprecationMark, version: Version) -> Fault:
    """What an overdue mark means."""
    raised = "; with it the package raises when the module is imported" if mark.raises else ""
    said = (
        f"its removal was announced for {mark.deprecation.removed_in}, which {version} reaches, and it is still there"
    )
    return Fault("removal-overdue", said + raised)


def window_faults(mark: DeprecationMark, first: Version, first_text: str, profile: WindowPolicy) -> Iterator[Fault]:
    """What is wrong with the versions of a mark that `first` is the first release to have."""
    since, removal = read_version(mark.deprecation.since), read_version(mark.deprecation.removed_in)
    short = []
    for least, start, end, said in (
        (
            profile.pending,
            first,
            since,
            "first marked in {first}, it is deprecated in {since}: {got} of notice, of {least}",
        ),
        (profile.deprecated, since, removal, "deprecated in {since}, it is removed in {removal}: {got}, of {least}"),
        (profile.total, first, removal, "first marked in {first}, it is removed in {removal}: {got}, of {least}"),
    ):
        if not least or start is None or end is None:
            continue
        got = distance(start, end, profile)
        names = {"first": first_text, "since": mark.deprecation.since, "removal": mark.deprecation.removed_in}
        if got is None:
            yield Fault("window-too-short", f"no distance is known between {start} and {end}", unknown=True)
        elif got < least:
            short.append(said.format(**names, got=_shown(got, profile), least=_shown(least, profile)))
    if short:
        yield Fault("window-too-short", f"{'; '.join(short)} that {profile.title} asks for")
    off = [
        f"{what} in {text}"
        for what, text, version in (
            ("deprecated", mark.deprecation.since, since),
            ("removed", mark.deprecation.removed_in, removal),
        )
        if version is not None and not _on_schedule(version, profile, removal=what == "removed")
    ]
    if off:
        yield Fault("window-off-schedule", f"it is {' and '.join(off)}; {profile.title} has {_schedule(profile)}")


def removal_fault(
    mark: DeprecationMark, candidate: Version, candidate_text: str, profile: WindowPolicy
) -> Fault | None:
    """A removal that was announced, and comes too early or after too short a time."""
    removal, since = read_version(mark.deprecation.removed_in), read_version(mark.deprecation.since)
    if removal is not None:
        if candidate < removal:
            text = mark.deprecation.removed_in
            return Fault("removed-early", f"it is gone in {candidate_text}, and its removal was announced for {text}")
    if profile.removals == "major" and (candidate.minor or candidate.micro):
        return Fault(
            "removed-early", f"{candidate_text} is not a major release, and only those remove ({profile.title})"
        )
    least = profile.deprecated or profile.total
    if removal is None and since is not None and least:
        got = distance(since, candidate, profile)
        if got is not None and got < least:
            said = f"deprecated since {mark.deprecation.since}, it is gone in {candidate_text}"
            said += f": {_shown(got, profile)}, of {_shown(least, profile)} that {profile.title} asks for"
            return Fault("window-too-short", said)
    return None


def distance(first: Version, last: Version, profile: WindowPolicy) -> int | None:
    """How far two versions are apart, in months or minor releases; `None` where it is not known."""
    if profile.scheme == "minors":
        return minors_between(first, last)
    start, end = month_of(first), month_of(last)
    return None if start is None or end is None else end - start


def _on_schedule(version: Version, profile: WindowPolicy, *, removal: bool) -> bool:
    if removal and profile.removals == "major" and (version.minor or version.micro):
        return False
    if not profile.schedule:
        return True
    parts = [*version.release, 0][:2]
    return any(fnmatchcase(f"{parts[0]}.{parts[1]}", pattern) for pattern in profile.schedule)


def _schedule(profile: WindowPolicy) -> str:
    if profile.removals == "major" and not profile.schedule:
        return "removals in major releases only"
    return f"releases {', '.join(profile.schedule)} for that"


def _shown(number: int, profile: WindowPolicy) -> str:
    unit = "month" if profile.scheme == "months" else "minor release"
    return f"{number} {unit}{'' if number == 1 else 's'}"
