"""`tailrace gate replay`: the history of a project as the gate would have decided it, from the tags of repositories."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tailrace.cli.app import CONTEXT
from tailrace.cli.format_choice import FormatChoice

if TYPE_CHECKING:
    from tailrace.conda.records import Channel
    from tailrace.gate.evidence import Evidence
    from tailrace.gate.past import PastCheck
    from tailrace.gate.policy import Policy
    from tailrace.model import CheckReport


@click.command("replay", context_settings=CONTEXT)
@click.option(
    "--repo",
    "repos",
    multiple=True,
    required=True,
    metavar="NAME=PATH",
    help="A git repository: first that of the project, then those of its downstreams; PATH#subdirectory=DIR where the "
    "package is not at its top. Repeatable.",
)
@click.option("--since", metavar="VERSION", help="The first release.")
@click.option("--until", metavar="VERSION", help="The last release.")
@click.option(
    "--versions",
    default=1,
    show_default=True,
    type=click.IntRange(1, 50),
    help="How many of the newest versions of each downstream to check.",
)
@click.option("--patches", is_flag=True, help="Patch releases as well, not only the first of each series.")
@click.option(
    "--channel",
    "-c",
    "channels",
    multiple=True,
    metavar="NAME=PLACE",
    help="A conda channel whose records of that day say what contains a break; repeatable.",
)
@click.option("--policy", "policy_file", type=click.Path(path_type=Path), metavar="FILE", help="Decide by this policy.")
@click.option("--cached", is_flag=True, help="Check nothing: decide from the reports of earlier replays.")
@click.option("--format", "-f", "format_", type=FormatChoice("gate-replay"), default="text", show_default=True)
def command(
    repos: tuple[str, ...],
    since: str | None,
    until: str | None,
    versions: int,
    patches: bool,
    channels: tuple[str, ...],
    policy_file: Path | None,
    cached: bool,
    format_: str,
) -> int:
    """Show what the gate would have decided on past releases.

    \b
        tailrace gate replay --repo conda=../conda --repo conda-build=../conda-build --since 22.9 --until 24.3

    Each release is checked against the newest downstreams of its day. The reports are kept, so that a second run only
    decides. Without a policy, three rules apply: no downstream breaks, no removal is overdue, and no quiet
    days are near.
    """
    from tailrace.cli.failure import say
    from tailrace.cli.formats import Output
    from tailrace.cli.output import publish
    from tailrace.gate.git import version_tags
    from tailrace.gate.ledger import read_policy_file
    from tailrace.gate.past import GateReplay, decide_past, default_policy, own_tags, plan_checks
    from tailrace.report import RenderOptions

    places = [_place(text) for text in repos]
    name, path, _ = places[0]
    if len(places) == 1:
        say("note: no downstream is named, so no release is checked; name them with further --repo NAME=PATH")
    if policy_file is None:
        policy = default_policy(checked=len(places) > 1)
    else:
        policy = read_policy_file(policy_file)
    checks = plan_checks(
        own_tags(name, version_tags(path)),
        {one: own_tags(one, version_tags(folder)) for one, folder, _ in places[1:]},
        since=since,
        until=until,
        versions=versions,
        patches=patches,
    )
    loaded = [_channel(text) for text in channels]
    past = []
    for check in checks:
        report = _report(check, places, cached=cached)
        more = _states(loaded, name, check)
        if any(rule.kind == "deprecation" for rule in policy.rules):
            more += _removals(check, places[0], _profile(policy), cached=cached)
        past.append(decide_past(_targeted(policy, loaded), name, check, report, more))
    found = GateReplay(project=name, releases=tuple(past))
    publish(found, [Output(format_)], RenderOptions())
    return 0


def _place(text: str) -> tuple[str, Path, str]:
    """`NAME=PATH#subdirectory=DIR` as its three parts."""
    name, equals, rest = text.partition("=")
    path, _, fragment = rest.partition("#")
    if not equals or not name or not path:
        raise click.UsageError(f"--repo {text}: write NAME=PATH, such as conda=../conda.")
    if fragment and not fragment.startswith("subdirectory="):
        raise click.UsageError(f"--repo {text}: after # only subdirectory=DIR is known.")
    return name, Path(path).expanduser().resolve(), f"#{fragment}" if fragment else ""


def _report(check: PastCheck, places: Sequence[tuple[str, Path, str]], *, cached: bool) -> CheckReport | None:
    """The check report of one release, from the cache where it is there; None where nothing can be checked."""
    from dataclasses import asdict, replace

    import msgspec

    from tailrace import disk
    from tailrace.check.code_version import code_version
    from tailrace.cli.failure import say
    from tailrace.cli.options import load_settings
    from tailrace.cli.wiring import make_options, make_sources
    from tailrace.gate.past import named_by_tags
    from tailrace.model import CheckReport

    if not check.downstreams:
        return None
    name, path, part = places[0]
    settings = load_settings({}, None)
    options = make_options(settings, None)
    how = [f"{key}={value}" for key, value in asdict(options).items() if key != "jobs"]
    how += [f"{one}{fragment}" for one, _, fragment in places]
    file = _cache() / f"{check.key(name, code_version(), options=how)}.json"
    try:
        return msgspec.json.decode(file.read_bytes(), type=CheckReport)
    except (OSError, msgspec.MsgspecError, UnicodeError, RecursionError):
        if cached:
            return None
    from tailrace.check import check as run
    from tailrace.cli.progress import progress
    from tailrace.gate.rules.interface import count

    where = {one: (folder_, fragment) for one, folder_, fragment in places}
    specs = {f"git+{where[one][0]}@{tag.tag}{where[one][1]}": (one, tag.version) for one, tag in check.downstreams}
    say(f"checking {name} {check.release.version} against {count(len(specs), 'downstream')}")
    with progress(settings.quiet) as bar:
        report = run(
            f"git+{path}@{check.release.tag}{part}",
            f"git+{path}@{check.baseline.tag}{part}",
            list(specs),
            sources=make_sources(settings),
            options=replace(options, progress=bar),
        )
    report = named_by_tags(check, name, specs, report)
    disk.make_folder(file.parent)
    disk.write_whole(file, msgspec.json.encode(report))
    return report


def _channel(text: str) -> tuple[str, Channel]:
    from tailrace.cli.channel.options import channel_cache
    from tailrace.conda.loading import load_channel, served_platforms

    name, equals, place = text.partition("=")
    if not equals or not name or not place:
        raise click.UsageError(f"--channel {text}: write NAME=PLACE, such as conda-forge=./conda-forge.")
    return name, load_channel(place, served_platforms((place,)), cache=channel_cache())


def _targeted(policy: Policy, channels: Sequence[tuple[str, Channel]]) -> Policy:
    """The policy with the channels as its targets where it has none of its own."""
    from dataclasses import replace

    if not channels or policy.targets != ("release",):
        return policy
    return replace(policy, targets=tuple(f"{name}/main" for name, _ in channels))


def _profile(policy: Policy) -> str:
    """The deprecation profile that the policy asks for."""
    named = [rule.settings.profile for rule in policy.rules if rule.kind == "deprecation" and rule.settings.profile]
    return str(named[0]) if named else "cep-9"


def _removals(check: PastCheck, place: tuple[str, Path, str], profile: str, *, cached: bool) -> list[Evidence]:
    """The deprecation report on the tree of the release, as evidence: what it should have removed and did not."""
    import msgspec

    from tailrace import disk
    from tailrace.check.code_version import code_version
    from tailrace.gate.evidence import hash_of, make_evidence, parse_evidence
    from tailrace.gate.moments import show_moment
    from tailrace.gate.names import Subject
    from tailrace.model.errors import TailraceError

    name, path, part = place
    file = _cache() / f"{check.key(name, code_version(), f'deprecations {profile}', [part])}.json"
    try:
        data = file.read_bytes()
    except OSError:
        if cached:
            return []
        from tailrace.artifacts import open_release
        from tailrace.cli.failure import say
        from tailrace.cli.options import load_settings
        from tailrace.cli.wiring import make_sources
        from tailrace.deprecations.evaluate import Question, judge_tree
        from tailrace.deprecations.profiles import load_profile
        from tailrace.deprecations.public import read_public

        sources = make_sources(load_settings({}, None))
        question = Question(load_profile(profile), read_public(()), cutting=check.release.version)
        try:
            report = judge_tree(open_release(f"git+{path}@{check.release.tag}{part}", sources), question)
        except TailraceError as error:
            say(f"warning: the deprecations of {name} {check.release.version} cannot be read: {error.message}")
            return []
        data = msgspec.json.encode(report)
        disk.make_folder(file.parent)
        disk.write_whole(file, data)
    subject = Subject(name=name, version=check.release.version)
    evidence = make_evidence(data, made_at=show_moment(check.release.at), subject=subject)
    return [parse_evidence(evidence, hash_of(evidence))]


def _cache() -> Path:
    """Where reports of earlier replays are kept."""
    import os

    from tailrace.sources.cache import channel_cache_dir

    return channel_cache_dir(os.environ).parent / "gate-replay"


def _states(channels: Sequence[tuple[str, Channel]], name: str, check: PastCheck) -> list[Evidence]:
    """What each channel offered on the day of the tag."""
    import msgspec

    from tailrace.gate.channel_records import observe_channel
    from tailrace.gate.evidence import hash_of, make_evidence, parse_evidence
    from tailrace.gate.moments import show_moment
    from tailrace.gate.names import Subject

    subject = Subject(name=name, version=check.release.version)
    found = []
    for one, channel in channels:
        state = observe_channel(channel, f"{one}/main", subject, (), check.release.at)
        data = make_evidence(msgspec.json.encode(state), made_at=show_moment(check.release.at))
        found.append(parse_evidence(data, hash_of(data)))
    return found
