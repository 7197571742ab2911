"""Small packages in several versions, laid out as an index: the grid of their versions, and what to require."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from support.wheels import write_wheel
from tailrace.check import CheckOptions, check
from tailrace.matrix.bounds import RequirementUnknownError, find_bounds
from tailrace.matrix.choose import VersionsError, Wish, choose, read_side, read_wishes
from tailrace.matrix.compute import Grid, compute
from tailrace.matrix.ranges import working_range
from tailrace.matrix.values import Cell, Matrix
from tailrace.model import TailraceError
from tailrace.report import RenderOptions, render, render_output
from tailrace.report.views.matrix import mark_of
from tailrace.sources import Sources, SourceSettings

HERE = CheckOptions(in_process=True)

UP = {
    "1.0": "def first(a): ...\n",
    "1.1": "def first(a): ...\ndef second(a, old=1): ...\n",
    "1.2": "def first(a): ...\ndef second(a, old=1): ...\n",
    "2.0": "def first(a): ...\ndef second(a): ...\n",
    "2.1": "def second(a): ...\nclass Third: ...\n",
    "3.0": "def first(a): ...\ndef second(a): ...\nclass Third: ...\n",
}
DOWN = {
    # version: (source, requirement)
    "1": ("import up\nup.first(1)\n", "up"),
    "2": ("from up import second\nsecond(1, old=2)\n", "up>=1.1,<2"),
    "3": ("from up import second\nsecond(1)\n", "up<2.1"),
    "4": ("import os\n", "up>=1.2"),
    "5": ("try:\n    from up import first\nexcept ImportError:\n    first = None\n", "up"),
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    for version, source in UP.items():
        write_wheel(folder, "up", version, {"up/__init__.py": source})
    for version, (source, requirement) in DOWN.items():
        write_wheel(folder, "down", version, {"down/__init__.py": source}, requires=[requirement])
    return folder


@pytest.fixture
def sources(index: Path, tmp_path: Path) -> Sources:
    settings = SourceSettings(index_urls=(), find_links=(str(index),), cache_dir=tmp_path / "cache")
    return Sources(settings)


@pytest.fixture
def grid(sources: Sources) -> Matrix:
    return compute(Grid("up", "down", tuple(UP), tuple(DOWN), baseline="1.2"), sources, HERE)


def marks(found: Matrix) -> dict[str, str]:
    return {row.downstream: "".join(mark_of(cell) for cell in row.cells) for row in found.rows}


def test_every_pair_of_versions(grid: Matrix) -> None:
    #                            1.0 1.1 1.2 2.0 2.1 3.0
    assert marks(grid) == {
        "1": "....X.",
        "2": "x..xxx",
        "3": "X...oo",
        "4": "oo....",
        "5": "......",
    }
    counts = grid.counts
    assert counts.cells == counts.works + counts.breaks + counts.declared_incompatible + counts.not_checked == 30
    assert counts.checks < 15


def test_a_cell_names_the_first_break(grid: Matrix) -> None:
    (row,) = [row for row in grid.rows if row.downstream == "1"]
    (cell,) = [cell for cell in row.cells if cell.upstream == "2.1"]
    assert (cell.state, cell.symbol, cell.rule, cell.file, cell.line) == (
        "breaks",
        "up.first",
        "name-removed",
        "down/__init__.py",
        2,
    )


def test_every_cell_is_what_a_check_of_the_pair_alone_says(grid: Matrix, sources: Sources) -> None:
    options = replace(HERE, ignore_bounds=True)
    for row in grid.rows:
        for cell in row.cells:
            if cell.how == "baseline":
                continue
            report = check(
                f"up=={cell.upstream}", "up==1.2", [f"down=={cell.downstream}"], sources=sources, options=options
            )
            works = {"clear": True, "breaks": False}.get(report.downstreams[0].status)
            assert (cell.downstream, cell.upstream, cell.works) == (cell.downstream, cell.upstream, works)


def test_the_range_of_each_row(grid: Matrix) -> None:
    found = {row.downstream: (row.range.pep440, row.range.matchspec, row.range.judgement) for row in grid.rows}
    assert found == {
        "1": ("up!=2.1", "up !=2.1", "too-loose"),
        "2": ("up>=1.1,<2", "up >=1.1,<2a0", "fits"),
        "3": ("up>=1.1", "up >=1.1", "both"),
        "4": ("up", "up", "too-tight"),
        "5": ("up", "up", "fits"),
    }


def test_in_worker_processes_as_in_this_one(grid: Matrix, sources: Sources) -> None:
    other = compute(Grid("up", "down", tuple(UP), tuple(DOWN), baseline="1.2"), sources, CheckOptions(jobs=2))
    assert marks(other) == marks(grid)


def test_what_cannot_be_opened_is_not_checked(index: Path, sources: Sources, tmp_path: Path) -> None:
    broken = tmp_path / "links"
    broken.mkdir()
    for wheel in index.glob("*.whl"):
        (broken / wheel.name).write_bytes(wheel.read_bytes())
    (broken / "up-2.0-py3-none-any.whl").write_bytes(b"nothing")
    (broken / "down-4-py3-none-any.whl").write_bytes(b"nothing")
    there = Sources(SourceSettings(index_urls=(), find_links=(str(broken),), cache_dir=tmp_path / "cache"))
    found = compute(Grid("up", "down", tuple(UP), ("1", "4"), baseline="1.2"), there, HERE)
    assert marks(found)["4"] == "??????"
    assert marks(found)["1"] == "...?X."
    assert all(cell.reason for row in found.rows for cell in row.cells if cell.state == "not-checked")
    assert found.rows[0].range.unknown == ("2.0",)


def test_code_that_asks_for_the_version_shares_nothing(index: Path, tmp_path: Path) -> None:
    folder = tmp_path / "links"
    for version in ("1.0", "2.0", "3.0"):
        write_wheel(folder, "up", version, {"up/__init__.py": f"__version__ = '{version}'\ndef kept(): ...\n"})
    write_wheel(folder, "up", "0.9", {"up/__init__.py": "__version__ = '0.9'\ndef kept(): ...\ndef gone(): ...\n"})
    source = "import up\nif up.__version__ < '2':\n    up.gone()\n"
    write_wheel(folder, "down", "1", {"down.py": source}, requires=["up"])
    there = Sources(SourceSettings(index_urls=(), find_links=(str(folder),), cache_dir=tmp_path / "cache"))
    found = compute(Grid("up", "down", ("0.9", "1.0", "2.0", "3.0"), ("1",), baseline="0.9"), there, HERE)
    assert marks(found) == {"1": ".X.."}


@pytest.mark.parametrize(
    ("source", "requirement", "row"),
    [
        pytest.param("import up\nup.gone(\n", "up", "?.", id="a file that no Python reads"),
        pytest.param("import up\nup.gone()\n\0\n", "up", "?.", id="a file with a NUL"),
        pytest.param("print 1 +\n", "up", "..", id="a file that no Python reads and that names nobody"),
        pytest.param("from up import *\ngone()\n", "up", ".X", id="a name that comes by a star import"),
        pytest.param("import up\nup.gone()\n", "up", ".X", id="a name that only the older version has"),
        pytest.param("import up\nup.gone()\n", "up==2.0", "oX", id="a requirement that admits none that has it"),
        pytest.param("import up\nup.gone()\n", "up==9", "ox", id="a requirement that admits none"),
        pytest.param("import up\nup.kept()\n", "up", "..", id="a name that both have"),
    ],
)
def test_without_upload_dates_nothing_unread_works(tmp_path: Path, source: str, requirement: str, row: str) -> None:
    for version, own in (("1.0", "def kept(): ...\ndef gone(): ...\n"), ("2.0", "def kept(): ...\n")):
        write_wheel(tmp_path, "up", version, {"up/__init__.py": own})
    write_wheel(tmp_path, "down", "1", {"down/__init__.py": source}, requires=[requirement])
    there = Sources(SourceSettings(index_urls=(), find_links=(str(tmp_path),), cache_dir=tmp_path / "cache"))
    assert marks(compute(Grid("up", "down", ("1.0", "2.0"), ("1",)), there, HERE)) == {"1": row}


@pytest.mark.parametrize(
    ("source", "requires", "related"),
    [
        pytest.param("import os\n", [], False, id="neither requires nor names it"),
        pytest.param("import os\n", ["other"], False, id="requires another"),
        pytest.param("import os\n", ["up"], True, id="requires it"),
        pytest.param("import up\nup.kept()\n", [], True, id="names it"),
    ],
)
def test_two_packages_without_a_relation_are_not_said_to_work(
    tmp_path: Path, source: str, requires: list[str], related: bool
) -> None:
    for version in ("1.0", "2.0"):
        write_wheel(tmp_path, "up", version, {"up/__init__.py": f"def kept(): ...\nx = {version}\n"})
    write_wheel(tmp_path, "down", "1", {"down/__init__.py": source}, requires=requires)
    there = Sources(SourceSettings(index_urls=(), find_links=(str(tmp_path),), cache_dir=tmp_path / "cache"))
    asked = Grid("up", "down", ("1.0", "2.0"), ("1",))
    if related:
        assert marks(compute(asked, there, HERE)) == {"1": ".."}
    else:
        with pytest.raises(TailraceError, match="requires up or names it"):
            compute(asked, there, HERE)


@pytest.mark.parametrize(("name", "near"), [("upp", "up"), ("u.p", "up"), ("zzz", "up")])
def test_bounds_on_what_is_not_required_are_refused(sources: Sources, name: str, near: str) -> None:
    from tailrace.artifacts import open_release

    with pytest.raises(RequirementUnknownError) as error:
        find_bounds(open_release("down==3", sources), "down==3", sources, HERE, wish=Wish(), only=[name])
    assert near in str(error.value.hint)


def test_bounds_of_a_release(index: Path, sources: Sources) -> None:
    from tailrace.artifacts import open_release

    artifact = open_release("down==3", sources)
    found = find_bounds(artifact, "down==3", sources, HERE, wish=Wish())
    ((one,), held) = found.requirements, found.requirements[0].range
    assert held is not None
    assert (one.upstream, one.declared, held.judgement) == ("up", "up<2.1", "both")
    assert held.too_loose == ("1.0",)
    assert held.too_tight == ("2.1", "3.0")
    text = render(found, "text")
    assert "up>=1.1" in text
    assert "too loose" in text
    assert render(found, "csv").splitlines()[1].startswith("up,up<2.1,both,up>=1.1,up >=1.1,1.0,2.1 3.0")


def test_text_fits_and_has_a_legend(grid: Matrix) -> None:
    text = render(grid, "text", options=RenderOptions(width=80))
    assert max(map(len, text.splitlines())) <= 80
    assert ". works   X breaks" in text
    assert "\x1b" not in text
    assert "\x1b[1;31mX\x1b[0m" in render(grid, "text", options=RenderOptions(color=True))
    assert max(map(len, render(grid, "text", options=RenderOptions(width=40)).splitlines())) <= 40


def test_a_page_leads_from_each_cell_to_its_reason(grid: Matrix) -> None:
    page = render(grid, "html")
    assert page.count('<a href="#c-') >= 30
    for row in grid.rows:
        for cell in row.cells:
            assert f'href="#c-{cell.downstream}-{cell.upstream}"' in page
            assert f'id="c-{cell.downstream}-{cell.upstream}"' in page
    assert "<script" not in page


def test_a_page_is_inert(grid: Matrix) -> None:
    hostile = "<script>alert(1)</script>\u202e"
    cells = tuple(
        Cell(
            downstream=hostile,
            upstream=hostile,
            state="breaks",
            works=False,
            declared=True,
            how="checked",
            symbol=hostile,
            message=hostile,
            file=hostile,
            line=1,
        )
        for _ in range(1)
    )
    import msgspec

    row = msgspec.structs.replace(grid.rows[0], downstream=hostile, cells=cells, requirement=hostile)
    found = msgspec.structs.replace(grid, rows=(row,), upstream_versions=(hostile,))
    page = render(found, "html")
    assert "<script" not in page
    assert "\u202e" not in page + render(found, "text")


def test_tables_and_a_picture(grid: Matrix) -> None:
    lines = render(grid, "csv").splitlines()
    assert len(lines) == 31
    assert lines[0].startswith("downstream,upstream,state,works")
    read = json.loads(render(grid, "json"))
    assert read["schema"] == "tailrace.matrix/1"
    pytest.importorskip("PIL")
    assert render_output(grid, "png")[:8] == b"\x89PNG\r\n\x1a\n"


def cell(upstream: str, works: bool | None, declared: bool = True) -> Cell:
    state = "works" if works else "breaks" if works is False else "not-checked"
    return Cell(downstream="1", upstream=upstream, state=state, works=works, declared=declared, how="checked")  # type: ignore[arg-type]


RANGES = [
    # marks of 1.0, 1.1, 1.2, 2.0, 2.1, 3.0; PEP 440; conda
    ("......", "up", "up"),
    ("X.....", "up>=1.1", "up >=1.1"),
    ("...X..", "up!=2.0", "up !=2.0"),
    ("...XXX", "up<2", "up <2a0"),
    ("....XX", "up<2.1", "up <2.1a0"),
    ("XX..XX", "up>=1.2,<2.1", "up >=1.2,<2.1a0"),
    ("...???", "up<2", "up <2a0"),
    ("..X.X.", "up!=1.2,!=2.1", "up !=1.2,!=2.1"),
]


@pytest.mark.parametrize(("row", "pep440", "matchspec"), RANGES)
def test_what_to_write(row: str, pep440: str, matchspec: str) -> None:
    from packaging.specifiers import SpecifierSet
    from rattler import MatchSpec

    cells = [cell(v, {".": True, "X": False, "?": None}[mark]) for v, mark in zip(UP, row, strict=True)]
    found = working_range("up", cells, "1.2", None)
    assert (found.pep440, found.matchspec) == (pep440, matchspec)
    MatchSpec(matchspec)
    allowed = SpecifierSet(pep440.removeprefix("up"))
    assert [v in allowed for v in UP] == [mark == "." for mark in row]


def test_nothing_is_written_where_nothing_works() -> None:
    found = working_range("up", [cell("1.0", False), cell("1.1", False)], "0.9", "up>=1")
    assert (found.pep440, found.matchspec, found.judgement) == (None, None, "too-loose")
    unknown = working_range("up", [cell("1.0", None)], None, None)
    assert (unknown.pep440, unknown.judgement) == (None, "unknown")


WISHES = [
    (("20",), (None, None, 20)),
    ((">=1.0,<2",), (Wish(specifier=">=1.0,<2", newest=10_000), None, None)),
    (("1.0,1.1",), (Wish(versions=("1.0", "1.1"), newest=10_000), None, None)),
    (("Up==1.0,1.1",), (Wish(versions=("1.0", "1.1"), newest=10_000), None, None)),
    (("down>=2",), (None, Wish(specifier=">=2", newest=10_000), None)),
    (("down:2,3", "5"), (None, Wish(versions=("2", "3"), newest=10_000), 5)),
]


@pytest.mark.parametrize(("texts", "expected"), WISHES)
def test_which_versions_are_meant(
    texts: tuple[str, ...], expected: tuple[Wish | None, Wish | None, int | None]
) -> None:
    assert read_wishes(texts, "up", "down") == expected


@pytest.mark.parametrize("text", ["0", "other>=1", ">=x", "one,two", "1.0;2.0"])
def test_a_mistyped_wish_is_refused(text: str) -> None:
    with pytest.raises(VersionsError):
        read_wishes((text,), "up", "down")


def test_versions_of_an_index(sources: Sources) -> None:
    assert choose("up", Wish(newest=2), sources) == ("2.1", "3.0")
    assert choose("up", Wish(specifier="<2", newest=2), sources) == ("1.1", "1.2")
    assert read_side("up>=1, <2") == ("up", Wish(specifier=">=1,<2"))
    with pytest.raises(VersionsError, match="no final release"):
        choose("up", Wish(specifier=">9"), sources)
