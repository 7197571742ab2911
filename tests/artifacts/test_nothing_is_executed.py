"""Opening runs nothing of a package and imports nothing of it; several processes may open the same at once."""

from __future__ import annotations

import multiprocessing
import sys
from pathlib import Path

import pytest
from archive_builders import conda_info, conda_v2, open_bytes, sdist, wheel

from tailrace.artifacts import open_release
from tailrace.sources import Sources, SourceSettings


def bomb(mark: Path) -> str:
    return f"import pathlib\npathlib.Path({str(mark)!r}).write_text('ran')\nraise SystemExit(7)\n"


@pytest.mark.parametrize("kind", ["wheel", "sdist", "conda", "folder", "environment"])
def test_no_code_of_a_package_runs(tmp_path: Path, kind: str) -> None:
    mark = tmp_path / "mark"
    code = bomb(mark)
    files = {
        "demo_marked/__init__.py": code,
        "setup.py": code + "from setuptools import setup\nsetup(name='demo', version='1.0')\n",
        "demo_marked.pth": f"import os; os.system('touch {mark}')\n",
        "conftest.py": code,
        "sitecustomize.py": code,
    }
    match kind:
        case "wheel":
            open_bytes(tmp_path, "demo-1.0-py3-none-any.whl", wheel(files))
        case "sdist":
            open_bytes(tmp_path, "demo-1.0.tar.gz", sdist(files))
        case "conda":
            scripts = {"bin/.demo-post-link.sh": f"touch {mark}", **{f"site-packages/{k}": v for k, v in files.items()}}
            open_bytes(tmp_path, "demo-1.0-0.conda", conda_v2(scripts, conda_info()))
        case _:
            root = tmp_path / "venv" / "lib" / "python3.12" / "site-packages"
            metadata = {"demo-1.0.dist-info/METADATA": "Name: demo\nVersion: 1.0\n"} if kind == "environment" else {}
            for path, text in {**files, **metadata}.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text)
            sources = Sources(SourceSettings(cache_dir=tmp_path / "cache", index_urls=(), find_links=()))
            artifact = open_release(str(root) if kind == "folder" else f"env:{tmp_path / 'venv'}", sources)
            assert "demo_marked/__init__.py" in artifact.python_files
    assert not mark.exists()
    assert "demo_marked" not in sys.modules


def _open(arguments: tuple[str, str]) -> tuple[str, int]:
    cache, archive = arguments
    sources = Sources(SourceSettings(cache_dir=Path(cache), index_urls=(), find_links=()))
    artifact = open_release(archive, sources)
    text = (artifact.root / "demo" / "m7.py").read_text()
    return text, len(artifact.python_files)


def test_several_processes_open_one_archive_at_once(tmp_path: Path) -> None:
    archive = tmp_path / "demo-1.0-py3-none-any.whl"
    archive.write_bytes(wheel({f"demo/m{number}.py": f"# {number}\n" for number in range(300)}))
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        found = pool.map(_open, [(str(tmp_path / "cache"), str(archive))] * 8, chunksize=1)
    assert found == [("# 7\n", 300)] * 8
    assert len(list((tmp_path / "cache").glob("*/trees/*/*"))) == 1
    assert not list((tmp_path / "cache").glob("*/scratch/*"))
