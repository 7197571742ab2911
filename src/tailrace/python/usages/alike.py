"""Numbers uses so that those which differ in their places only have the same number."""

from __future__ import annotations

from collections.abc import Iterable

from tailrace.python.usages.values import Step, Use


def number_alike(uses: Iterable[Use]) -> tuple[int, ...]:
    """A number for each use: equal where root, steps and kind of use are equal. Lines, columns and the tests around
    do not count."""
    steps: dict[int, int] = {}  # by identity: chains share their first steps
    shapes: dict[tuple[object, ...], int] = {}
    known: dict[tuple[object, ...], int] = {}
    numbers: list[int] = []
    for use in uses:
        parts: list[int] = []
        for step in use.steps:
            number = steps.get(id(step))
            if number is None:
                number = steps[id(step)] = shapes.setdefault(_shape(step), len(shapes))
            parts.append(number)
        numbers.append(known.setdefault((use.root, use.how, use.discarded, *parts), len(known)))
    return tuple(numbers)


def _shape(step: Step) -> tuple[object, ...]:
    return (
        step.name,
        step.call,
        step.instance,
        step.default,
        step.awaited,
        step.implicit,
        step.operand,
        step.count,
        step.element,
    )
