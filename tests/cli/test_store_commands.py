"""`scan`, `uses`, `store`, `check --store`, `matrix`, `bounds`, `dependents` from the command line, on small wheels."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from support.wheels import write_wheel
from tailrace.cli.app import app
from tailrace.cli.failure import run

OLD = "def gone(a, b=1): ...\ndef stays(a, old=1): ...\nclass _Hidden: ...\n"
NEW = "def stays(a): ...\nclass _Hidden: ...\n"


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "wheels"
    write_wheel(folder, "up", "1.0", {"up/__init__.py": OLD})
    write_wheel(folder, "up", "2.0", {"up/__init__.py": NEW})
    write_wheel(folder, "one", "1.0", {"one.py": "import up\nup.gone(1, b=2)\nup._Hidden\n"}, requires=["up<2"])
    write_wheel(folder, "one", "2.0", {"one.py": "import up\nup.gone(1, b=2)\n"}, requires=["up"])
    write_wheel(folder, "two", "1.0", {"two.py": "from up import stays\nstays(1)\n"}, requires=["up"])
    return folder


@pytest.fixture
def tailrace(tmp_path: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    for name, value in (("STORE", tmp_path / "store"), ("CACHE_DIR", tmp_path / "cache"), ("FIND_LINKS", wheels)):
        monkeypatch.setenv(f"TAILRACE_{name}", str(value))
    monkeypatch.setenv("TAILRACE_OFFLINE", "true")
    monkeypatch.setenv("TAILRACE_JOBS", "1")

    def call(*arguments: str, status: int = 0) -> str:
        assert run(app, list(arguments)) == status, capsys.readouterr()
        return capsys.readouterr().out

    return call


def specs(wheels: Path) -> list[str]:
    return [str(path) for path in sorted(wheels.glob("[ot]*.whl"))]


def test_a_store_from_the_command_line(tailrace, wheels: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert "3 releases: 3 scanned" in tailrace("scan", *specs(wheels))
    assert "3 already in the store" in tailrace("scan", *specs(wheels))

    text = tailrace("uses", "up.gone")
    assert "up.gone: 2 uses in 2 files of 2 releases of 1 downstream" in text
    assert "one.py:2:" in text
    assert "up.gone(1, b=)" in text
    read = json.loads(tailrace("uses", "up", "--by", "version", "--format", "json"))
    assert read["schema"] == "tailrace.uses/1"
    assert [(group["downstream"], group["version"]) for group in read["groups"]] == [
        ("one", "1.0"),
        ("one", "2.0"),
        ("two", "1.0"),
    ]
    assert "b  2 calls, 1 downstream" in tailrace("uses", "up.gone", "--keywords")
    assert "up._Hidden" in tailrace("uses", "up", "--private")
    assert "up.gone" not in tailrace("uses", "up", "--private")
    rows = list(csv.DictReader(io.StringIO(tailrace("uses", "up.gone", "--calls", "--format", "csv"))))
    assert [(row["downstream"], row["keywords"]) for row in rows] == [("one", "b"), ("one", "b")]
    assert "did you mean up.gone?" in tailrace("uses", "up.gon")

    info = json.loads(tailrace("store", "info", "--format", "json"))
    assert (info["distributions"], info["artifacts"]) == (2, 3)
    assert len(info["content"]) == 64
    assert "0 damaged" in tailrace("store", "verify")
    assert "removed" in tailrace("store", "gc")
    assert "uses.parquet" in tailrace("store", "export", str(tmp_path / "tables"))


def test_a_check_of_everyone_in_the_store(tailrace, wheels: Path) -> None:  # type: ignore[no-untyped-def]
    tailrace("scan", *specs(wheels))
    for engine in ("full", "facts"):
        read = json.loads(
            tailrace("check", "up==2.0", "-b", "1.0", "--engine", engine, "--format", "json", "-q", status=1)
        )
        found = {(one["name"], one["version"]): one["status"] for one in read["downstreams"]}
        assert found == {("one", "1.0"): "contained", ("one", "2.0"): "breaks", ("two", "1.0"): "clear"}
    tailrace("check", "up==2.0", "-b", "1.0", "-d", specs(wheels)[0], "--engine", "facts", status=2)


def test_a_grid_and_bounds(tailrace, wheels: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    page, picture = tmp_path / "grid.html", tmp_path / "grid.png"
    text = tailrace("matrix", "up", "one", "-f", "text", "-f", f"html:{page}", "-f", f"png:{picture}", status=1)
    assert "1.0  . x" in text
    assert "2.0  X ." in text or "2.0  . X" in text
    assert page.read_text().count("<a href") >= 4
    assert picture.read_bytes().startswith(b"\x89PNG")
    read = json.loads(tailrace("matrix", "up", "one", "--versions", "one==1.0", "-f", "json"))
    assert read["schema"] == "tailrace.matrix/1"
    assert [cell["state"] for cell in read["rows"][0]["cells"]] == ["works", "declared-incompatible"]
    text = tailrace("bounds", "one==1.0")
    assert "up<2" in text
    assert json.loads(tailrace("bounds", "one==1.0", "-f", "json"))["schema"] == "tailrace.bounds/1"


NAMES = [
    # arguments, exit status, what is said
    (("uses", "upp.gone"), 2, "Did you mean up.gone?"),
    (("uses", "nothing.like.it"), 2, "uses or brings a module nothing"),
    (("uses", "tow"), 2, "Did you mean two?"),
    (("uses", "one.nothing"), 0, "no uses of one.nothing"),  # in the store, used by nobody
    (("uses", "upctl run"), 2, "runs upctl"),
    (("uses", "up." + "x" * 400), 2, "has 403 characters"),
    (("uses", "up." + "x" * 397), 0, "no uses of"),
    (("dependents", "upp"), 2, "Did you mean up?"),
    (("dependents", "thre"), 2, "knows a distribution thre"),
    (("dependents", "two"), 0, "two: 0 dependents"),
    (("dependents", "Up"), 0, "Up: 2 dependents"),
]


@pytest.mark.parametrize(("arguments", "status", "said"), NAMES)
def test_a_name_that_the_store_has_never_seen_is_a_mistake(  # type: ignore[no-untyped-def]
    tailrace, wheels: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], status: int, said: str
) -> None:
    tailrace("scan", *specs(wheels))
    assert run(app, list(arguments)) == status
    shown = capsys.readouterr()
    assert said in (shown.err if status else shown.out)


def test_two_long_paths_do_not_answer_for_each_other(tailrace, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    one, two = (f"up.{'x' * 200}.{'y' * 250}{end}" for end in "ab")
    wheel = write_wheel(tmp_path, "long", "1.0", {"long.py": f"import up\n{one}\n{two}\n"})
    tailrace("scan", str(wheel))
    text = tailrace("uses", f"up.{'x' * 200}")
    assert "2 uses" in text
    assert "too long to be kept whole" in text
    tailrace("uses", one, status=2)


def test_files_that_no_python_reads_are_counted(tailrace, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    files = {"odd/__init__.py": "", "odd/a.py": "x = (\n", "odd/b.py": "print 1, 2\n", "odd/c.txt": "x ("}
    wheel = write_wheel(tmp_path, "odd", "1.0", files)
    read = json.loads(tailrace("scan", str(wheel), "--format", "json"))
    assert (read["counts"]["files_without_facts"], [one["file"] for one in read["without_facts"]]) == (1, ["odd/a.py"])
    assert "files without facts: 1" in tailrace("store", "info")
    other = write_wheel(tmp_path, "odd", "2.0", {**files, "odd/d.py": "x = )\n"})
    assert "1 gave no facts" in tailrace("scan", str(other))


def test_who_depends(tailrace, wheels: Path) -> None:  # type: ignore[no-untyped-def]
    tailrace("scan", *specs(wheels))
    read = json.loads(tailrace("dependents", "up", "--format", "json"))
    assert {(one["name"], one["version"], one["origin"]) for one in read["found"]} == {
        ("one", "1.0", "store"),
        ("one", "2.0", "store"),
        ("two", "1.0", "store"),
    }


def test_what_cannot_be_read_is_listed(tailrace, wheels: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    broken = tmp_path / "bad-1.0-py3-none-any.whl"
    broken.write_bytes(b"nothing")
    failures = tmp_path / "failures.json"
    text = tailrace("scan", str(broken), *specs(wheels), "--failures", str(failures), status=3)
    assert "1 could not be read" in text
    (failure,) = json.loads(failures.read_text())["failures"]
    assert failure["spec"].endswith("bad-1.0-py3-none-any.whl")
    assert failure["reason"]
    text = tailrace("scan", str(broken), str(broken) + "x", "--max-failures", "0", status=3)
    assert "stopped" in text


MISTAKES = [
    ("scan",),
    ("uses", "1up"),
    ("uses", ""),
    ("uses", "up", "--format", "xml"),
    ("uses", "up", "--store", "ftp://host/x"),
    ("matrix", "up", "one", "--versions", "0"),
    ("matrix", "./up", "one"),
    ("matrix", "up", "one", "-f", "pdf"),
    ("bounds", "one==1.0", "--versions", "x"),
    ("store", "gc", "--keep", "0"),
    ("scan", "--pypi-list", "/none"),
]


@pytest.mark.parametrize("arguments", MISTAKES, ids=[" ".join(mistake) for mistake in MISTAKES])
def test_a_mistake_gets_a_sentence_and_status_2(tailrace, arguments: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    assert tailrace(*arguments, status=2) == ""


@pytest.mark.parametrize("question", [("uses", "up"), ("store", "info"), ("store", "verify"), ("store", "gc")])
def test_without_a_store_the_way_to_one_is_shown(tailrace, question: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    assert tailrace(*question, status=2) == ""
