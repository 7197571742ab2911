"""Turns settings into the values that the rooms take. Only this module knows how the command line calls a room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tailrace.config.values import Settings
from tailrace.model.address import Address, conceal
from tailrace.model.errors import TailraceError

if TYPE_CHECKING:
    from tailrace.check.options import CheckOptions, Progress
    from tailrace.model import Artifact, CheckReport
    from tailrace.sources import Sources
    from tailrace.sources.pinned import Pin

PROJECT_FILES = ("pyproject.toml", "setup.cfg", "setup.py")


class NoDownstreamError(TailraceError):
    """Nothing was named that the candidate could break."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"there is no downstream to check: {folder} is not a Python project, and none was named.",
            hint="Name one with --downstream NAME==VERSION, a list with --downstream-from FILE, "
            "an environment with --downstream-env PREFIX, or go to a project's folder.",
        )


class MissingLinksError(TailraceError):
    """A folder of archives that was named is not there, and without it another release would be found, or none."""

    def __init__(self, link: str) -> None:
        super().__init__(
            f"--find-links {link} does not exist.", hint="Name a folder with archives, or the URL of a page."
        )


def make_sources(settings: Settings) -> Sources:
    """Where releases come from, as the settings say."""
    from tailrace.sources import Limits, Sources, SourceSettings

    for link in settings.find_links or ():
        if "://" not in link and not Path(link).expanduser().exists():
            raise MissingLinksError(link)
    return Sources(
        SourceSettings(
            index_urls=(settings.index_url,) if settings.index_url else None,
            extra_index_urls=settings.extra_index_urls,
            find_links=settings.find_links,
            offline=settings.offline,
            cache_dir=Path(settings.cache_dir).expanduser() if settings.cache_dir else None,
            allow_prereleases=settings.allow_prereleases,
            refresh=settings.refresh,
            limits=Limits(
                members=settings.limits_members,
                file_size=settings.limits_file_size,
                total_size=settings.limits_total_size,
                ratio=settings.limits_ratio,
                archive_size=settings.limits_archive_size,
            ),
        )
    )


def make_options(settings: Settings, progress: Progress | None) -> CheckOptions:
    """How the check runs, as the settings say."""
    from tailrace.check.options import CheckOptions

    return CheckOptions(
        jobs=settings.jobs,
        time_limit=settings.time_limit,
        memory_limit=settings.memory_limit,
        strict=settings.strict,
        python_version=settings.python_version,
        allow=settings.allow,
        progress=progress,
        ignore_bounds=settings.ignore_bounds,
    )


def find_downstreams(settings: Settings, folder: Path, sources: Sources) -> tuple[str | Address, ...]:
    """The specs of all downstreams, each once: those named, those listed in files, those of an environment.

    A Python project that names none is its own downstream. Raises `NoDownstreamError`.
    """
    if not (settings.downstreams or settings.downstreams_from or settings.downstream_env):
        if not any((folder / name).is_file() for name in PROJECT_FILES):
            raise NoDownstreamError(folder)
        return (".",)
    return find_named_downstreams(settings, sources)


def find_named_downstreams(settings: Settings, sources: Sources) -> tuple[str | Address, ...]:
    """The specs of the downstreams that the settings name, each once; none where they name none.

    Raises PathError where all that is named are paths that do not exist.
    """
    found = [conceal(spec) for spec in settings.downstreams]
    missing = [spec for spec in found if _is_missing(spec)]
    if missing and len(missing) == len(found) and not (settings.downstreams_from or settings.downstream_env):
        sources.resolve(missing[0])
    for file in settings.downstreams_from:
        found += sources.expand(Path(file).expanduser())
    if settings.downstream_env:
        found += sources.installed(Path(settings.downstream_env.removeprefix("env:")).expanduser())
    return tuple(dict.fromkeys(found))


def _is_missing(spec: str | Address) -> bool:
    from tailrace.sources.spec import PathSpec, parse_spec

    try:
        parsed = parse_spec(spec)
        if not isinstance(parsed, PathSpec) or any(mark in parsed.path for mark in "*?["):
            return False
        path = Path(parsed.path).expanduser()
        return not path.exists() and not path.is_symlink()
    except (OSError, ValueError, RuntimeError, TailraceError):  # what is wrong with it is reported where it is opened
        return False


def run_check(
    candidate: str, baseline: str | None, settings: Settings, folder: Path, progress: Progress | None
) -> CheckReport:
    """The check itself, in `folder`."""
    from dataclasses import replace

    from tailrace.check import check

    sources = make_sources(settings)
    downstreams = find_downstreams(settings, folder, sources)
    options = make_options(settings, progress)
    if baseline is None:
        baseline, why = find_baseline(candidate, settings, folder, downstreams, sources)
        options = replace(options, baseline_from=why)
    return check(candidate, baseline, downstreams, sources=sources, options=options)


