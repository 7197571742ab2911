"""Reads what a channel offers, as far as one release is concerned, from its records. Imports conda's matching; the
evaluation does not.
"""

from __future__ import annotations

from collections.abc import Collection

from tailrace.conda.records import Channel, Record
from tailrace.conda.specs import Spec, parse_dependency, version_meets
from tailrace.gate.channel_state import ChannelState, Offered
from tailrace.gate.evidence import SubjectText
from tailrace.gate.moments import show_moment
from tailrace.gate.names import Subject, name_key, same_version


def observe_channel(
    channel: Channel, target: str, subject: Subject, members: Collection[str], as_of: int
) -> ChannelState:
    """What the channel offers at a moment (ms): the subject's package, what requires it, and the `members` that go out
    with it. Records with hotfixes are taken as they are served.

    A record that is removed is not offered. The state is not complete where entries of the index could not be read.
    """
    names = {name_key(subject.name), *map(name_key, members)}
    builds = [one for one in channel.records() if _is_subject(one, subject)]
    offered = []
    for record in channel.records():
        if record.removed or (record.appeared is not None and record.appeared > as_of):
            continue
        requires = [text for text in (*record.depends, *record.constrains) if _names(text, subject)]
        if not requires and name_key(record.name) not in names:
            continue
        is_own = name_key(record.name) == name_key(subject.name)
        offered.append(
            Offered(
                name=record.name,
                version=record.version,
                build=record.build,
                build_number=record.build_number,
                subdir=record.subdir,
                since=show_moment(record.appeared) if record.appeared is not None else None,
                requires=tuple(sorted(requires)) if not is_own else (),
                admits=_admits(requires, subject, builds) if requires and not is_own else None,
            )
        )
    return ChannelState(
        channel=target,
        subject=SubjectText(name=subject.name, version=subject.version),
        as_of=show_moment(as_of),
        complete=not any(subdir.refused for subdir in channel.subdirs),
        offered=tuple(sorted(offered, key=lambda one: (one.name, one.version, one.build, one.subdir))),
    )


def _is_subject(record: Record, subject: Subject) -> bool:
    return name_key(record.name) == name_key(subject.name) and same_version(record.version, subject.version)


def _names(text: str, subject: Subject) -> bool:
    return name_key(parse_dependency(text).name) == name_key(subject.name)


def _admits(requires: list[str], subject: Subject, builds: list[Record]) -> bool | None:
    """Whether all the specs let some build of the subject in; None where that depends on builds that are not known."""
    specs = [parse_dependency(text) for text in requires]
    if any(spec.never or not _version_fits(spec, subject) for spec in specs):
        return False
    if all(spec.exactness <= 2 for spec in specs):
        return True
    if not builds:
        return None
    return any(
        all(Spec(spec.text, build.name, spec.version, spec.build, spec.build_number).matches(build) for spec in specs)
        for build in builds
    )


def _version_fits(spec: Spec, subject: Subject) -> bool:
    return spec.version is None or version_meets(spec.version, subject.version)
