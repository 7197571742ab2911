"""Relaxes, tightens or loosens a spec.

Leaves alone what is no pin as conda-build writes it.
"""

from __future__ import annotations

import re

from tailrace.hotfix.apply.versions import parse_version

EXACT_IS_NOT = ("==", ">=", "<=", ">", "<", "!=")
BOTH_BOUNDS = re.compile(r"^>=(?P<lower>\d+(?:\.\d+)*a?),<(?P<upper>\d+(?:\.\d+)*)a0$")
LOWER_BOUND = re.compile(r"^>=(?P<lower>\d+(?:\.\d+)*a?)[^<*]*$")
NO_BOUND = "None"
"""What YAML 1.1 makes of an unquoted `None`: the upper bound is to go."""


def pad_parts(parts: list[str], length: int) -> list[str]:
    """The version components with zeros appended up to `length`."""
    return parts + ["0"] * (length - len(parts))


def next_at(version: str, max_pin: str) -> str:
    """The first version beyond a `max_pin`: 1.4.2 pinned to `x.x` ends before 1.5.0.

    Raises `ValueError` for a component that is no number.
    """
    kept = max_pin.count("x")
    parts = pad_parts(version.split("."), kept)
    parts[kept:] = ["0"] * (len(parts) - kept)
    parts[kept - 1] = str(int(parts[kept - 1]) + 1)
    return ".".join(parts)


def relax(spec: str, max_pin: str | None) -> str:
    """`name VERSION BUILD` without an operator becomes `name >=VERSION`, with `max_pin` also an upper bound.

    The build goes.
    """
    parts = spec.split(" ")
    if len(parts) != 3 or parts[1].startswith(EXACT_IS_NOT):
        return spec
    name, version, _ = parts
    bound = "" if max_pin is None else f",<{next_at(version, max_pin)}a0"
    return f"{name} >={version}{bound}"


def tighten(spec: str, max_pin: str | None, upper_bound: str | None) -> str:
    """The spec with an upper bound that is at most the one asked for.

    A spec that is already as strict stays as it is.
    """
    name, *rest = spec.split(" ")
    if not rest:
        return spec if upper_bound is None else f"{name} <{_closed(upper_bound)}a0"
    if len(rest) > 2:
        return spec
    version, build = rest[0], rest[1:]
    found = LOWER_BOUND.match(version)
    if found is not None:
        lower, upper = _bounds(found["lower"], max_pin, upper_bound)
        if parse_version(".".join(lower)) < parse_version(".".join(upper)):
            return " ".join((name, f"{version},<{_closed('.'.join(upper))}a0", *build))
        return spec
    found = BOTH_BOUNDS.match(version)
    if found is not None:
        old = found["upper"].split(".")
        new = _target(found["lower"], max_pin, upper_bound)
        old, new = pad_parts(old, len(new)), pad_parts(new, len(old))
        if parse_version(".".join(old)) > parse_version(".".join(new)):
            return " ".join((name, f">={found['lower']},<{_closed('.'.join(new))}a0", *build))
        return spec
    if not build and version.startswith("<") and upper_bound is not None:
        return _tighten_upper(spec, name, version, _closed(upper_bound))
    return spec


def loosen(spec: str, max_pin: str | None, upper_bound: str | None) -> str:
    """The spec with its upper bound raised, or taken away when neither `max_pin` nor `upper_bound` is given."""
    name, *rest = spec.split(" ")
    if len(rest) not in (1, 2):
        return spec
    found = BOTH_BOUNDS.match(rest[0])
    if found is None:
        return spec
    lower, build = found["lower"], rest[1:]
    if max_pin is None and upper_bound in (None, NO_BOUND):
        return " ".join((name, f">={lower}", *build))
    old = found["upper"].split(".")
    new = _target(lower, max_pin, upper_bound)
    old, new = pad_parts(old, len(new)), pad_parts(new, len(old))
    # Compared as texts, component by component, as conda-forge's own tool does: 9 is not less than 10 here.
    if tuple(old) < tuple(new):
        return " ".join((name, f">={lower},<{_closed('.'.join(new))}a0", *build))
    return spec


def _tighten_upper(spec: str, name: str, version: str, bound: str) -> str:
    old = version.split("<")[1]
    if old.startswith("="):
        stricter = parse_version(old[1:]) >= parse_version(bound)
    else:
        stricter = parse_version(old) > parse_version(bound)
    return f"{name} <{bound}a0" if stricter else spec


def _bounds(lower: str, max_pin: str | None, upper_bound: str | None) -> tuple[list[str], list[str]]:
    upper = _target(lower, max_pin, upper_bound)
    parts = pad_parts(lower.split("."), len(upper))
    return parts, pad_parts(upper, len(parts))


def _target(lower: str, max_pin: str | None, upper_bound: str | None) -> list[str]:
    if upper_bound is not None:
        return upper_bound.split(".")
    return next_at(lower, max_pin or "").split(".")


def _closed(bound: str) -> str:
    """The bound ending in `.0`, so that `a0` behind it shuts out the pre-releases of the bound and nothing below it."""
    return bound if bound.rsplit(".", 1)[-1] == "0" else f"{bound}.0"
