"""`tailrace gate collect`: looks at channels and indexes, checks the downstreams that they offer, and keeps both as
evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tailrace.cli.app import CONTEXT
from tailrace.cli.index_reader import INDEX, AskedIndex, index_sources, is_index

if TYPE_CHECKING:
    from tailrace.conda.records import Channel
    from tailrace.gate.channel_state import ChannelState
    from tailrace.gate.names import Subject
    from tailrace.gate.policy import Policy
    from tailrace.model import CheckReport
    from tailrace.sources import Sources


@click.command("collect", context_settings=CONTEXT)
@click.argument("subject", metavar="SUBJECT")
@click.option("--target", metavar="CHANNEL", help="Only this target.  [default: all of the policy]")
@click.option(
    "--channel",
    "-c",
    "declared",
    multiple=True,
    metavar="NAME=PLACE",
    help="Where a channel of the policy is: a name, a URL or a folder; `index`, `index+URL` or `index+FOLDER` for a "
    "package index; repeatable.  [default: channels in the policy]",
)
@click.option(
    "--downstream",
    "-d",
    "named",
    multiple=True,
    metavar="NAME",
    help="A package of an index that uses the release; repeatable.  [default: those in the policy]",
)
@click.option("--candidate", metavar="SPEC", help="The release to check.  [default: as a channel offers it]")
@click.option("--baseline", metavar="SPEC", help="What to compare with.  [default: the release that the target offers]")
@click.option("--subdir", "subdirs", multiple=True, metavar="SUBDIR", help="Only this platform; repeatable.")
@click.option("--no-check", is_flag=True, help="Look at the channels only.")
@click.option("--at", metavar="TIME", help="Look at the channels as of a past moment, UTC.  [default: now]")
@click.option("--ledger", "folder", type=click.Path(path_type=Path), metavar="DIR", help="The ledger.  [default: gate]")
def command(
    subject: str,
    target: str | None,
    declared: tuple[str, ...],
    named: tuple[str, ...],
    candidate: str | None,
    baseline: str | None,
    subdirs: tuple[str, ...],
    no_check: bool,
    at: str | None,
    folder: Path | None,
) -> int:
    """Make the evidence that a decision on a release needs.

    These are the states of the channels, and a check of all downstreams.

    \b
        tailrace gate collect 'conda 4.13.0'
        tailrace gate collect 'conda 4.13.0' --channel defaults=./defaults --candidate ./conda-4.13.0-0.conda
        tailrace gate collect 'mylib 2.0' --channel pypi=index --downstream otherlib --candidate .

    Every downstream version that a channel offers and whose metadata lets the release in is checked. A channel that
    cannot be read is named, and stays unknown. An index does not say who requires a package: the policy names the
    downstreams (in its groups, or as `downstreams` of a rule), or --downstream does.

    Exit status: 0 all was collected, 2 usage, 3 something could not be looked at.
    """
    import time

    import msgspec

    from tailrace.cli.failure import CLEAR, INCOMPLETE, plain, say
    from tailrace.cli.output import write_stdout
    from tailrace.gate.channel_records import observe_channel
    from tailrace.gate.evidence import make_evidence, parse_evidence
    from tailrace.gate.ledger import Ledger
    from tailrace.gate.moments import parse_time, show_moment
    from tailrace.gate.names import MAIN, channel_of, choose_target, parse_subject, target_label

    ledger = Ledger.find(folder)
    policy = ledger.read_policy()
    release = parse_subject(subject)
    targets = policy.targets if target is None else (choose_target(target, policy.targets),)
    places = _places(policy, declared)
    # Evidence is dated to the second; what was indexed within this second is on the channel all the same.
    seen = parse_time(at) if at is not None else int(time.time() * 1000)
    moment = seen // 1000 * 1000
    wanted = _wanted(policy, targets)
    states: dict[str, ChannelState] = {}
    found_at: dict[str, str] = {}
    indexes: list[Sources] = []
    lacking = False
    for one, needed in wanted.items():
        place = places.get(channel_of(one))
        if place is None:
            if needed:
                lacking = True
                name = channel_of(one)
                say(f"warning: the policy does not say where {name} is; name it with --channel {name}=PLACE")
            continue
        if is_index(place):
            if target_label(one) != MAIN:
                continue
            names = _names(policy, named)
            if not names:
                lacking = True
                say(f"warning: no downstream of {release} on {one} is known; name them with --downstream NAME")
            indexes.append(index_sources(place))
            states[one] = _look_at_index(policy, indexes[-1], one, release, names, seen)
            lacking = lacking or not states[one].complete
            found_at[one] = INDEX
            continue
        location = _labelled(place, one)
        channel = _load(location, subdirs, needed)
        if channel is None:
            lacking = lacking or needed
            continue
        states[one] = observe_channel(channel, one, release, _members(policy), seen)
        found_at[one] = channel.url
    made = [
        (make_evidence(msgspec.json.encode(state), made_at=show_moment(moment)), one) for one, state in states.items()
    ]
    if not no_check and any(rule.kind in ("check", "tandem") for rule in policy.rules):
        sources = indexes[0] if indexes else None
        report, complete = _check(policy, release, states, found_at, targets, candidate, baseline, sources, named)
        lacking = lacking or not complete
        if report is not None:
            from tailrace.report import render

            data = render(report, "json").encode()
            made.append((make_evidence(data, made_at=show_moment(moment), subject=_exactly(release, report)), "check"))
    for data, what in made:
        sha256, fresh = ledger.add_evidence(data)
        kind = parse_evidence(data, sha256).kind
        shown = f" of {what}" if kind == "channel-state" else ""
        write_stdout(plain(f"{sha256}  {kind}{shown}{'' if fresh else '  (known)'}"))
    return INCOMPLETE if lacking else CLEAR


def _places(policy: Policy, declared: Sequence[str]) -> dict[str, str]:
    """Channel → where it is."""
    places = dict(policy.channels)
    for text in declared:
        name, equals, place = text.partition("=")
        if not equals or not name or not place:
            raise click.UsageError(f"--channel {text}: write NAME=PLACE, such as defaults=./defaults.")
        places[name] = place
    return places


def _wanted(policy: Policy, targets: Sequence[str]) -> dict[str, bool]:
    """The targets to look at, and whether a decision needs them: those asked for, other channels that users have, and
    the labels of canaries, which need not be there yet.
    """
    from tailrace.gate.names import channel_of, label_target

    wanted = dict.fromkeys(targets, True)
    for rule in policy.rules:
        if rule.kind == "check":
            for channel in (channel for order in rule.settings.orders for channel in order):
                one = next((t for t in policy.targets if channel_of(t) == channel_of(channel)), channel)
                wanted.setdefault(one, True)
        elif rule.kind in ("tandem", "skew"):
            for one in policy.targets:
                wanted.setdefault(one, True)
    labels = dict.fromkeys((*(r.settings.label for r in policy.rules if r.kind == "nightly"), "canary", "rc"))
    for target in targets:
        for label in labels:
            wanted.setdefault(label_target(target, label), False)
    return wanted


def _names(policy: Policy, named: Sequence[str]) -> tuple[str, ...]:
    """The packages that are looked at on an index: those asked for, those of groups, and those that rules name."""
    rules = [glob for rule in policy.rules if rule.kind == "check" for glob in rule.settings.downstreams]
    known = [glob for glob in rules if not any(char in glob for char in "*?[")]
    return tuple(dict.fromkeys((*named, *known, *_members(policy))))


def _look_at_index(
    policy: Policy, sources: Sources, target: str, release: Subject, names: Sequence[str], seen: int
) -> ChannelState:
    from tailrace.gate.index_records import observe_index

    rules = [rule.settings.versions for rule in policy.rules if rule.kind == "check"]
    newest = bool(rules) and all(versions == "latest" for versions in rules)
    return observe_index(AskedIndex(sources, release.name), target, release, names, seen, newest=newest)


def _members(policy: Policy) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for members in policy.groups.values() for name in members))


def _labelled(place: str, target: str) -> str:
    """The place of a target's label."""
    from tailrace.gate.names import MAIN, target_key

    label = target_key(target).partition("/")[2] or MAIN
    return place if label == MAIN else f"{place.rstrip('/')}/label/{label}"


