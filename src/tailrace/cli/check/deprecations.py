"""`tailrace deprecations`: two releases, or a tree and the version that is to be cut from it, against a policy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tailrace.cli.completion import complete_release
from tailrace.cli.options import GroupedCommand, config_option, formats_option, load_settings, setting_options
from tailrace.config.settings import GROUPS

if TYPE_CHECKING:
    from tailrace.config.values import Settings
    from tailrace.model import CheckReport


@setting_options(
    GROUPS[2], GROUPS[3], only=("downstreams", "downstreams-from", "downstream-env", "color", "verbose", "quiet")
)
@click.command(cls=GroupedCommand, name="deprecations")
@click.argument("releases", metavar="BASELINE CANDIDATE | PATH", nargs=-1, shell_complete=complete_release)
@click.option(
    "--cutting",
    metavar="VERSION",
    help="Judge the candidate as the release of this version that is about to be cut.",
)
@click.option(
    "--profile",
    metavar="NAME",
    help="The policy: cep-9, conda-build, spec-0, n-minors[=N], pep-387 or semver.  [default: cep-9]",
)
@click.option(
    "--public",
    multiple=True,
    metavar="PATTERN",
    help="Which names are public: pkg.*, !pkg.core.*, __all__, or the path of an objects.inv.  "
    "[default: names without a leading underscore, tests apart]",
)
@formats_option("deprecations")
@config_option
def command(
    releases: Sequence[str],
    cutting: str | None,
    profile: str | None,
    public: Sequence[str],
    formats: Sequence[str],
    config_file: Path | None,
    **flags: Any,
) -> int:
    """Compare what was removed with what had been announced, and who uses it.

    What did this release remove without an announcement that these projects use?

    \b
        tailrace deprecations conda=24.1.0 conda=24.3.0 --downstream conda-build==24.1.2
        tailrace deprecations git+.@v1.4 . --profile n-minors --public 'mylib.*' --public '!mylib.core.*'

    Which removals are due in the version that is about to be cut from this tree?

    \b
        tailrace deprecations . --cutting 25.1.0

    A removal that was not announced and that a named downstream uses stops the release, as does an overdue mark where
    the profile says so. Everything else is a note.

    Exit status: 0 clear, 1 stop, 2 usage or configuration, 3 incomplete: something that could hide a stop was not read.
    """
    from dataclasses import replace

    from tailrace.artifacts import open_release
    from tailrace.check.comparable import notes_on_comparison, refuse_equal_specs
    from tailrace.check.run import open_upstream
    from tailrace.cli.formats import read_outputs
    from tailrace.cli.output import publish
    from tailrace.cli.progress import progress
    from tailrace.cli.wiring import make_sources
    from tailrace.deprecations.evaluate import Question, judge_pair, judge_tree
    from tailrace.deprecations.profiles import load_profile
    from tailrace.deprecations.public import read_public
    from tailrace.report import RenderOptions

    if not 1 <= len(releases) <= 2:
        raise click.UsageError("Name two releases, BASELINE CANDIDATE, or one PATH with --cutting VERSION.")
    if len(releases) == 1 and cutting is None:
        raise click.UsageError(
            f"Only {releases[0]} is named: name the release before it too, or the version with --cutting VERSION."
        )
    settings = load_settings(flags, config_file)
    outputs = read_outputs(formats, "deprecations")
    policy = load_profile(profile or settings.deprecations_profile)
    names = read_public(public or settings.deprecations_public)
    sources = make_sources(settings)
    question = Question(policy, names, cutting=cutting, cache_dir=sources.cache.root)
    if len(releases) == 1:
        report = judge_tree(open_release(releases[0], sources), question)
    else:
        with progress(settings.quiet) as bar:
            checked = _check(releases[0], releases[1], settings, bar)
            candidate, baseline = sources.resolve(releases[1]), sources.resolve(releases[0])
            refuse_equal_specs(candidate, baseline)
            pair = open_upstream(baseline, candidate, sources)
            notes_on_comparison(pair)  # which refuses two releases of different projects
            report = judge_pair(pair.baseline, pair.candidate, replace(question, checked=checked))
    publish(report, outputs, RenderOptions(verbose=settings.verbose), color=settings.color)
    return {"stop": 1, "clear": 0, "incomplete": 3}[report.verdict]


def _check(baseline: str, candidate: str, settings: Settings, bar: Any) -> CheckReport | None:
    """The check of the downstreams that were named; `None` where none was."""
    from tailrace.check.run import check
    from tailrace.cli.wiring import find_named_downstreams, make_options, make_sources

    sources = make_sources(settings)
    downstreams = find_named_downstreams(settings, sources)
    if not downstreams:
        return None
    return check(candidate, baseline, downstreams, sources=sources, options=make_options(settings, bar))
