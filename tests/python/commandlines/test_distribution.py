"""What is gone between the metadata of two releases."""

from __future__ import annotations

import pytest

from tailrace.changes.distribution import diff_distributions, dropped_pythons
from tailrace.model import Metadata


def metadata(**more: object) -> Metadata:
    return Metadata(name="up", version="1", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (">=3.8", ">=3.10", ("3.8", "3.9")),
        (">=3.14", ">=3.14.2", ("3.14.0", "3.14.1")),
        (">=3.14", ">=3.14.9", ("3.14.0-3.14.8",)),
        (">=3.8", ">=3.8", ()),
        (">=3.10", ">=3.8", ()),
        (">=3.10", "not a range", ()),
    ],
)
def test_dropped_pythons(old: str, new: str, expected: tuple[str, ...]) -> None:
    assert dropped_pythons(old, new) == expected


SCRIPTS = ("console_scripts", (("a", "up:a"), ("b", "up:b")))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"entry_points": (SCRIPTS,)}, {"entry_points": (("console_scripts", (("a", "up:x"),)),)}, ["script:b"]),
        (
            {"entry_points": (("g", (("n", "up:n"),)), SCRIPTS)},
            {"entry_points": (SCRIPTS,)},
            ["entry-point:g:n"],
        ),
        ({"entry_points": (SCRIPTS,)}, {"entry_points": ()}, []),
        ({"entry_points": (SCRIPTS,)}, {"entry_points": (("gui_scripts", SCRIPTS[1]),)}, []),
        ({"requires_python": ">=3.13"}, {"requires_python": ">=3.14"}, ["Requires-Python"]),
        ({"requires_dist": ("p>=1",)}, {"requires_dist": ("p>=2", "q")}, ["p", "q"]),
        ({"requires_dist": ("p>=1,<2",)}, {"requires_dist": ("p>=1",)}, []),
        ({"requires_dist": ("p>=1",)}, {"requires_dist": ("q<2; extra == 'x'",)}, []),
        ({"requires_dist": ("p",)}, {"requires_dist": ()}, []),
    ],
)
def test_what_the_metadata_takes_away(old: dict[str, object], new: dict[str, object], expected: list[str]) -> None:
    assert [change.symbol for change in diff_distributions(metadata(**old), metadata(**new))] == expected
