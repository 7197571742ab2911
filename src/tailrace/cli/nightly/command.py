"""`tailrace nightly`: run canaries with the releases of others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tailrace.cli.app import CONTEXT
from tailrace.cli.options import GroupedCommand, load_settings, setting_options
from tailrace.config.settings import GROUPS
from tailrace.report.formats import formats_of

if TYPE_CHECKING:
    from tailrace.nightly.config import NightlyConfig
    from tailrace.nightly.values import NightlyReport

F = TypeVar("F", bound=Callable[..., Any])
_SOURCES = GROUPS[2]
nightly_file = click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("nightly.toml"),
    show_default=True,
    metavar="FILE",
    help="The group of projects.",
)
ledger_option = click.option(
    "--ledger",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("gate"),
    show_default=True,
    metavar="DIR",
    help="Where results are kept as evidence.",
)
only_option = click.option(
    "--only", multiple=True, metavar="GLOB", help="Only cells of these projects, or whose title fits; several times."
)
jobs_option = click.option(
    "--jobs", "-j", type=click.IntRange(min=0), default=1, show_default=True, metavar="N", help="Cells at once."
)


def format_option(kind: str) -> Callable[[F], F]:
    """`--format`, several times."""
    return click.option(
        "--format",
        "-f",
        "formats",
        multiple=True,
        default=("text",),
        metavar="FORMAT[:FILE]",
        help=f"{', '.join(formats_of(kind))}; FORMAT:FILE writes a file.  [default: text]",
    )


@click.group(name="nightly", context_settings=CONTEXT)
def command() -> None:
    """Run canaries with the releases of other projects, and keep what was found.

    \b
        tailrace nightly init
        tailrace nightly plan
        tailrace nightly run
        tailrace nightly report

    One row, without a configuration:

    \b
        tailrace nightly run --candidate git+conda@24.11.0 --baseline git+conda@24.9.2 --with git+mamba@mamba-1.5.11
    """


@command.command(name="init", context_settings=CONTEXT)
@click.option("--forge", type=click.Choice(["github"]), help="Also write a scheduled workflow for this forge.")
@click.option(
    "--project", "projects", multiple=True, metavar="NAME=SPEC", help="A project and its release; several times."
)
@nightly_file
@ledger_option
@click.option("--force", is_flag=True, help="Replace files that are there.")
def init_command(forge: str | None, projects: Sequence[str], file: Path, ledger: Path, force: bool) -> int:
    """Write a configuration, and with --forge a workflow.

    The workflow runs it every night.

    \b
        tailrace nightly init --project conda=git+../conda@24.9.2 --project conda-build=git+../conda-build@24.9.0

    A project that is released from the current folder need not be named. A configuration that is there already stays
    as it is where no project is named.
    """
    from tailrace import disk
    from tailrace.cli.failure import say
    from tailrace.cli.output import OutputError, write_stdout
    from tailrace.nightly.config import load_config, parse_config, template
    from tailrace.nightly.workflow import github_workflow, out_of_reach

    named: dict[str, str] = {}
    for text in projects:
        name, mark, spec = text.partition("=")
        if not mark or not name.strip() or not spec.strip():
            raise click.UsageError(f"--project {text!r}: write NAME=SPEC, such as conda=git+../conda@24.9.2.")
        named[name.strip()] = spec.strip()
    files = {}
    if not named and file.exists() and forge is not None:
        config = load_config(file)
    else:
        named = {**_own_project(Path.cwd()), **named}
        if len(named) < 2:
            have = f"{next(iter(named))} alone has nothing to run with" if named else "no project is named"
            raise click.UsageError(
                f"{have}, and a nightly runs the canary of each project with the releases of the others. Name them: "
                "--project conda=git+../conda@24.9.2 --project conda-build=conda-build==24.9.0."
            )
        files[file] = template(named)
        config = parse_config(files[file], str(file))
    if forge == "github":
        workflow = Path(".github", "workflows", "nightly.yml")
        files[workflow] = github_workflow(file.as_posix(), ledger.as_posix(), config.budget // 60_000)
        for spec in out_of_reach(config):
            say(f"note: {spec} is not in this repository, so the workflow cannot read it; give its address instead")
    there = [str(path) for path in files if path.exists()]
    if there and not force:
        raise click.UsageError(f"{' and '.join(there)} exist already; --force replaces them.")
    for path, content in files.items():
        disk.make_folder(path.absolute().parent)
        try:
            disk.write_whole(path, content.encode())
        except OSError as error:
            raise OutputError(f"{path} could not be written: {error.strerror or error}.") from None
    write_stdout("\n".join(f"{path} written" for path in files))
    return 0


@command.command(name="plan", context_settings=CONTEXT)
@nightly_file
@ledger_option
@only_option
@jobs_option
@format_option("nightly-plan")
def plan_command(file: Path, ledger: Path, only: Sequence[str], jobs: int, formats: Sequence[str]) -> int:
    """Show what a nightly would run, in which order.

    What the time budget does not allow is listed too.
    """
    from tailrace.cli.failure import say
    from tailrace.cli.formats import read_outputs
    from tailrace.cli.nightly.wiring import missing_here, widened
    from tailrace.cli.output import publish
    from tailrace.nightly.config import load_config
    from tailrace.report import RenderOptions

    outputs = read_outputs(formats, "nightly-plan")
    settings = load_settings({}, None)
    config, problems = widened(load_config(file), settings)
    for message in (*(problem.message for problem in problems), *missing_here(config, settings)):
        say(f"warning: {message}")
    _, shown = _planned(config, ledger, only, jobs)
    publish(shown, outputs, RenderOptions())
    return 0


@setting_options(_SOURCES)
@command.command(name="run", cls=GroupedCommand, context_settings=CONTEXT)
@click.option("--candidate", metavar="SPEC", help="One row: the release to try.")
@click.option("--baseline", metavar="SPEC", help="One row: the release that it replaces.")
@click.option("--with", "others", multiple=True, metavar="SPEC", help="One row: another project; several times.")
@click.option(
    "--command", "commands", multiple=True, metavar="COMMAND", help="One row: a shell command to run besides."
)
@click.option(
    "--level",
    "levels",
    multiple=True,
    metavar="LEVEL",
    help="Only these levels: check, import, help, call, plugins, shell, build, hidden, commands.",
)
@click.option(
    "--requires", multiple=True, metavar="REQUIREMENT", help="A package that both environments hold too; several times."
)
@click.option("--python", metavar="X.Y|PATH", help="The Python to run with, instead of one that fits.")
@click.option(
    "--sandbox", type=click.Choice(["auto", "bwrap", "container", "none"]), default="auto", show_default=True,
    help="Where the packages' code runs.",
)  # fmt: skip
@click.option("--repeat", type=click.IntRange(min=1), metavar="N", help="How often a failure must come.  [default: 3]")
@click.option("--bisect", is_flag=True, help="Look for the first bad canary of a row, commit by commit.")
@click.option("--dask", metavar="ADDRESS", help="Run the cells on this Dask cluster, such as tcp://HOST:8786.")
@nightly_file
@ledger_option
@only_option
@jobs_option
@format_option("nightly")
@click.option("--quiet", "-q", is_flag=True, help="The report alone, no progress.")
def run_command(
    candidate: str | None,
    baseline: str | None,
    others: Sequence[str],
    commands: Sequence[str],
    levels: Sequence[str],
    requires: Sequence[str],
    python: str | None,
    sandbox: str,
    repeat: int | None,
    bisect: bool,
    dask: str | None,
    file: Path,
    ledger: Path,
    only: Sequence[str],
    jobs: int,
    formats: Sequence[str],
    quiet: bool,
    **flags: Any,
) -> int:
    """Run the plan, or one row.

    An interrupted run continues where it stopped when it is started again. Results are kept as evidence for
    the gate; one row is only shown.

    Exit status: 0 green, 1 red, 2 usage or configuration, 3 it could not be run, 130 interrupted, 143 terminated.
    """
    from tailrace.cli.failure import say
    from tailrace.cli.formats import read_outputs
    from tailrace.cli.nightly.wiring import NightRequest, run_plan, run_row, widened
    from tailrace.cli.nightly.wiring import quiet as no_word
    from tailrace.cli.output import publish
    from tailrace.nightly.config import load_config
    from tailrace.report import RenderOptions

    outputs = read_outputs(formats, "nightly")
    settings = load_settings(flags, None)
    request = NightRequest(
        settings=settings,
        levels=_levels(levels),
        requires=_requirements(requires),
        python=python,
        sandbox=sandbox,
        repeat=repeat,
        jobs=jobs,
        dask=dask,
        bisect=bisect,
        say=no_word if quiet else say,
    )
    row = (candidate, baseline, *others)
    if any(row) or commands:
        if candidate is None or baseline is None or not others:
            raise click.UsageError("one row needs --candidate, --baseline and at least one --with.")
        report = run_row(candidate, baseline, tuple(others), tuple(commands), request)
    else:
        config, problems = widened(load_config(file), settings)
        plan, shown = _planned(config, ledger, only, jobs)
        if not quiet:
            from tailrace.report import render

            say(render(shown, "text", options=RenderOptions()))
        report = run_plan(config, plan, ledger, request, problems)
    publish(report, outputs, RenderOptions())
    return _status(report)


@setting_options(_SOURCES)
@command.command(name="report", cls=GroupedCommand, context_settings=CONTEXT)
@click.option("--since", metavar="DATE", help="Only nights since then, UTC: 2026-05-26, or 2026-05-26T03:00Z.")
@nightly_file
@ledger_option
@format_option("nightly")
def report_command(since: str | None, file: Path, ledger: Path, formats: Sequence[str], **flags: Any) -> int:
    """Show the newest result of every cell, and what did not run.

    A canary that is no longer built, and a nightly that did not run within its period, are red.

    Exit status: 0 green, 1 red, 2 usage or configuration, 3 there is nothing to show.
    """
    from tailrace.cli.formats import read_outputs
    from tailrace.cli.nightly.wiring import report_of, widened
    from tailrace.cli.output import publish
    from tailrace.nightly.config import load_config
    from tailrace.report import RenderOptions

    outputs = read_outputs(formats, "nightly")
    settings = load_settings(flags, None)
    config, problems = widened(load_config(file), settings) if file.exists() else (None, ())
    report = report_of(ledger, config, since, settings, problems)
    publish(report, outputs, RenderOptions())
    return _status(report)


def _own_project(folder: Path) -> dict[str, str]:
    """The project in the current folder and its newest release, as a git ref; nothing where there is none."""
    from tailrace import disk
    from tailrace.gate.git import version_tags
    from tailrace.gate.past import own_tags
    from tailrace.model import TailraceError
    from tailrace.toml.parse import parse_toml

    try:
        name = parse_toml(disk.read_bounded(folder / "pyproject.toml").decode())["project"]["name"]
        tags = own_tags(str(name), version_tags(folder))
    except (OSError, ValueError, LookupError, TypeError, TailraceError):
        return {}
    return {str(name): f"git+.@{tags[-1].tag}"} if tags else {}


def _planned(config: NightlyConfig, ledger: Path, only: Sequence[str], jobs: int) -> tuple[Any, Any]:
    from tailrace.nightly.plan import make_plan
    from tailrace.nightly.run import TOOL, NightFolder
    from tailrace.nightly.values import NightlyPlan

    at_once = jobs or 1
    plan = make_plan(config, jobs=at_once, known=NightFolder(ledger).read_state().seconds, only=only)
    if only and not plan.cells:
        names = ", ".join(project.name for project in config.projects)
        raise click.UsageError(f"no cell fits {' or '.join(only)}; the projects are {names}.")
    shown = NightlyPlan(
        tool=TOOL,
        cells=plan.cells,
        left_out=plan.left_out,
        seconds=plan.seconds,
        budget=config.budget / 1000,
        jobs=at_once,
    )
    return plan, shown


def _levels(texts: Sequence[str]) -> tuple[Any, ...] | None:
    from tailrace.nightly.values import LEVELS
    from tailrace.toml.kinds import nearest

    chosen = [name.strip() for text in texts for name in text.split(",") if name.strip()]
    for name in chosen:
        if name not in LEVELS:
            near = nearest(name, LEVELS)
            hint = f"did you mean {near}?" if near else f"the levels are {', '.join(LEVELS)}."
            raise click.UsageError(f"there is no level {name!r}; {hint}")
    return tuple(name for name in LEVELS if name in chosen) or None


def _requirements(texts: Sequence[str]) -> tuple[str, ...]:
    from packaging.requirements import InvalidRequirement, Requirement

    for text in texts:
        try:
            Requirement(text)
        except InvalidRequirement:
            raise click.UsageError(f"--requires {text!r} is not a requirement such as pyyaml>=6.") from None
    return tuple(texts)


def _status(report: NightlyReport) -> int:
    return {"green": 0, "red": 1, "not-run": 3}[report.verdict]
