"""Parses the dependency texts of a record into what it requires of each name, joined as conda joins them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from threading import RLock

from tailrace.conda.records import Record
from tailrace.conda.specs import Spec, parse_dependency


@dataclass(frozen=True, slots=True, eq=False)
class Dependency:
    """All that one record asks of one name. `optional`: the name need not be there (`constrains`). `exactness`: as
    of Spec, the narrowest; 1 when the name alone decides.

    Compared by identity, which is quick; make them with `want`, so that equal wants are one.
    """

    name: str
    specs: tuple[Spec, ...]
    optional: bool
    exactness: int


#: Held while something is made of which there must be one only: a cache alone may make it twice in two threads.
ONCE = RLock()


def make_dependency(texts: tuple[str, ...], optional: bool = False) -> Dependency:
    """The want that all these specs on one name make together."""
    with ONCE:
        return _want(texts, optional)


@lru_cache(maxsize=1_000_000)
def _want(texts: tuple[str, ...], optional: bool) -> Dependency:
    specs = _merged(tuple(parse_dependency(text) for text in texts))
    return Dependency(specs[0].name, specs, optional, max(spec.exactness for spec in specs))


def _merged(specs: tuple[Spec, ...]) -> tuple[Spec, ...]:
    """As conda joins versions: their texts, with a comma, which binds tighter than a `|` within one of them.

    So `1.*|3.*` and `>=3,<3` together let 1.0 pass. Only there does the text matter; elsewhere all must hold.
    """
    versions = [spec.version for spec in specs if spec.version is not None]
    plain = all(spec == Spec(spec.text, spec.name, spec.version) for spec in specs)
    if len(versions) < 2 or not plain or not any("|" in version for version in versions):
        return specs
    first, *rest = sorted(versions)
    for version in rest:
        first = ",".join(sorted({first, version}))
    return (Spec(f"{specs[0].name} {first}", specs[0].name, first),)


@lru_cache(maxsize=100_000)
def as_it_is(record: Record, channel_url: str) -> Dependency:
    """The want that only this very file meets, not the file of the same name in another channel."""
    text = f"{record.name} =={record.version} {record.build}"
    spec = Spec(text, record.name, f"=={record.version}", record.build, channel=channel_url)
    return Dependency(record.name, (spec,), False, spec.exactness)


@lru_cache(maxsize=500_000)
def wants_of(depends: tuple[str, ...], constrains: tuple[str, ...]) -> tuple[Dependency, ...]:
    """A record's dependencies, one want per name, as conda joins them.

    Specs on one name must all hold. A constraint on a name that is already asked for takes the place of that
    dependency and is no longer optional; conda does the same, in 4.12 as in 26.7 (`PackageRecord.combined_depends`).
    """
    joined: dict[str, tuple[str, ...]] = {}
    optional: set[str] = set()
    for text in depends:
        name = parse_dependency(text).name
        known = joined.get(name, ())
        joined[name] = known if text in known else (*known, text)
    for text in constrains:
        name = parse_dependency(text).name
        (optional.discard if name in joined else optional.add)(name)
        joined[name] = (text,)
    return tuple(make_dependency(texts, name in optional) for name, texts in joined.items())
