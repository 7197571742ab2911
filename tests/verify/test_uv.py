"""Locks, dates and what uv says when it cannot."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tailrace.model import Release
from tailrace.verify.feed import Wanted
from tailrace.verify.interpreters import Interpreter
from tailrace.verify.uv import Locks, environment_key, explain, plan_dates, read_lock

PYTHON = Interpreter("/p", (3, 9, 1), "/h")


def wanted(day: str | None, source: str = "pypi") -> Wanted:
    release = Release(name="x", version="1", spec="x==1", source=source)  # type: ignore[arg-type]
    return Wanted(release, "x==1", datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a==1\nB_c==2.0\n", {"a": "1", "b-c": "2.0"}),
        ("a==1 ; python_version < '3.9'\n", {"a": "1"}),
        ("# comment\n\n", {}),
        ("a[extra]==1\n", {"a": "1"}),
        ("up @ file:///x/up-1.whl\n", {"up": "file:///x/up-1.whl"}),
    ],
)
def test_a_lock_names_every_package_once(text: str, expected: dict[str, str]) -> None:
    assert read_lock(text) == expected


def test_what_had_to_move_besides_is_listed() -> None:
    locks = Locks("up==1\na==1\nb==1\n", "up==2\na==2\nc==1\n", PYTHON)
    assert locks.moved == (("a", "1", "2"), ("b", "1", ""), ("c", "", "1"), ("up", "1", "2"))


@pytest.mark.parametrize(
    ("down", "old", "new", "expected"),
    [
        # a downstream meets the packages of its own time, the upstream alone comes from later
        ("2021-01-31", "2021-05-18", "2022-02-17", [("02-02", "02-19"), ("05-20", "02-19"), ("02-19", "02-19")]),
        # an index without dates gives none
        (None, "2021-05-18", "2022-02-17", [None]),
        ("2021-01-31", None, None, [None]),
        # younger than both
        ("2023-01-01", "2021-05-18", "2022-02-17", [("01-03", "02-19"), ("01-03", "01-03")]),
        # an old series with a late patch: the later of the two counts
        ("2021-01-31", "2024-01-01", "2022-02-17", [("02-02", "01-03"), ("01-03", "01-03")]),
    ],
)
def test_the_dates_are_tried_in_order(down: str, old: str, new: str, expected: list[tuple[str, str] | None]) -> None:
    plans = plan_dates(wanted(down), wanted(old), wanted(new))
    assert [p and (f"{p.everything:%m-%d}", f"{p.upstream:%m-%d}") for p in plans] == expected


def test_a_downstream_on_disk_has_no_date_of_its_own() -> None:
    (first, *_) = plan_dates(wanted(None, "file"), wanted("2021-05-18"), wanted("2022-02-17"))
    assert first is not None
    assert f"{first.everything:%Y-%m-%d}" == "2022-02-19"


def test_an_environment_is_named_after_all_that_makes_it() -> None:
    names = {
        environment_key("a==1\n", PYTHON, "hardlink"),
        environment_key("a==2\n", PYTHON, "hardlink"),
        environment_key("a==1\n", PYTHON, "copy"),
        environment_key("a==1\n", Interpreter("/p", (3, 9, 2), "/h"), "hardlink"),
    }
    assert len(names) == 4


def test_what_uv_says_becomes_one_line() -> None:
    said = "  × No solution found when resolving:\n  ╰─▶ Because a was not found,\n      we stop.\n\nhint: try\n"
    assert explain(said) == "No solution found when resolving: Because a was not found, we stop."
    assert explain("") == "uv gave no reason"


def test_a_wheel_that_moved_is_named_by_its_version(tmp_path: Path) -> None:
    wheel = (tmp_path / "side_a-2.0-py3-none-any.whl").as_uri()
    interpreter = Interpreter("/p", (3, 9, 1), "/h")
    assert Locks("up==1.0\n", f"up==1.0\nside-a @ {wheel}\n", interpreter).moved == (("side-a", "", "2.0"),)
