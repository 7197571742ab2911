"""Pythons and third packages that only the candidate rules out, and the neighbours that must stay silent."""

from __future__ import annotations

from pathlib import Path

import pytest
from release_trees import artifact

from tailrace.check.breakage import Breakage
from tailrace.check.commandlines import UpstreamNames
from tailrace.check.requirements import python_dropped, requirement_conflicts

UPSTREAM = UpstreamNames("up", "2.0", "1.0")


def pythons(
    root: Path, down: str | None, old: str | None, new: str | None, requires: str = "up", toml: str = ""
) -> tuple[Breakage, ...]:
    files = {"pyproject.toml": f"[project]\nname = 'down'\nrequires-python = \"{down}\"\n{toml}"}
    return python_dropped(
        artifact(root / "d", files, name="down", requires=(requires,) if requires else (), requires_python=down),
        artifact(root / "o", {}, requires_python=old),
        artifact(root / "n", {}, version="2.0", requires_python=new),
        UPSTREAM,
    )


@pytest.mark.parametrize(
    ("down", "old", "new", "expected"),
    [
        (">=3.8", ">=3.8", ">=3.10", "3.8, 3.9"),
        (">=3.9", ">=3.8", ">=3.10", "3.9"),
        (">=3.8", None, ">=3.9", "3.8"),
        (">=3.8", ">=3.8", ">=3.8.1", "3.8.0"),
        (">=3.9", ">=3.9", ">=3.9,!=3.9.*", "3.9"),
        (">=3.8,<3.12", ">=3.8", ">=3.8,<3.12", None),
        (">=3.10", ">=3.8", ">=3.10", None),
        (">=3.8", ">=3.10", ">=3.10", None),
        (">=3.8", ">=3.8", None, None),
        (">=3.8", ">=3.10", ">=3.8", None),
        ("nonsense", ">=3.14", ">=3.14", None),
    ],
)
def test_a_python_that_only_the_baseline_served_is_named(
    down: str, old: str | None, new: str | None, expected: str | None, tmp_path: Path
) -> None:
    found = pythons(tmp_path, down, old, new)
    assert [hit.facts["python"] for hit in found] == ([expected] if expected else [])
    assert all((hit.file, hit.line, hit.severity) == ("pyproject.toml", 3, None) for hit in found)


@pytest.mark.parametrize("requires", ["", "up<2", "up; python_version >= '3.10'", "other", "up; extra == 'test'"])
def test_a_candidate_that_is_not_asked_for_there_is_silent(requires: str, tmp_path: Path) -> None:
    assert pythons(tmp_path, ">=3.8", ">=3.8", ">=3.10", requires) == ()
    assert pythons(tmp_path / "near", ">=3.8", ">=3.8", ">=3.10", "up>=1") != ()


def test_classifiers_speak_where_requires_python_does_not(tmp_path: Path) -> None:
    toml = 'classifiers = ["Programming Language :: Python :: 3.9"]\n'
    (hit,) = pythons(tmp_path, None, ">=3.8", ">=3.10", toml=toml)
    assert hit.facts["python"] == "3.9"
    assert pythons(tmp_path / "none", None, ">=3.8", ">=3.10") == ()


def conflicts(
    root: Path, down: tuple[str, ...], old: tuple[str, ...], new: tuple[str, ...], python: str = ">=3.9"
) -> list[str]:
    found = requirement_conflicts(
        artifact(root / "d", {}, name="down", version="1.5", requires=down, requires_python=python),
        artifact(root / "o", {}, requires=old),
        artifact(root / "n", {}, version="2.0", requires=new),
        UPSTREAM,
    )
    return [f"{hit.symbol} {hit.detail}".strip() for hit in found]


@pytest.mark.parametrize(
    ("down", "old", "new", "expected"),
    [
        (("up", "p<22"), ("p>=20",), ("p>=22",), ["p"]),
        (("up", "P_x<22"), (), ("p-x>=22",), ["p-x"]),
        (("up", "p==1.*"), ("p",), ("p>=2.0a1",), ["p"]),
        (("up", "p~=1.4"), ("p",), ("p!=1.*",), ["p"]),
        (("up", "p<2", "q>3"), ("p", "q"), ("p>=2", "q<3"), ["p", "q"]),
        (("up", "p<22; python_version < '3.10'"), ("p",), ("p>=22",), ["p on Python 3.9"]),
        (("up", "p<22; sys_platform == 'win32'"), ("p",), ("p>=22",), ["p on platform win32"]),
        # the upstream may ask for the downstream itself
        (("up",), (), ("down>=1.6",), ["down"]),
        # neighbours
        (("up", "p<22"), ("p>=20",), ("p>=21",), []),
        (("other", "p<22"), ("p>=20",), ("p>=22",), []),
        (("other",), (), ("down>=1.6",), []),
        (("up", "p<22"), ("p>=22",), ("p>=22",), []),
        (("up", "p<22"), ("p>=22",), ("p>=20",), []),
        (("up<2", "p<22"), ("p",), ("p>=22",), []),
        (("up", "p<=22"), ("p",), ("p>=22",), []),
        (("up", "p<22; extra == 'test'"), ("p",), ("p>=22",), []),
        (("up", "p<22; python_version < '3.8'"), ("p",), ("p>=22",), []),
        (("up", "p<22; sys_platform == 'win32'"), ("p",), ("p>=22; sys_platform != 'win32'",), []),
        (("up; python_version >= '3.10'", "p<22; python_version < '3.10'"), ("p",), ("p>=22",), []),
        (("up", "p @ https://example.invalid/p.whl"), ("p",), ("p>=22",), []),
        (("up", "p 1.2.*"), ("p",), ("p>=22",), []),
        (("up", "p<22"), (), (), []),
        (("up",), (), ("down>=1.5",), []),
        (("up",), ("down>=1.6",), ("down>=1.7",), []),
    ],
)  # fmt: skip
def test_only_what_the_candidate_rules_out_is_a_conflict(
    down: tuple[str, ...], old: tuple[str, ...], new: tuple[str, ...], expected: list[str], tmp_path: Path
) -> None:
    assert conflicts(tmp_path, down, old, new) == expected
