"""Writes the hotfix documents, in conda-forge's language, that exclude a harmful range. Looks at no report.

`tighten_depends` says what a maintainer would write by hand. It only moves bounds of the forms that conda-build writes,
so where a record's dependency is of another form, or there is none, `add_constrains` says it as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from packaging.version import InvalidVersion, Version

from tailrace.conda.records import Record
from tailrace.conda.specs import parse_dependency, version_meets
from tailrace.hotfix.apply.channel import as_mapping
from tailrace.hotfix.apply.program import HotfixProgram
from tailrace.hotfix.language.document import HotfixAction, HotfixDocument, Operator, RecordCondition, Scalar
from tailrace.hotfix.suggest.harmful_regions import Order
from tailrace.hotfix.suggest.ranges import Range
from tailrace.hotfix.suggest.regions import Region
from tailrace.model.foreign import read_version


def conditions(name: str, found: Range, order: Order, before: int | None) -> tuple[RecordCondition, ...]:
    """The `if` block of a range. `before`: builds made from then on (ms since the epoch UTC) are left alone."""
    made = [RecordCondition("name", "is", (name,)), *_version_conditions(found, order)]
    builds = found.builds
    if builds is not None:
        if builds.only:
            made.append(_listing("build", builds.only))
        elif builds.low == builds.high or (builds.low == 0 and builds.high == 0):
            made.append(RecordCondition("build_number", "is", (builds.low,)))
        else:
            if builds.low:
                made.append(RecordCondition("build_number", "ge", (builds.low,)))
            if builds.high is not None:
                made.append(RecordCondition("build_number", "le", (builds.high,)))
        if builds.but:
            made.append(RecordCondition("build", "in", builds.but, negated=True, as_list=True))
    if before is not None:
        made.append(RecordCondition("timestamp", "lt", (before,)))
    return tuple(made)


def _listing(field: str, values: Sequence[Scalar]) -> RecordCondition:
    if len(values) == 1:
        return RecordCondition(field, "is", (values[0],))
    return RecordCondition(field, "in", tuple(values), as_list=True)


def _version_conditions(found: Range, order: Order) -> Iterator[RecordCondition]:
    ends = [order.text(found.high)] + ([order.text(found.low)] if found.low is not None else [])
    # The language compares as PEP 440 does: a version that PEP 440 does not know, or that it would put elsewhere
    # than conda does, can only be named.
    if not all(map(_is_pep440, ends)) or not _same_order(found, order):
        yield RecordCondition("version", "in", tuple(order.text(place) for place in found.known), as_list=True)
        return
    if found.low == found.high:
        yield RecordCondition("version", "is", (order.text(found.high),))
        return
    if found.low is not None:
        yield _compare("gt" if found.low_open else "ge", order.text(found.low))
    yield _compare("lt" if found.high_open else "le", order.text(found.high))


def _compare(operator: Operator, version: str) -> RecordCondition:
    return RecordCondition("version", operator, (version,))


def _is_pep440(text: str) -> bool:
    try:
        read_version(text)
    except InvalidVersion:
        return False
    return True


def _same_order(found: Range, order: Order) -> bool:
    """Whether PEP 440 puts every known release on the same side of the range's ends as conda does."""
    high = Version(order.text(found.high))
    low = Version(order.text(found.low)) if found.low is not None else None
    inside = set(found.known)
    for place in range(len(order)):
        for text in order.groups[place]:
            if not _is_pep440(text):
                return False
            version = read_version(text)
            within = (version < high or (version == high and not found.high_open)) and (
                low is None or version > low or (version == low and not found.low_open)
            )
            if within != (place in inside):
                return False
    return True


def bound_text(version: str) -> str:
    """The bound as a person writes it: the release without zeros at its end, two numbers at least."""
    try:
        release = [str(part) for part in Version(version).release]
    except InvalidVersion:
        return version
    while len(release) > 2 and release[-1] == "0":
        release.pop()
    return ".".join(release if len(release) > 1 else [*release, "0"])


def written_bound(bound: str) -> str:
    """What `tighten_depends` makes of a bound: `<4.13.0a0` of 4.13, which shuts out its pre-releases too."""
    return f"<{bound if bound.rsplit('.', 1)[-1] == '0' else f'{bound}.0'}a0"


def upper_bound(region: Region, order: Order) -> str | None:
    """The bound for `tighten_depends` when everything from some version on is harmful, and that can be said so."""
    if len(region.spans) != 1 or region.spans[0][1] is not None or region.spans[0][0] == 0:
        return None
    bound = bound_text(order.text(region.spans[0][0]))
    if not all(part.isdecimal() for part in bound.split(".")):
        return None
    return bound if _says(written_bound(bound), region, order) else None


def allowed(region: Region, order: Order) -> str:
    """The versions outside of the region as a version spec; what nothing meets where there are none."""
    parts: list[str] = []
    low: int | None = 0
    for begin, end in region.spans:
        if low is not None and low < begin:
            parts.append((f">={order.text(low)}," if low else "") + _below(begin, region, order))
        low = end
    if low is not None:
        parts.append(f">={order.text(low)}")
    return "|".join(parts) or "<0"


def _below(place: int, region: Region, order: Order) -> str:
    wide = written_bound(bound_text(order.text(place)))
    # Pre-releases of the bound are shut out too, unless one of them is known to be fine.
    own = [text for number in range(place) for text in order.groups[number]]
    shut_out = [text for text in own if not version_meets(wide, text)]
    caught = not any(version_meets(wide, text) for text in order.groups[place])
    return wide if caught and not shut_out else f"<{order.text(place)}"


def _says(spec: str, region: Region, order: Order) -> bool:
    """Whether the version spec admits exactly the known versions outside of the region."""
    return all(
        version_meets(spec, text) is (place not in region)
        for place in range(len(order))
        for text in order.groups[place]
    )


def actions(
    upstream: str, region: Region, order: Order, depended: bool, leaking: bool = False
) -> tuple[HotfixAction, ...]:
    """The `then` block. `depended`: the releases are known to depend on the upstream, or taken to. `leaking`: for some
    record tightening was seen not to be enough.
    """
    made: list[HotfixAction] = []
    bound = upper_bound(region, order)
    if bound is not None and depended:
        made.append(HotfixAction("tighten", "depends", name=upstream, upper_bound=bound))
    if not made or leaking:
        made.append(HotfixAction("add", "constrains", (f"{upstream} {allowed(region, order)}",)))
    return tuple(made)


def find_leaks(
    document: HotfixDocument, upstream: str, region: Region, order: Order, records: Iterable[Record]
) -> list[Record]:
    """The records in the document's range that would still admit a harmful version of the upstream afterwards."""
    found: list[Record] = []
    harmful = [text for place in range(len(order)) if place in region for text in order.groups[place]]
    programs: dict[str, HotfixProgram] = {}
    for record in records:
        program = programs.setdefault(record.subdir, HotfixProgram((document,), record.subdir))
        run = program.run(as_mapping(record), record.file_name)
        if run.applied and any(_admits(run.record, upstream, text) for text in harmful):
            found.append(record)
    return found


def _admits(record: Mapping[str, Any], upstream: str, version: str) -> bool:
    limits = [
        spec
        for text in (*(record.get("depends") or ()), *(record.get("constrains") or ()))
        if (spec := parse_dependency(text)).name == upstream and not spec.never
    ]
    return all(spec.version is None or version_meets(spec.version, version) for spec in limits)
