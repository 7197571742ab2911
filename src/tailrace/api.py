"""The Python interface: the questions that the command line answers, as functions.

Each function is also an attribute of the package, as in `tailrace.check(…)`. All options are keyword-only. Values come
back as frozen structs, with the fields of the JSON report that the command line writes. A mistake of the caller, and
what could not be fetched or read, raises a subclass of `tailrace.TailraceError` whose text is one sentence with a way
out; its `exit_status` is 2 for a mistake and 3 for what could not be checked. Nothing of a package that is looked at is
imported or run.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from tailrace.model.errors import TailraceError

if TYPE_CHECKING:
    from tailrace.changes.releases import ReleaseDiff
    from tailrace.check.options import CheckOptions
    from tailrace.conda.records import Channel
    from tailrace.exposure.grid import ExposureReport
    from tailrace.hotfix.prove import HotfixProof
    from tailrace.hotfix.suggest import Suggestions
    from tailrace.lint import LintReport
    from tailrace.model import Address, CheckReport
    from tailrace.sources import Sources

Priority = Literal["strict", "flexible", "disabled"]
Reports = Sequence["CheckReport | str | Path"]
Name = TypeVar("Name", bound=str)

__all__ = ["check", "diff", "exposure", "lint", "prove_hotfix", "suggest_hotfix"]


class ApiError(TailraceError):
    """An argument of one of these functions has a value that it cannot have, or one that is needed is missing."""


def check(
    candidate: str | Address,
    baseline: str | Address | None = None,
    downstreams: Sequence[str | Address] = (),
    *,
    sources: Sources | None = None,
    options: CheckOptions | None = None,
) -> CheckReport:
    """Find which downstreams break when `candidate` replaces `baseline`.

    Args:
        candidate: the release that is to go out, as a release spec: `NAME==VERSION`, `CHANNEL::NAME=VERSION`, a path
            to an archive or a source tree, `git+URL@REF`, `env:PREFIX`.
        baseline: the release that it replaces, as a spec, a version or a git revision. By default the highest release
            below the candidate in the same source, or the last version tag.
        downstreams: specs of what uses the candidate. `env:PREFIX` stands for all that is installed there.
        sources: where releases come from. By default as pip and uv are configured.
        options: limits, number of processes, allow-list; see `tailrace.check.CheckOptions`.

    Returns:
        The report, with the schema `tailrace.check/1`. A downstream that could not be checked has the status
        `not-checked` and a reason.

    Raises:
        TailraceError: the candidate or the baseline cannot be fetched or opened, they are the same release, or no
            downstream is named.
    """
    from tailrace.check.options import CheckOptions
    from tailrace.check.run import check as run

    return run(candidate, baseline, downstreams, sources=sources, options=options or CheckOptions())


def diff(
    baseline: str, candidate: str, *, sources: Sources | None = None, different_projects: bool = False
) -> ReleaseDiff:
    """List what changed from `baseline` to `candidate` that can break a downstream.

    Args:
        baseline: a release spec, as for `check`.
        candidate: a release spec.
        sources: where releases come from. By default as pip and uv are configured.
        different_projects: also compare releases of two projects.

    Returns:
        Both releases, the changes sorted by rule and symbol, notes, and the modules that could not be read.

    Raises:
        TailraceError: a release cannot be fetched or opened, or they are of different projects.
    """
    from functools import partial

    from tailrace.changes.releases import diff_releases
    from tailrace.check.comparable import notes_on_diff
    from tailrace.sources import Sources

    judge = partial(notes_on_diff, different_projects=different_projects)
    return diff_releases(baseline, candidate, sources or Sources(), judge=judge)


def lint(
    paths: Sequence[str | Path] = (".",), *, disable: Sequence[str] = (), exclude: Sequence[str] | None = None
) -> LintReport:
    """Check files for channel policy: mixed channels, loose priority, leaks of tokens. Changes no file.

    Args:
        paths: files and folders.
        disable: ids of rules that are left out.
        exclude: names or patterns of files and folders to leave out. By default folders of test data.

    Returns:
        The report, with the schema `tailrace.lint/1`. A file that cannot be read is listed as unreadable, and the
        verdict is then not `clean`.

    Raises:
        TailraceError: a path does not exist, or there is no rule with such an id.
    """
    from tailrace.lint import TEST_DATA, get_lint_rule, lint_paths

    return lint_paths(
        tuple(map(str, paths)),
        disable=frozenset(get_lint_rule(rule).id for rule in disable),
        exclude=TEST_DATA if exclude is None else exclude,
    )


def exposure(
    specs: Sequence[str],
    channels: Sequence[str],
    *,
    broken: str | None = None,
    reports: Reports = (),
    fixed: Sequence[str] = (),
    clients: Sequence[str] = (),
    priorities: Sequence[Priority] = ("strict", "flexible", "disabled"),
    subdirs: Sequence[str] = (),
    every_order: bool = False,
    as_of: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    hotfixes: Sequence[str] = (),
    installed: str | Path | None = None,
    virtual_packages: str = "auto",
    add_pip: bool = True,
) -> ExposureReport:
    """Solve for every client, channel order, priority, platform and day, and show who gets which packages.

    Args:
        specs: match specs that are asked for together, such as `["conda-smithy", "conda >=4.13"]`.
        channels: names, URLs or folders, highest priority first.
        broken: what must not be installed together: `"conda >=4.13 & conda-build <3.21.9"`; `|` means or.
        reports: check reports, or paths to them, that show what is broken; instead of `broken`.
        fixed: builds that are known to be repaired, as `"NAME VERSION [BUILD]"`; beside `reports`.
        clients: names of clients. By default one of each family in a new environment; with `installed`, every client
            that would change that environment.
        priorities: channel priorities.
        subdirs: platforms such as `linux-64`. By default this machine's.
        every_order: look at every order of up to four channels, not only at the given one.
        as_of: past days (their end) or moments, in UTC, as `2022-05-26` or `2022-05-26T23:09Z`. By default now.
        since: with `until`: when exposure begins and ends between these days, instead of single days.
        until: the end of that time.
        hotfixes: which patches a channel had from a day on, as `CHANNEL=PATCHES[@DATE]`; several for its history. Such
            a channel is read without the hotfixes that it serves today.
        installed: a conda environment that the specs are installed into; it is only read, its pins are honoured.
        virtual_packages: `none`, `auto`, or a list such as `__glibc=2.28,__cuda=12.4`.
        add_pip: make pip a dependency of python, as conda does by default.

    Returns:
        The report, with the schema `tailrace.exposure/1`. `report.exposed` is true if anybody gets what is harmful. A
        cell without a solution has `exposed` null: it is neither safe nor exposed.

    Raises:
        TailraceError: a channel cannot be read, a spec or an expression cannot be parsed, or no channel has a package
            of a name that was given.
    """
    from tailrace.conda.loading import platforms_or_this
    from tailrace.conda.prefixes import load_prefix, read_pins, readable_pins
    from tailrace.exposure.ask import (
        answer_question,
        channel_orders,
        clients_asked,
        parse_moments,
        parse_span,
        suspected_specs,
    )
    from tailrace.exposure.grid import Question
    from tailrace.hotfix.apply.history import read_patch_history
    from tailrace.hotfix.suggest import harmful_combination

    given = _reports(reports)
    span = parse_span(since, until, as_of)
    harm = harmful_combination(broken, given, fixed)
    prefix = None if installed is None else Path(installed)
    platforms = platforms_or_this(subdirs)
    history = read_patch_history(hotfixes, channels)
    loaded = _channels(channels, platforms, history.names if history else ())
    if given:  # the builds of these channels make it exact
        harm = harmful_combination(None, given, fixed, loaded)
    question = Question(
        specs=tuple(specs),
        orders=channel_orders(loaded, every=every_order),
        priorities=_priorities(priorities),
        clients=clients_asked(_clients(clients), () if prefix is None else (prefix,)),
        subdirs=platforms,
        moments=parse_moments(as_of),
        broken=harm,
        virtual=virtual_packages,
        add_pip=add_pip,
        installed=() if prefix is None else load_prefix(prefix),
        hotfixes=history,
        pins=() if prefix is None else tuple(pin.spec for pin in readable_pins(read_pins(prefix, os.environ))[0]),
    )
    return answer_question(question, span=span, suspected=suspected_specs(harm, from_reports=bool(given)))


def suggest_hotfix(
    reports: Reports,
    channels: Sequence[str] = (),
    *,
    fixed: Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    subdirs: Sequence[str] = (),
    before: str | None = None,
) -> Suggestions:
    """Derive the narrowest repodata patch from check reports over several releases.

    Args:
        reports: check reports, or paths to them; best over several versions of both sides.
        channels: where the patch is to apply: names, URLs or folders. Each gets a patch of its own. Without any, only
            the releases that the reports name are known.
        fixed: builds that are known to be repaired, as `"NAME VERSION [BUILD]"`.
        names: what the channel calls a package that the reports call otherwise.
        subdirs: platforms whose records are looked at. By default those that a folder serves, else this machine's.
        before: builds made from that day on are left alone; by default from now on. `never` sets no such limit.

    Returns:
        The patch of each channel by its name (`by_channel[name].text` is the YAML), and the harmful combination as
        an expression. `exit_status` is 3 when nothing is shown broken and something could not be judged.

    Raises:
        TailraceError: no report is given, one cannot be read, a channel cannot be read, or a build cannot be parsed.
    """
    from tailrace.conda.loading import platforms_or_this, served_platforms
    from tailrace.hotfix.suggest import parse_cutoff, parse_fixed, suggest_by_channel

    given = _reports(reports)
    repaired = tuple(map(parse_fixed, fixed))
    cutoff = parse_cutoff(before)
    platforms = platforms_or_this(subdirs) if subdirs else served_platforms(channels)
    loaded = _channels(channels, platforms) if channels else ()
    return suggest_by_channel(given, loaded, fixed=repaired, names=names, before=cutoff)


def prove_hotfix(
    patches: str | Path | Mapping[str, str | Path],
    channels: Sequence[str],
    *,
    broken: str | None = None,
    reports: Reports = (),
    fixed: Sequence[str] = (),
    requests: Sequence[str] = (),
    clients: Sequence[str] = (),
    priorities: Sequence[Priority] = ("strict", "flexible", "disabled"),
    subdirs: Sequence[str] = (),
    every_order: bool = False,
    as_of: Sequence[str] = (),
    virtual_packages: str = "auto",
    add_pip: bool = True,
) -> HotfixProof:
    """Solve every cell of the grid without and with the patches, and compare.

    Args:
        patches: a YAML file, a folder of such files, or a patch_instructions.json, for all channels; or a mapping from
            the name of a channel to such a path.
        channels: names, URLs or folders, highest priority first.
        broken: what must not be installed together, as for `exposure`.
        reports: check reports, or paths to them, that show what is broken; instead of `broken`.
        fixed: builds that are known to be repaired; beside `reports`.
        requests: what users ask for, each one or several match specs joined by `&`. The packages of the harmful
            combination and every release whose record changes are asked for besides.
        clients, priorities, subdirs, every_order, as_of, virtual_packages, add_pip: as for `exposure`.

    Returns:
        The proof, with the schema `tailrace.hotfix-proof/1`. The verdict is `proven` if some cell got the harmful
        combination before, none does with the patches, and no cell that was solved has become unsolvable.

    Raises:
        TailraceError: nothing is said to be harmful, or as for `exposure`.
    """
    from tailrace.conda.loading import channel_name, platforms_or_this
    from tailrace.conda.specs import parse_spec
    from tailrace.exposure.ask import channel_orders, clients_asked, parse_moments, suspected_specs
    from tailrace.exposure.grid import Question
    from tailrace.exposure.known_names import refuse_unknown_names
    from tailrace.hotfix.apply.channel import load_channel_patches, served_indexes
    from tailrace.hotfix.prove import parse_request, prove
    from tailrace.hotfix.suggest import harmful_combination

    given = _reports(reports)
    harm = harmful_combination(broken, given, fixed)
    if harm is None:
        raise ApiError("It is not said what is harmful.", hint="Give `broken` or `reports`.")
    asked = tuple(map(parse_request, requests))
    named = tuple(parse_spec(spec) for request in asked for spec in request)
    names = tuple(dict.fromkeys(map(channel_name, channels)))
    by_channel = patches if isinstance(patches, Mapping) else dict.fromkeys(names, patches)
    if strange := sorted(set(by_channel) - set(names)):
        raise ApiError(f"There are patches for {', '.join(strange)}; the channels are {', '.join(names)}.")
    read = {name: load_channel_patches(Path(path)) for name, path in by_channel.items()}
    platforms = platforms_or_this(subdirs)
    loaded = _channels(channels, platforms)
    refuse_unknown_names((*named, *suspected_specs(harm, from_reports=bool(given))), loaded)
    if given:
        harm = harmful_combination(None, given, fixed, loaded)
    question = Question(
        specs=(),
        orders=channel_orders(loaded, every=every_order),
        priorities=_priorities(priorities),
        clients=clients_asked(_clients(clients)),
        subdirs=platforms,
        moments=parse_moments(as_of),
        broken=harm,
        virtual=virtual_packages,
        add_pip=add_pip,
    )
    return prove(read, question, asked, indexes=served_indexes(channels, platforms))


def _reports(reports: Reports) -> tuple[tuple[str, CheckReport], ...]:
    """Each report with a name for messages: that of its file, else its number."""
    from tailrace.report.json import read_reports

    found: list[tuple[str, CheckReport]] = []
    for number, report in enumerate(reports, 1):
        found += read_reports((report,)) if isinstance(report, str | Path) else [(f"report {number}", report)]
    return tuple(found)


def _channels(texts: Sequence[str], subdirs: Sequence[str], unpatched: Collection[str] = ()) -> tuple[Channel, ...]:
    from tailrace.conda.loading import load_channels
    from tailrace.sources.cache import channel_cache_dir

    if isinstance(texts, str):
        raise ApiError("`channels` is one text.", hint=f"Give a list: [{texts!r}].")
    if not texts:
        raise ApiError("No channel is given.", hint='Name at least one, as in ["conda-forge"].')
    return load_channels(texts, subdirs, cache=channel_cache_dir(os.environ), unpatched=unpatched)


def _clients(names: Sequence[str]) -> tuple[str, ...]:
    from tailrace.solvers import CLIENTS

    return tuple(_known("client", names, CLIENTS))


def _priorities(names: Sequence[Priority]) -> tuple[Priority, ...]:
    from tailrace.solvers import PRIORITIES

    return tuple(_known("priority", names, PRIORITIES))


def _known(what: str, names: Sequence[Name], known: Sequence[str]) -> tuple[Name, ...]:
    for name in names:
        if name not in known:
            raise ApiError(f"There is no {what} {name!r}.", hint=f"Known are {', '.join(known)}.")
    return tuple(dict.fromkeys(names))