def _load(location: str, subdirs: Sequence[str], needed: bool) -> Channel | None:
    from tailrace.cli.channel.options import channel_cache
    from tailrace.cli.failure import say
    from tailrace.conda.errors import ChannelError
    from tailrace.conda.loading import load_channel, served_platforms

    try:
        return load_channel(location, tuple(subdirs) or served_platforms((location,)), cache=channel_cache())
    except ChannelError as error:
        if needed:
            say(f"warning: {error.message}")
        return None


def _check(
    policy: Policy,
    release: Subject,
    states: Mapping[str, ChannelState],
    found_at: Mapping[str, str],
    targets: Sequence[str],
    candidate: str | None,
    baseline: str | None,
    index: Sources | None,
    named: Sequence[str],
) -> tuple[CheckReport | None, bool]:
    """The check of all downstream versions that are offered and let the release in; and whether nothing is missing."""
    from tailrace.cli.failure import say
    from tailrace.cli.options import load_settings
    from tailrace.cli.progress import progress
    from tailrace.cli.wiring import make_options, make_sources
    from tailrace.gate.names import matches, same_name, version_order

    globs = [glob for rule in policy.rules if rule.kind == "check" for glob in rule.settings.downstreams]
    globs += [*named, *_members(policy)]
    downstreams: dict[tuple[str, str], str] = {}
    for one, state in states.items():
        for offered in state.offered:
            if same_name(offered.name, release.name) or not offered.requires or offered.admits is False:
                continue
            if not matches(globs, offered.name):
                continue
            downstreams.setdefault((offered.name, offered.version), _spec(found_at[one], offered.name, offered.version))
    if not downstreams:
        say(f"no package that the channels offer accepts {release}, so no check was made")
        return None, True
    if candidate is None:
        at = [one for one, state in states.items() if state.of(release.name, release.version)]
        # A canary is what is decided on, where there is one.
        at.sort(key=lambda one: one in targets)
        if not at:
            say(f"warning: no channel offers {release}, so it was not checked; name it with --candidate SPEC")
            return None, False
        candidate = _spec(found_at[at[0]], release.name, release.version)
    if baseline is None:
        older = [
            (offered.version, found_at[one])
            for one in targets
            if one in states
            for offered in states[one].of(release.name)
            if version_order(offered.version) < version_order(release.version)
        ]
        if older:
            version, place = max(older, key=lambda pair: version_order(pair[0]))
            baseline = _spec(place, release.name, version)
    from tailrace.check import check

    settings = load_settings({}, None)
    with progress(settings.quiet) as bar:
        report = check(
            candidate,
            baseline,
            [downstreams[key] for key in sorted(downstreams)],
            sources=index or make_sources(settings),
            options=make_options(settings, bar),
        )
    return report, True


def _spec(place: str, name: str, version: str) -> str:
    return f"{name}=={version}" if place == INDEX else f"{place}::{name}={version}"


def _exactly(release: Subject, report: CheckReport) -> Subject | None:
    """The subject as it was asked for: a candidate from git may have another version text than the release."""
    from tailrace.gate.names import same_name

    return release if same_name(report.candidate.name, release.name) else None
