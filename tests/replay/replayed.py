"""The replays that come with the program, made once for each worker, and what of them is compared with the goldens."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

import msgspec

from tailrace.replay import Replay, load_incident, replay_incident
from tailrace.replay import view as v
from tailrace.replay.play import Play

B = TypeVar("B")
NAMES = ("conda-4.13", "conda-23.9")


@cache
def play(name: str) -> Play:
    return Play(load_incident(name))


@cache
def replayed(name: str) -> Replay:
    return replay_incident(load_incident(name))


def step(name: str, which: str) -> v.Step:
    return next(one for one in replayed(name).steps if one.id == which)


def blocks(name: str, which: str, kind: type[B]) -> list[B]:
    return [block for block in step(name, which).blocks if isinstance(block, kind)]


def table(name: str, which: str, title: str) -> list[list[str]]:
    found = next(one for one in blocks(name, which, v.Table) if one.title.startswith(title))
    return [[text for _, text in row] for row in found.rows]


def golden(replay: Replay) -> Any:
    """Everything but the solvers' own words."""

    def without(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: without(item) for key, item in value.items() if key != "explanation"}
        return [without(item) for item in value] if isinstance(value, (list, tuple)) else value

    return without(msgspec.to_builtins(replay))
