"""A project's history as the gate would have decided it: which releases there were, against whom each must be checked,
and what the evaluation says of the reports. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from tailrace.gate.decision import Decision
from tailrace.gate.evaluate import Facts, evaluate
from tailrace.gate.evidence import Evidence, hash_of, make_evidence, parse_evidence
from tailrace.gate.git import TaggedVersion
from tailrace.gate.moments import show_moment
from tailrace.gate.names import Subject, name_key, version_order
from tailrace.gate.policy import Policy, parse_policy
from tailrace.model.report import CheckReport

#: What decides where no policy is named: nobody breaks, no removal is overdue, and nobody is about to leave.
POLICY = """
schema = "tailrace.policy/1"
id = "replay"
subjects = ["*"]
targets = ["release"]
[[rules]]
id = "removals-due"
kind = "deprecation"
overdue = "stop"
unannounced-used = "note"
early = "note"
brought-forward = "note"
[[rules]]
id = "quiet-days"
kind = "calendar"
hours-before = 48
quiet-days = 2
calendars = ["US"]
"""
#: The same for a project whose downstreams are named.
CHECKED = """
[[rules]]
id = "no-new-breaks"
kind = "check"
versions = "listed"
max-age = "1d"
"""


@dataclass(frozen=True, slots=True)
class PastCheck:
    """One check to be made: a release, the one before it, and the downstreams of that day, each by name and tag."""

    release: TaggedVersion
    baseline: TaggedVersion
    downstreams: tuple[tuple[str, TaggedVersion], ...]

    def key(self, name: str, code: str, kind: str = "check", options: Sequence[str] = ()) -> str:
        """What names its report of a kind in a cache: all that it depends on. `code`: the version of the code that
        makes it. `options`: how it is made.
        """
        parts = [kind, code, *options, name_key(name), self.release.id, self.baseline.id]
        parts += [f"{downstream} {tag.tag} {tag.id}" for downstream, tag in self.downstreams]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class DecidedRelease(msgspec.Struct, frozen=True, kw_only=True):
    """One release. `decision`: what the gate says for the moment of the tag."""

    version: str
    baseline: str
    tagged: str
    downstreams: tuple[str, ...]
    decision: Decision


class GateReplay(msgspec.Struct, frozen=True, kw_only=True):
    """A project's history. Format `tailrace.gate-replay/1`; fields are only ever added."""

    schema: Literal["tailrace.gate-replay/1"] = "tailrace.gate-replay/1"
    project: str
    releases: tuple[DecidedRelease, ...]


def own_tags(name: str, tags: Sequence[TaggedVersion]) -> tuple[TaggedVersion, ...]:
    """The final versions of one project among the tags of a repository, oldest version first.

    Where tags are prefixed with the project's name (`mamba-1.5.0`), the others belong to other projects.
    """
    finals = [one for one in tags if all(part.isdigit() for part in one.version.split("."))]
    prefixed = [one for one in finals if name_key(one.tag.removesuffix(one.version).rstrip("-_/v")) == name_key(name)]
    plain = [one for one in finals if one.tag in (one.version, f"v{one.version}")]
    return tuple(sorted(prefixed or plain, key=lambda one: (version_order(one.version), one.tag)))


def plan_checks(
    tags: Sequence[TaggedVersion],
    downstreams: Mapping[str, Sequence[TaggedVersion]],
    *,
    since: str | None,
    until: str | None,
    versions: int = 1,
    patches: bool = False,
) -> tuple[PastCheck, ...]:
    """The checks, oldest release first. `since`, `until`: versions, both included with their patch releases.

    `versions`: so many of each downstream, the newest of that day first. `patches`: patch releases as well.
    """
    found = []
    for place, one in enumerate(tags):
        if place == 0 or not _lies_between(one.version, since, until):
            continue
        if not patches and any(part != "0" for part in one.version.split(".")[2:]):
            continue
        there = [
            (name, tag)
            for name, others in downstreams.items()
            for tag in [other for other in others if other.at <= one.at][-versions:][::-1]
        ]
        found.append(PastCheck(one, tags[place - 1], tuple(there)))
    return tuple(found)


def _lies_between(version: str, since: str | None, until: str | None) -> bool:
    if since is not None and version_order(version) < version_order(since):
        return False
    if until is None:
        return True
    series = ".".join(version.split(".")[: max(len(until.split(".")), 1)])
    return version_order(series) <= version_order(until)


def named_by_tags(
    check: PastCheck, name: str, specs: Mapping[str, tuple[str, str]], report: CheckReport
) -> CheckReport:
    """The report with names and versions as the tags say: a tree may say another version, or none. `specs`: spec of a
    downstream → name and version.
    """
    downstreams = tuple(
        msgspec.structs.replace(one, name=specs[one.spec][0], version=specs[one.spec][1]) if one.spec in specs else one
        for one in report.downstreams
    )
    candidate = msgspec.structs.replace(report.candidate, name=name, version=check.release.version)
    baseline = msgspec.structs.replace(report.baseline, name=name, version=check.baseline.version)
    return msgspec.structs.replace(report, downstreams=downstreams, candidate=candidate, baseline=baseline)


def default_policy(*, checked: bool) -> Policy:
    """The policy of a replay for which none is named. `checked`: there are downstreams to be checked."""
    return parse_policy((POLICY + CHECKED * checked).encode(), "the policy of a replay")


def decide_past(
    policy: Policy, name: str, check: PastCheck, report: CheckReport | None, more: Sequence[Evidence] = ()
) -> DecidedRelease:
    """What the gate says on the day of the tag, on the first target of the policy. `more`: other evidence of that day,
    such as what a channel offered.
    """
    subject = Subject(name=name, version=check.release.version)
    evidence = list(more)
    if report is not None:
        data = make_evidence(msgspec.json.encode(report), made_at=show_moment(check.release.at), subject=subject)
        evidence.append(parse_evidence(data, hash_of(data)))
    facts = Facts(policy, evidence=tuple(evidence))
    return DecidedRelease(
        version=check.release.version,
        baseline=check.baseline.version,
        tagged=show_moment(check.release.at),
        downstreams=tuple(f"{downstream} {tag.version}" for downstream, tag in check.downstreams),
        decision=evaluate(facts, subject, policy.targets[0], check.release.at),
    )
