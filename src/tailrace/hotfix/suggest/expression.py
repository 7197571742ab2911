"""Writes a harmful range as an expression for `--broken`. Pure text."""

from __future__ import annotations

import re

from tailrace.hotfix.suggest.harmful_regions import Order
from tailrace.hotfix.suggest.ranges import Range
from tailrace.hotfix.suggest.regions import Region
from tailrace.hotfix.suggest.writing import upper_bound, written_bound


def harmful_expression(upstream: str, of_upstream: Order, downstream: str, of_downstream: Order, found: Range) -> str:
    """`(conda >=4.13.0a0 & conda-build <=3.21.7)`."""
    return f"({upstream} {_region(found.region, of_upstream)} & {_releases(downstream, of_downstream, found)})"


def _region(region: Region, order: Order) -> str:
    bound = upper_bound(region, order)
    if bound is not None:
        return f">={written_bound(bound).removeprefix('<')}"
    parts = []
    for low, high in region.spans:
        ends = ([f">={order.text(low)}"] if low else []) + ([f"<{order.text(high)}"] if high is not None else [])
        parts.append(",".join(ends) or "*")
    return "|".join(parts)


def _releases(name: str, order: Order, found: Range) -> str:
    if found.low == found.high:
        version = f"=={order.text(found.high)}"
    else:
        version = f"{'<' if found.high_open else '<='}{order.text(found.high)}"
        if found.low is not None:
            version = f"{'>' if found.low_open else '>='}{order.text(found.low)},{version}"
    builds = found.builds
    if builds is None:
        return f"{name} {version}"
    if builds.only:
        return _any_of([f"{name} {version} {build}" for build in builds.only])
    limits = ([f">={builds.low}"] if builds.low else []) + ([f"<={builds.high}"] if builds.high is not None else [])
    if builds.but:
        pattern = "|".join(re.escape(build) for build in builds.but)
        return f"{name}[version='{version}',build='^(?!({pattern})$).*$']"
    if builds.low == builds.high:
        return f"{name}[version='{version}',build_number={builds.low}]"
    # A number spec has one bound; where two are needed, the upper one says more: repairs come with higher numbers.
    return f"{name}[version='{version}',build_number='{limits[-1]}']"


def _any_of(specs: list[str]) -> str:
    return specs[0] if len(specs) == 1 else f"({' | '.join(specs)})"
