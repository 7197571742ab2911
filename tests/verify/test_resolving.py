"""What is allowed, step by step, until both environments of a downstream can be resolved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tailrace.model import Release
from tailrace.verify.environments import Resolving
from tailrace.verify.errors import PreparationError, ResolutionError
from tailrace.verify.feed import Wanted
from tailrace.verify.interpreters import Interpreter
from tailrace.verify.uv import Locks

DAY = datetime(2020, 1, 1, tzinfo=UTC)
LATER = datetime(2022, 1, 1, tzinfo=UTC)
PYTHON = Interpreter("/p", (3, 9, 1), "/h")
LATEST = Interpreter("/latest", (3, 10, 1), "/h")
Pythons = Callable[[datetime | None], tuple[Interpreter, ...]]


def wanted(name: str, version: str) -> Wanted:
    return Wanted(Release(name=name, version=version, spec=name, source="pypi"), f"{name}=={version}", DAY)


@dataclass
class Uv:
    """Answers each resolution with the next message; without one more it succeeds."""

    messages: list[str]
    asked: list[dict[str, Any]] = field(default_factory=list)
    used: list[str] = field(default_factory=list)

    def resolve(self, downstream: Any, old: Wanted, new: Wanted, *given: Any) -> Locks:
        interpreter, _, _, _, overrides, undated = given
        said = {"old": old.requirement, "new": new.requirement, "overrides": [*overrides], "undated": [*undated]}
        self.asked.append(said)
        self.used.append(interpreter.path)
        if self.messages:
            raise ResolutionError(self.messages.pop(0))
        return Locks("down==1\n", "down==1\n", interpreter)


@dataclass
class Builder:
    uv: Uv
    built: list[tuple[str, str, datetime | None]] = field(default_factory=list)
    broken: frozenset[str] = frozenset()
    tags: str = ""
    used: list[str] = field(default_factory=list)

    def requirement(self, name: str, specifier: str, interpreter: Interpreter, day: datetime | None) -> str:
        if name in self.broken:
            raise PreparationError(f"{name} could not be built")
        self.built.append((name, specifier, day))
        self.used.append(interpreter.path)
        return f"{name} @ file:///{name}{specifier}{self.tags}.whl"


def resolve(
    *messages: str,
    broken: str = "",
    from_tree: bool = False,
    tags: str = "",
    pythons: Pythons = lambda day: (PYTHON,),
    later: bool = False,
) -> tuple[Builder, list[str]]:
    # Every message is given for each of the dates that are tried.
    builder = Builder(Uv(list(messages)), broken=frozenset(broken.split()), tags=tags)
    notes: list[str] = []
    resolving = Resolving(
        replace(wanted("down", "1"), from_tree=from_tree),
        wanted("up", "1.0"),
        replace(wanted("up", "2.0"), uploaded=LATER if later else DAY),
        pythons,
        builder,  # type: ignore[arg-type]
        (),
        notes,
    )
    resolving.resolve()
    return builder, notes


def test_nothing_is_allowed_that_is_not_needed() -> None:
    builder, notes = resolve()
    assert builder.uv.asked == [{"old": "up==1.0", "new": "up==2.0", "overrides": [], "undated": []}]
    assert not notes


def test_a_package_of_which_the_index_has_only_later_releases_may_be_later() -> None:
    builder, notes = resolve("Because there are no versions of atomicwrites and pytest==3.9 depends on atomicwrites>=1")
    assert builder.uv.asked[-1]["undated"] == ["atomicwrites"]
    assert notes == ["atomicwrites is newer than the rest: the index had none at that time"]


def test_such_a_package_is_built_from_a_source_of_any_day() -> None:
    builder, notes = resolve("there are no versions of aw and so on", "Because aw>=1 has no usable wheels")
    assert builder.built == [("aw", ">=1", None)]
    assert builder.uv.asked[-1]["overrides"] == ["aw @ file:///aw>=1.whl"]
    assert "aw was built from source in the sandbox" in notes


def test_a_release_of_the_upstream_without_a_wheel_is_built() -> None:
    builder, notes = resolve("Because up==1.0 has no usable wheels and you require up==1.0")
    assert [(name, specifier) for name, specifier, _ in builder.built] == [("up", "==1.0")]
    assert (builder.uv.asked[-1]["old"], builder.uv.asked[-1]["new"]) == ("up @ file:///up==1.0.whl", "up==2.0")
    assert notes == ["up 1.0 was built from source in the sandbox"]


def test_both_releases_of_the_upstream_are_built_where_neither_has_a_wheel() -> None:
    builder, _ = resolve("Because up==1.0 has no usable wheels and x", "Because up==2.0 has no usable wheels and x")
    assert [(name, specifier) for name, specifier, _ in builder.built] == [("up", "==1.0"), ("up", "==2.0")]


@pytest.mark.parametrize(
    ("tags", "used"),
    [
        ("-cp39-cp39-linux_x86_64", ["/p", "/p"]),
        ("-py3-none-linux_x86_64", ["/p", "/p"]),
        ("-py3-none-any", ["/p", "/latest"]),  # any Python can use it
    ],
)
def test_a_wheel_with_compiled_parts_binds_what_follows_to_its_python(tags: str, used: list[str]) -> None:
    unusable = [f"Because up=={version} has no usable wheels and x" for version in ("1.0", "2.0")]
    builder, _ = resolve(
        *(message for message in unusable for _ in range(2)),  # two days are tried each time
        tags=tags,
        pythons=lambda day: (PYTHON,) if day is not None and day.year == DAY.year else (LATEST,),
        later=True,
    )
    assert builder.used == used
    assert builder.uv.used[-1] == "/p"


@pytest.mark.parametrize(
    "messages",
    [
        ("there are no versions of up and so on",),
        ("there are no versions of down and so on",),
        ("Because up==1.0 has no usable wheels and x", "Because up==1.0 has no usable wheels and x"),
        ("Because down==1 depends on up<1",),
    ],
)
def test_what_no_allowance_helps_says_why(messages: tuple[str, ...]) -> None:
    with pytest.raises(ResolutionError):
        resolve(*messages)


def test_a_tree_does_without_what_cannot_be_built() -> None:
    builder, notes = resolve("Because yaml-conda==1 has no usable wheels and x", broken="yaml-conda", from_tree=True)
    assert builder.uv.asked[-1]["overrides"] == ["yaml-conda ; python_version < '0'"]
    assert notes == ["yaml-conda was left out: the source tree requires it, and the index has nothing usable"]


@pytest.mark.parametrize(
    ("message", "broken", "from_tree"),
    [
        ("Because yaml-conda==1 has no usable wheels and x", "yaml-conda", False),
        ("Because down==1 has no usable wheels and x", "down", True),
        ("Because up==1.0 has no usable wheels and x", "up", True),
    ],
    ids=["of an index all are needed", "the downstream itself", "the upstream itself"],
)
def test_what_is_needed_and_cannot_be_built_says_why(message: str, broken: str, from_tree: bool) -> None:
    with pytest.raises(PreparationError):
        resolve(message, broken=broken, from_tree=from_tree)
