"""Parses a release spec, with one grammar everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, quote, unquote

from tailrace.model.address import Address
from tailrace.sources.errors import SpecError

ARCHIVE_SUFFIXES = (".whl", ".conda", ".tar.bz2", ".tar.gz", ".tgz", ".tar.xz", ".tar.zst", ".tar", ".zip")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\Z")
_CONDA_NAME = re.compile(r"[A-Za-z0-9_.-]+\Z")
# The common case, told without importing a library: `==1.2.3`, `==1.0rc1`.
_PLAIN_PIN = re.compile(r"==\d+(\.\d+)*((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?\Z")
_EXTRAS = re.compile(r"\[[A-Za-z0-9._, -]*\]")
_GRAMMAR = "NAME==VERSION, CHANNEL::NAME=VERSION, a path, git+PATH_OR_URL@REF or env:PREFIX"


@dataclass(frozen=True, slots=True)
class PypiSpec:
    """A distribution in the package indexes; `specifier` is PEP 440 text (`==2.1.0`), empty for the highest release."""

    name: str
    specifier: str = ""

    def __str__(self) -> str:
        return f"{self.name}{self.specifier}" if self.specifier else f"pypi:{self.name}"


@dataclass(frozen=True, slots=True)
class CondaSpec:
    """A package in conda channels, the first that knows the name decides. `version`, `build` as in a MatchSpec."""

    channels: tuple[Address, ...]
    name: str
    version: str = ""
    build: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "channels", tuple(Address(channel) for channel in self.channels))

    def __str__(self) -> str:
        return self.write(str)

    def write(self, address: Callable[[Address], str]) -> str:
        """The spec's text, its addresses written by `address`."""
        return f"{','.join(address(channel) for channel in self.channels)}::{self.match}"

    @property
    def match(self) -> str:
        """The part after `::`."""
        if not self.version:
            return self.name
        version = self.version if self.version[0] in "<>=!~" else f"={self.version}"
        return f"{self.name}{version}{f'={self.build}' if self.build else ''}"


@dataclass(frozen=True, slots=True)
class PathSpec:
    """An archive or a directory on this machine."""

    path: str

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True)
class UrlSpec:
    """An archive at a URL. `sha256`: as given in the URL's fragment."""

    url: Address
    sha256: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", Address(self.url))

    def __str__(self) -> str:
        return self.write(str)

    def write(self, address: Callable[[Address], str]) -> str:
        """The spec's text, its addresses written by `address`."""
        return f"{address(self.url)}#sha256={self.sha256}" if self.sha256 else address(self.url)


@dataclass(frozen=True, slots=True)
class GitSpec:
    """A tree in a git repository. `subdirectory` is a POSIX path, empty for the top."""

    repository: Address
    ref: str = "HEAD"
    subdirectory: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "repository", Address(self.repository))

    def __str__(self) -> str:
        return self.write(str)

    def write(self, address: Callable[[Address], str]) -> str:
        """The spec's text, its addresses written by `address`."""
        fragment = f"#subdirectory={quote(self.subdirectory)}" if self.subdirectory else ""
        return f"git+{address(self.repository)}@{self.ref}{fragment}"


@dataclass(frozen=True, slots=True)
class EnvironmentSpec:
    """An installed environment, or one distribution in it."""

    prefix: str
    name: str | None = None

    def __str__(self) -> str:
        return f"env:{self.prefix}{f'#name={self.name}' if self.name else ''}"


Spec = PypiSpec | CondaSpec | PathSpec | UrlSpec | GitSpec | EnvironmentSpec


def addresses(spec: Spec) -> tuple[Address, ...]:
    """The addresses in a spec, which may hold secrets."""
    match spec:
        case CondaSpec():
            return spec.channels
        case UrlSpec():
            return (spec.url,)
        case GitSpec():
            return (spec.repository,)
        case _:
            return ()


