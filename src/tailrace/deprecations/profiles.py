"""Loads a profile by name: its windows and severities. The profiles are the TOML files in `profiles/`."""

from __future__ import annotations

import difflib
import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal

import msgspec

from tailrace.deprecations.errors import DeprecationPolicyError
from tailrace.deprecations.model import DeprecationRule

Severities = dict[DeprecationRule, Literal["stop", "stop-if-used", "stop-if-raises", "note"]]


class WindowPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a project promises those who use it.

    `scheme`: what distances are measured in: `months` of calendar versions, or `minors`, the minor releases of one
    major version. `pending`: at least so much from the first release with the mark to the version in which it begins to
    warn. `deprecated`: at least so much from there to the removal. `total`: at least so much from the first release
    with the mark to the removal. `schedule`: patterns of versions in which something may begin to warn or be removed.
    `removals`: `major` where only a major release may remove. `severities`: by rule, `note` where not given.
    """

    id: str
    title: str
    link: str = ""
    scheme: Literal["months", "minors"] = "minors"
    pending: int = 0
    deprecated: int = 0
    total: int = 0
    schedule: tuple[str, ...] = ()
    removals: Literal["any", "major"] = "any"
    severities: Severities = {}


def profile_ids() -> tuple[str, ...]:
    """The names of all profiles, sorted."""
    return tuple(sorted(p.name.removesuffix(".toml") for p in _folder().iterdir() if p.name.endswith(".toml")))


def load_profile(name: str) -> WindowPolicy:
    """The profile of this name; `n-minors=3` sets its number. Raises `DeprecationPolicyError`."""
    plain, _, number = name.partition("=")
    known = profile_ids()
    if plain not in known:
        near = difflib.get_close_matches(plain, known, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"The profiles are {', '.join(known)}."
        raise DeprecationPolicyError(f"there is no deprecation profile {plain!r}.", hint=hint)
    data = tomllib.loads((_folder() / f"{plain}.toml").read_text("utf-8"))
    profile = msgspec.convert(data, WindowPolicy)
    if not number and "=" not in name:
        return profile
    if plain != "n-minors" or not number.isascii() or not number.isdigit() or not 0 < int(number) < 1000:
        raise DeprecationPolicyError(
            f"the profile {name!r} cannot be used.", hint="Only n-minors takes a number: n-minors=3."
        )
    title = f"a warning for {int(number)} minor releases"
    return msgspec.structs.replace(profile, id=name, title=title, total=int(number))


def _folder() -> Traversable:
    return files("tailrace.deprecations") / "profiles"
