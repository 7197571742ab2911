"""Maps the releases that a check report names to conda packages. Looks into no channel."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from tailrace.conda import rattler
from tailrace.hotfix.suggest.errors import FixedBuildError

_ENDINGS = (".conda", ".tar.bz2")
_BUILD_NUMBER = re.compile(r"(?:^|_)(\d+)$")
# Characters of a spec that are looked at.
_LIMIT = 400
_MATCH = re.compile(r"(?P<name>[\w.-]+?)\s*={1,2}\s*(?P<version>[^\s=<>!~,|]+)(?:\s*=\s*|\s+)(?P<build>[^\s=]+)$")
UNPLACED = frozenset({"", "0+unknown"})


@dataclass(frozen=True, slots=True)
class Identity:
    """One package. `build` and `number` are `None` where the whole version is meant."""

    name: str
    version: str
    build: str | None = None
    number: int | None = None

    def __str__(self) -> str:
        if self.build is not None:
            return f"{self.name} {self.version} {self.build}"
        return f"{self.name} {self.version}" + (f" build {self.number}" if self.number is not None else "")


def identify(name: str, version: str, spec: str) -> Identity:
    """The package that a release of this name, version and spec is; of a conda artifact also its build."""
    text = unquote(spec.partition("#")[0].strip())
    if text.endswith(_ENDINGS):
        stem = re.split(r"[/\\]", text)[-1].removesuffix(".conda").removesuffix(".tar.bz2")
        parts = stem.rsplit("-", 2)
        if len(parts) == 3:
            return Identity(parts[0], parts[1], parts[2], number_of(parts[2]))
    if "::" in text:
        found = _MATCH.match(text.rpartition("::")[2].strip()[:_LIMIT])
        if found:
            return Identity(found["name"], found["version"], found["build"], number_of(found["build"]))
        bare = re.match(r"[\w.-]+", text.rpartition("::")[2].strip())
        return Identity(bare[0] if bare else name, version)
    return Identity(name, version)


def number_of(build: str) -> int | None:
    """The build number that a build string ends with, by convention: `py39hf3d152e_1` has 1."""
    found = _BUILD_NUMBER.search(build)
    return int(found[1]) if found else None


def is_placed(version: str) -> bool:
    """Whether the text is a version that has a place among others."""
    return version not in UNPLACED and rattler.version(version) is not None


def parse_fixed(text: str) -> Identity:
    """`NAME VERSION`, `NAME VERSION NUMBER` or `NAME VERSION BUILD`: something that is known to be repaired."""
    words = text.replace("=", " ").split()
    if len(words) not in (2, 3) or not is_placed(words[1]):
        raise FixedBuildError(text)
    name, version, *build = words
    if not build:
        return Identity(name, version)
    if build[0].isdigit():
        return Identity(name, version, None, int(build[0]))
    return Identity(name, version, build[0], number_of(build[0]))
