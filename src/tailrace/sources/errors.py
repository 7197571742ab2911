"""What can go wrong between a spec and its files, each with its data. Raised here, printed by the edges."""

from __future__ import annotations

from tailrace.model import TailraceError


class SourceError(TailraceError):
    """Base of the room: a release could not be found or fetched."""


class SpecError(SourceError):
    """The text is no release spec, or names something that a spec cannot name."""

    def __init__(self, spec: str, problem: str, *, hint: str | None = None) -> None:
        super().__init__(f"{spec!r} {problem}.", hint=hint)
        self.spec = spec


class UnknownNameError(SourceError):
    """No source knows the name. `asked`: the sources, without credentials. `nearest`: names that exist."""

    def __init__(
        self, name: str, asked: tuple[str, ...], nearest: tuple[str, ...] = (), *, hint: str | None = None
    ) -> None:
        where = ", ".join(asked) or "no source (none is configured)"
        suggestion = f"Did you mean {_either(nearest)}?" if nearest else "Check the spelling, or name its index."
        super().__init__(f"There is no package {name!r} in {where}.", hint=hint or suggestion)
        self.name = name
        self.asked = asked
        self.nearest = nearest


class UnknownVersionError(SourceError):
    """The name is known, the version is not. `nearest`: versions that exist, closest first."""

    def __init__(self, name: str, wanted: str, nearest: tuple[str, ...] = (), *, hint: str | None = None) -> None:
        super().__init__(
            f"There is no release of {name} that is {wanted}.",
            hint=hint or (f"Nearest: {', '.join(nearest)}." if nearest else None),
        )
        self.name = name
        self.wanted = wanted
        self.nearest = nearest


class NoPreviousError(SourceError):
    """There is nothing below a release to compare it with."""

    def __init__(self, spec: str, reason: str, *, hint: str = "Name the baseline with --baseline.") -> None:
        super().__init__(f"No release before {spec} was found: {reason}.", hint=hint)
        self.spec = spec


class UnreachableError(SourceError):
    """A source did not answer; nothing is known about what it holds."""

    exit_status = 3

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(
            f"{url} did not answer: {reason}.",
            hint="Check the network and the index settings of pip and uv; --offline uses what the cache holds.",
        )
        self.url = url
        self.reason = reason


class OfflineError(SourceError):
    """The answer is not in the cache and the network may not be asked."""

    exit_status = 3

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} is not in the cache, and --offline forbids to ask for it.", hint="Run once without --offline."
        )
        self.what = what


class DownloadError(SourceError):
    """The bytes that came are not those that were promised, or are too many. Nothing of them was kept."""

    exit_status = 3

    def __init__(self, filename: str, problem: str) -> None:
        super().__init__(
            f"{filename} {problem}; nothing of it was kept.", hint="Try again; if it persists, the index is at fault."
        )
        self.filename = filename


class CacheError(SourceError):
    """The cache folder cannot be used."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"The cache folder {path} cannot be used: {reason}.",
            hint="Set TAILRACE_CACHE_DIR to a folder you may write to.",
        )
        self.path = path


class GitError(SourceError):
    """Git could not read what was asked for."""

    def __init__(self, repository: str, problem: str, *, hint: str | None = None) -> None:
        super().__init__(f"{repository} {problem}.", hint=hint)
        self.repository = repository


class GitUnreachableError(GitError):
    """A repository, or objects that it lacks, could not be fetched."""

    exit_status = 3


class PathError(SourceError):
    """A path that a spec names is not there or is of the wrong kind."""

    def __init__(self, path: str, problem: str, *, hint: str | None = None) -> None:
        super().__init__(f"{path} {problem}.", hint=hint)
        self.path = path


class NetworkSettingsError(SourceError):
    """An address of the index settings or of a proxy cannot be used. It is not shown: it may hold a login."""

    def __init__(self, what: str, problem: str) -> None:
        super().__init__(
            f"{what} {problem}.",
            hint="See --index-url, the configuration of pip and uv, and HTTP_PROXY, HTTPS_PROXY and ALL_PROXY.",
        )


class ListError(SourceError):
    """A requirements, lock or environment file cannot be read. `line` is 1-based where it is known."""

    def __init__(self, path: str, problem: str, *, line: int | None = None, hint: str | None = None) -> None:
        super().__init__(f"{path}{f':{line}' if line else ''}: {problem}.", hint=hint)
        self.path = path
        self.line = line


def _either(names: tuple[str, ...]) -> str:
    return " or ".join(repr(name) for name in names)


class EmptyListError(ListError):
    """A file with a list of packages names none for this environment."""
