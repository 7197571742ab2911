"""Reports names that no channel has as errors, and adds notes on versions. Solves nothing.

A mistyped name in a harmful combination is never installed, so that everybody would look safe.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import get_close_matches

from tailrace.conda.errors import ChannelError
from tailrace.conda.records import Channel
from tailrace.conda.specs import Spec, version_meets
from tailrace.exposure.harmful import HarmfulCombination

#: What clients find on a machine and no channel has (CEP 30 and what came before it).
VIRTUAL = frozenset(
    {"__archspec", "__conda", "__cuda", "__cuda_arch", "__glibc", "__linux", "__musl", "__osx", "__unix", "__win"}
)
_NEAREST = 3
_SHOWN = 4


class UnknownPackageError(ChannelError):
    """No channel has a package of these names. `nearest`: for each the names that may have been meant."""

    def __init__(self, names: Sequence[str], channels: Sequence[str], nearest: Sequence[tuple[str, ...]]) -> None:
        meant = [
            f"{' or '.join(map(repr, near))} for {name!r}" for name, near in zip(names, nearest, strict=True) if near
        ]
        super().__init__(
            f"There is no package {' nor '.join(map(repr, names))} in {', '.join(channels)}.",
            hint=f"Did you mean {'; '.join(meant)}?" if meant else "Check the spelling, the channels and --subdir.",
        )
        self.names = tuple(names)
        self.nearest = tuple(nearest)


def leaves(broken: HarmfulCombination) -> Iterator[Spec]:
    """The match specs of a harmful combination."""
    if broken.spec is not None:
        yield broken.spec
    for part in broken.parts:
        yield from leaves(part)


def refuse_unknown_names(specs: Iterable[Spec], channels: Sequence[Channel], besides: Collection[str] = ()) -> None:
    """Raises UnknownPackageError for all names at once that neither a channel has nor `besides`."""
    wanted = tuple(dict.fromkeys(spec.name for spec in specs if "*" not in spec.name and not spec.name.startswith("^")))
    if not channels or not wanted:
        return
    known = {record.name for channel in channels for record in channel.records()} | VIRTUAL | set(besides)
    unknown = [name for name in wanted if name not in known]
    if not unknown:
        return
    folded = {name.replace("_", "-").replace(".", "-"): name for name in sorted(known)}
    nearest = []
    for name in unknown:
        same = folded.get(name.replace("_", "-").replace(".", "-"))
        nearest.append((same,) if same else tuple(get_close_matches(name, known, _NEAREST, 0.7)))
    raise UnknownPackageError(unknown, tuple(channel.name for channel in channels), nearest)


def notes_on_versions(specs: Iterable[Spec], channels: Sequence[Channel]) -> tuple[str, ...]:
    """What cannot be installed, because no record has such a version."""
    notes = []
    for spec in specs:
        known = _unmet(spec, channels)
        if known is not None:
            there = f"; there are {', '.join(known)}" if known else ""
            notes.append(f"no release in the channels meets {spec.text!r}{there}.")
    return tuple(dict.fromkeys(notes))


def _unmet(spec: Spec, channels: Sequence[Channel]) -> tuple[str, ...] | None:
    """The highest versions that exist, where none of them meets the spec; `None` where one does."""
    from tailrace.conda import rattler

    if spec.version is None or spec.name in VIRTUAL or "*" in spec.name:
        return None
    versions = {record.version for c in channels for record in c.records() if record.name == spec.name}
    if not versions or any(version_meets(spec.version, version) for version in versions):
        return None
    readable = [(parsed, text) for text in versions if (parsed := rattler.version(text)) is not None]
    return tuple(text for _, text in sorted(readable, key=lambda pair: pair[0], reverse=True)[:_SHOWN])