def find_baseline(
    candidate: str, settings: Settings, folder: Path, downstreams: Sequence[str | Address], sources: Sources
) -> tuple[str | None, str]:
    """What is checked is held at a version of the upstream: its spec, and how it was found.

    `None` where nothing is held at another version than the candidate's; then the second tells what was passed over.
    """
    from tailrace.sources import UnknownNameError, UnknownVersionError

    candidate_release = sources.resolve(candidate)
    passed: list[str] = []
    unread: list[str] = []
    for pin in _pins(candidate_release.name, settings, folder, downstreams, sources):
        if not pin.version:
            unread.append(pin.origin)
            continue
        if _same_version(pin.version, candidate_release.version):
            passed.append(f"since {pin.origin} is the candidate's")
            continue
        spec = pin.spec or f"=={pin.version}"
        try:
            sources.baseline(spec, candidate_release)
        except (UnknownNameError, UnknownVersionError):
            passed.append(f"since {pin.origin} ({pin.version}) cannot be found")
            continue
        return spec, "; ".join((pin.origin, *unread))
    if passed or unread:
        return None, f"the highest release below the candidate, {(*unread, *passed)[0]}"
    return None, ""


def _pins(
    name: str, settings: Settings, folder: Path, downstreams: Sequence[str | Address], sources: Sources
) -> Iterator[Pin]:
    """What the downstreams are held at, the most telling first: an environment, lists, the project itself."""
    if settings.downstream_env:
        shown = settings.downstream_env.removeprefix("env:")
        yield from sources.pins_installed(Path(shown).expanduser(), name, shown)
    for spec in settings.downstreams:
        if spec.startswith("env:") and "#name=" not in spec:
            shown = spec.removeprefix("env:")
            yield from sources.pins_installed(Path(shown).expanduser(), name, shown)
    for file in settings.downstreams_from:
        yield from sources.pins(name, file=Path(file).expanduser())
    for text in downstreams:
        is_place = isinstance(text, str) and text[0] in ".~/\\"
        place = folder / Path(str(text)).expanduser() if is_place else None
        if place is not None and any((place / name).is_file() for name in PROJECT_FILES):
            yield from sources.pins(name, folder=place)


def _same_version(one: str, other: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return one == other


def run_verification(report: CheckReport, settings: Settings, progress: Progress | None) -> CheckReport:
    """The report with what running its downstreams showed."""
    from tailrace.conda.timestamps import parse_moment
    from tailrace.verify import CondaChoice, Feed, VerifyOptions, verify_report

    options = VerifyOptions(
        level=settings.verify_level,  # type: ignore[arg-type]  # one of the levels: the table of settings lists them
        sandbox=settings.verify_sandbox,  # type: ignore[arg-type]
        python=settings.verify_python,
        timeout=settings.verify_timeout,
        keep=settings.verify_keep,
        ecosystem=settings.verify_ecosystem,  # type: ignore[arg-type]
        conda=CondaChoice(
            settings.verify_channels,
            settings.verify_channel_priority,  # type: ignore[arg-type]
            parse_moment(settings.verify_as_of) if settings.verify_as_of else None,
        ),
        dask=settings.verify_dask,
        test_commands=settings.verify_test_command,
        recipe=Path(settings.verify_recipe).expanduser() if settings.verify_recipe else None,
        jobs=settings.jobs,
        progress=progress,
    )
    return verify_report(report, Feed(make_sources(settings)), options)


def open_downstream(spec: str, settings: Settings) -> Artifact:
    """The files of one downstream."""
    from tailrace.artifacts import open_release

    return open_release(spec, make_sources(settings))


def releases_between(
    upstream: str, downstream: str, good: str | None, bad: str | None, settings: Settings
) -> tuple[str, ...]:
    """The final releases of an upstream from the good to the bad one, oldest first. Raises `TailraceError`."""
    from packaging.version import InvalidVersion, Version

    sources = make_sources(settings)
    try:
        last = Version(bad) if bad is not None else None
        first = Version(good) if good is not None else None
    except InvalidVersion as error:
        raise TailraceError(f"{error}.", hint="Write a version such as 2.1.0.") from None
    every = sources.versions(upstream)
    if first is None:
        release = sources.newest(upstream, "", sources.upload_time(sources.resolve(downstream)))
        first = Version(release.version) if release is not None else min(map(Version, every))
    chosen = [v for v in every if Version(v) >= first and (last is None or Version(v) <= last)]
    if len(chosen) < 2:
        raise TailraceError(
            f"there are not two releases of {upstream} to choose from.", hint="Name them with --good and --bad."
        )
    return tuple(chosen)
