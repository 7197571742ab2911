"""Finds the first of a series of releases that breaks, with as few questions as possible."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Answer = Literal["good", "bad", "unknown"]


@dataclass(frozen=True, slots=True)
class Bisected:
    """`first_bad`: the release that breaks first, `None` where none does; `last_good`: the one before it that works.

    `unknown`: releases between the two that gave no answer. `asked`: (version, answer) in the order asked.
    """

    first_bad: str | None
    last_good: str | None
    unknown: tuple[str, ...] = ()
    asked: tuple[tuple[str, Answer], ...] = ()


def bisect(versions: Sequence[str], ask: Callable[[str], Answer]) -> Bisected:
    """Finds the first bad one of `versions` (oldest first), of which the first is taken to be good.

    A release that gives no answer is passed over for its neighbours; those that stay between the last good and the
    first bad one are listed, since any of them may be the first.
    """
    asked: dict[str, Answer] = {}

    def answer(index: int) -> Answer:
        version = versions[index]
        if version not in asked:
            asked[version] = ask(version)
        return asked[version]

    low, high = 0, len(versions) - 1
    if high < 1 or answer(high) != "bad":
        return Bisected(
            None, versions[high] if versions and asked.get(versions[high]) == "good" else None, (), tuple(asked.items())
        )
    while True:
        inside = [i for i in range(low + 1, high) if asked.get(versions[i]) != "unknown"]
        if not inside:
            break
        middle = inside[len(inside) // 2]
        match answer(middle):
            case "good":
                low = middle
            case "bad":
                high = middle
            case "unknown":
                pass
    unknown = tuple(versions[i] for i in range(low + 1, high))
    return Bisected(versions[high], versions[low], unknown, tuple(asked.items()))
