"""What a kind of rule is given, and what it says. Every kind is one module of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from shlex import quote
from typing import Any

from tailrace.gate.calendar import Calendar
from tailrace.gate.channel_state import ChannelState
from tailrace.gate.decision import GateFinding, NextStep, State
from tailrace.gate.evidence import Evidence
from tailrace.gate.moments import show_duration, show_moment
from tailrace.gate.names import Subject, name_key
from tailrace.gate.policy import Policy, Rule
from tailrace.toml.fields import Field


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule says, before waivers. `opens_at`: ms; only with the state `wait`."""

    state: State
    reason: str
    findings: tuple[GateFinding, ...] = ()
    opens_at: int | None = None
    next: tuple[NextStep, ...] = ()
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """All that a rule may look at. `evidence`: what there was at the moment `at` (ms), oldest first. `later`: what is
    from after that moment. `together`: the releases that go out in the same step, the subject not among them.
    `cache`: what was decoded already, kept between rules and moments.
    """

    policy: Policy
    calendar: Calendar | None
    rule: Rule
    subject: Subject
    target: str
    at: int
    evidence: tuple[Evidence, ...]
    later: tuple[Evidence, ...] = ()
    together: tuple[Subject, ...] = ()
    cache: dict[tuple[str, type], Any] = field(default_factory=dict, compare=False)

    @property
    def named(self) -> str:
        """The subject as a word of a command line."""
        return quote(str(self.subject))

    @property
    def owner(self) -> str:
        """Who must act for this rule."""
        return self.rule.owner or self.policy.owner

    def of_kind(self, *kinds: str) -> tuple[Evidence, ...]:
        """Evidence on the subject that holds for the target, oldest first, whichever build it is of."""
        return tuple(
            one
            for one in self.evidence
            if one.kind in kinds and one.holds_for(self.target) and one.about(self.subject.name, self.subject.version)
        )

    def of_build(self, *kinds: str) -> tuple[tuple[Evidence, ...], int]:
        """The same for the very files that are decided on, and how many are of other builds.

        Where the files are not known, the newest evidence says which they are.
        """
        found = self.of_kind(*kinds)
        known = self.subject.hashes or next((one.hashes for one in reversed(found) if one.hashes), frozenset())
        usable = tuple(one for one in found if not known or not one.hashes or one.hashes & known)
        return usable, len(found) - len(usable)

    def decode(self, evidence: Evidence, kind: type[Any]) -> Any:
        """The body of a piece of evidence, decoded once. Raises EvidenceError."""
        key = (evidence.sha256, kind)
        if key not in self.cache:
            self.cache[key] = evidence.decode(kind)
        return self.cache[key]

    def is_old(self, evidence: Evidence, max_age: int | None) -> bool:
        """Whether it counts no more at this moment."""
        limits = [limit for limit in (max_age, evidence.valid_for) if limit is not None]
        return bool(limits) and self.at - evidence.made > min(limits)

    def state_of(self, target: str) -> tuple[ChannelState, Evidence] | None:
        """The newest state of a channel that was recorded for the subject; of two of one moment, the complete one."""
        from tailrace.gate.names import same_target

        found: tuple[ChannelState, Evidence] | None = None
        for one in reversed(self.evidence):
            if one.kind != "channel-state" or one.target is None or not same_target(one.target, target):
                continue
            if found is not None and one.made < found[1].made:
                break
            if one.about(self.subject.name, self.subject.version):
                state = self.decode(one, ChannelState)
                if found is None or (state.complete and not found[0].complete):
                    found = state, one
        return found

    def step(self, what: str, *, who: str | None = None, command: str = "") -> NextStep:
        """Something that somebody must do for this rule."""
        return NextStep(rule=self.rule.id, who=who or self.owner, what=what, command=command)

    def missing(self, what: str, others: int, *kinds: str, do: NextStep) -> Outcome:
        """The outcome where there is no evidence of these kinds. `others`: how much there is of other builds."""
        reason = f"there is no {what} of {self.subject}"
        later = sum(one.kind in kinds and one.about(self.subject.name, self.subject.version) for one in self.later)
        for number, where in ((others, "of another build"), (later, f"from after {show_moment(self.at)}")):
            if number:
                reason += f"; {number} {where} {'does' if number == 1 else 'do'} not count"
        return Outcome("unknown", reason, next=(do,))

    def too_old(self, what: str, evidence: Evidence, max_age: int | None, *, do: NextStep) -> Outcome:
        """The outcome where evidence counts no more."""
        limit = min(one for one in (max_age, evidence.valid_for) if one is not None)
        return Outcome(
            "unknown",
            f"the {what} of {show_moment(evidence.made)} is older than {show_duration(limit)}",
            next=(do,),
            evidence=(evidence.sha256,),
        )

    def waiver_command(self, *fingerprints: str) -> str:
        """The command that writes a waiver."""
        chosen = " ".join(f"--fingerprint {quote(one)}" for one in fingerprints)
        return (
            f"tailrace gate waive --rule {quote(self.rule.id)} --subject {self.named} {chosen} "
            "--reason TEXT --by WHO --approved-by WHO --expires DATE"
        )


def no_problems(settings: Any, groups: Mapping[str, tuple[str, ...]]) -> Iterable[str]:
    """For kinds whose settings cannot contradict each other or the groups."""
    return ()


@dataclass(frozen=True, slots=True)
class RuleKind:
    """A kind of rule. `settings`: makes the value of its settings; `fields`: how they are written; `problems`: what is
    wrong with settings that are well-formed.
    """

    name: str
    summary: str
    settings: Callable[..., Any]
    fields: Mapping[str, Field]
    judge: Callable[[Case], Outcome]
    problems: Callable[[Any, Mapping[str, tuple[str, ...]]], Iterable[str]] = no_problems


def listed(words: Iterable[str], *, limit: int = 6) -> str:
    """`a, b and c`; `a, b and 7 more` where there are too many."""
    found = list(words)
    if len(found) > limit:
        found = [*found[: limit - 1], f"{len(found) - limit + 1} more"]
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}" if found else "nothing"


def offered_text(targets: Iterable[str]) -> str:
    """`what defaults/main offers`, `what defaults/main and conda-forge/main offer`."""
    found = list(targets)
    return f"what {listed(found)} {'offers' if len(found) == 1 else 'offer'}"


def releases_text(releases: Iterable[tuple[str, str]]) -> str:
    """`conda-build 3.21.7, 3.21.8 and mamba 0.23.3`, each package once."""
    from tailrace.gate.names import version_order

    groups: dict[str, list[str]] = {}
    for name, version in releases:
        groups.setdefault(name, []).append(version)
    texts = []
    for name, versions in sorted(groups.items(), key=lambda item: name_key(item[0])):
        ordered = sorted(set(versions), key=version_order)
        shown = ordered if len(ordered) <= 4 else [*ordered[:2], "…", ordered[-1]]
        texts.append(f"{name} {', '.join(shown)}")
    return listed(texts, limit=8)


def count(number: int, noun: str) -> str:
    """`1 release`, `3 releases`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