def with_addresses(spec: Spec, change: Callable[[Address], Address]) -> Spec:
    """The same spec with every address changed."""
    match spec:
        case CondaSpec():
            return replace(spec, channels=tuple(change(channel) for channel in spec.channels))
        case UrlSpec():
            return replace(spec, url=change(spec.url))
        case GitSpec():
            return replace(spec, repository=change(spec.repository))
        case _:
            return spec


def spec_text(spec: Spec) -> str | Address:
    """What `parse_spec` reads back as an equal value: an `Address` where the spec holds a secret."""
    held = addresses(spec)
    if not isinstance(spec, CondaSpec | UrlSpec | GitSpec) or not any(address.is_secret for address in held):
        return str(spec)
    return Address(
        spec.write(Address.reveal), shown=str(spec), secrets=[secret for address in held for secret in address.secrets]
    )


def parse_spec(text: str | Address) -> Spec:
    """Read one spec; raises `SpecError`. `spec_text` of the result, and `str()` of one without a secret, read back as
    an equal value.
    """
    if not isinstance(text, Address):
        return _parse(text)
    try:
        return with_addresses(_parse(text.reveal()), text.derive)
    except SpecError as error:
        error.scrub(text)
        raise


def _parse(text: str) -> Spec:
    spec = text.strip()
    if not spec or any(ord(char) < 32 for char in spec):
        raise SpecError(text, "is no release", hint=f"Write {_GRAMMAR}.")
    if spec.startswith("git+"):
        return _parse_git(spec)
    if spec.startswith("env:"):
        return _parse_environment(spec)
    if spec.startswith("pypi:"):
        return _parse_pypi(spec, spec.removeprefix("pypi:").strip())
    named = re.match(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\]\s*)?@\s*(?=\w+\+?\w*://)", spec)
    if named:
        return _parse(spec[named.end() :])
    if "::" in spec:
        return _parse_conda(spec)
    if re.match(r"(?i)(https?|file)://", spec):
        return _parse_url(spec)
    if re.match(r"[a-z]+\+", spec):
        raise SpecError(text, "is under a version control system that is not supported", hint="Only git+ is.")
    if looks_like_path(spec):
        return PathSpec(spec)
    return _parse_pypi(text, spec)


def looks_like_path(text: str) -> bool:
    """A path rather than a name: has a separator, starts with a dot or a tilde, or ends like an archive."""
    return text.startswith((".", "~")) or "/" in text or "\\" in text or text.lower().endswith(ARCHIVE_SUFFIXES)


def _parse_pypi(text: str, body: str) -> PypiSpec:
    body, semicolon, _marker = body.partition(";")
    if semicolon:
        raise SpecError(text, "has an environment marker", hint="Leave out what follows the semicolon.")
    if re.fullmatch(r"v?\d+(?:\.\d+)+(?:(?:a|b|rc|\.post|\.dev)\d+)?", body.strip()):
        raise SpecError(text, "is a version without a name", hint=f"Write NAME=={body.strip().removeprefix('v')}.")
    match = re.match(r"[A-Za-z0-9._-]+", body)
    name = match.group() if match else ""
    if not _NAME.match(name):
        raise SpecError(text, "is no release", hint=f"Write {_GRAMMAR}.")
    rest = _EXTRAS.sub("", body[len(name) :], count=1).replace(" ", "").strip("()")
    if re.match(r"=[^=]", rest):
        raise SpecError(
            text, "has a single '='", hint=f"Write {name}={rest}, or CHANNEL::{name}{rest} for a conda package."
        )
    if rest and not _PLAIN_PIN.match(rest):
        from packaging.specifiers import InvalidSpecifier

        from tailrace.model.foreign import read_specifiers

        try:
            read_specifiers(rest)
        except InvalidSpecifier:
            raise SpecError(text, f"has no valid version after {name!r}", hint=f"Write {name}==1.2.3.") from None
    return PypiSpec(name, rest)


def _parse_conda(spec: str) -> CondaSpec:
    channel, _, match = spec.rpartition("::")
    found = re.match(r"([A-Za-z0-9_.-]+)\s*(.*)\Z", match.strip())
    channels = tuple(part.strip() for part in channel.split(",") if part.strip())
    if not channels or not found or not _CONDA_NAME.match(found.group(1)):
        raise SpecError(spec, "is no conda package", hint="Write CHANNEL::NAME=VERSION or CHANNEL::NAME=VERSION=BUILD.")
    name, rest = found.groups()
    if rest.startswith("[") or "[" in rest:
        raise SpecError(
            spec, "has conditions in brackets", hint="Write CHANNEL::NAME=VERSION or CHANNEL::NAME=VERSION=BUILD."
        )
    version, build = _split_build(rest.strip())
    return CondaSpec(tuple(map(Address, channels)), name, version, build)


def _split_build(rest: str) -> tuple[str, str]:
    """`=1.0=py_0` and ` 1.0 py_0` → (`1.0`, `py_0`); `>=1,<2` stays one version."""
    words = rest.split()
    if len(words) == 2 and words[0][-1] not in "<>=!~,":
        return words[0].removeprefix("=") if not words[0].startswith("==") else words[0], words[1]
    rest = "".join(words)
    if rest.startswith("==") or not rest.startswith("="):
        body = rest.removeprefix("==")
        if rest.startswith("==") and "=" in body and not re.search(r"[<>!~,|]", body):
            version, _, build = body.partition("=")
            return f"=={version}", build
        return rest, ""
    version, _, build = rest[1:].partition("=")
    return version, build


def _parse_url(spec: str) -> UrlSpec:
    url, _, fragment = spec.partition("#")
    if not url.partition("?")[0].lower().endswith(ARCHIVE_SUFFIXES):
        raise SpecError(
            spec, "is not the URL of an archive", hint=f"It must end in one of {' '.join(ARCHIVE_SUFFIXES)}."
        )
    return UrlSpec(Address(url), dict(parse_qsl(fragment)).get("sha256"))


def _parse_git(spec: str) -> GitSpec:
    body, _, fragment = spec.removeprefix("git+").partition("#")
    subdirectory = dict(parse_qsl(fragment, keep_blank_values=True)).get("subdirectory", "").strip("/")
    if any(part in ("..", "") for part in subdirectory.split("/")) and subdirectory:
        raise SpecError(spec, "leaves the repository", hint="subdirectory is a path inside of it.")
    # An '@' before the path belongs to the address (git@host:org/repo), not to the ref.
    address = re.match(r"[A-Za-z][A-Za-z0-9+.-]*://[^/]*/?|[^/@]+@[^/:@]+:", body)
    start = address.end() if address else 0
    path, at, ref = body[start:].rpartition("@")
    repository = body[:start] + (path if at else ref)
    ref = ref if at else "HEAD"
    if not repository:
        raise SpecError(spec, "names no repository", hint="Write git+PATH_OR_URL@REF.")
    if not ref or ref.startswith("-") or re.search(r"[\s\\:?*\[]|\.\.|[~^]\d*+[^\d~^]", ref):
        raise SpecError(
            spec, f"has no usable git ref ({ref!r})", hint="Write a tag, a branch or a commit after the '@'."
        )
    address_text = unquote(repository) if repository.startswith("file://") else repository
    return GitSpec(Address(address_text), ref, subdirectory)


def _parse_environment(spec: str) -> EnvironmentSpec:
    prefix, _, fragment = spec.removeprefix("env:").partition("#name=")
    if not prefix:
        raise SpecError(spec, "names no environment", hint="Write env:PREFIX, the folder that holds bin or Scripts.")
    if fragment and not _NAME.match(fragment):
        raise SpecError(spec, f"has no valid distribution name ({fragment!r})", hint="Write env:PREFIX#name=NAME.")
    return EnvironmentSpec(prefix, fragment or None)
