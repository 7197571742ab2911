"""Sound archives with a few bytes changed: opened or refused, never a crash, never a file outside."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path

from archive_builders import (
    METADATA,
    conda_info,
    conda_v1,
    conda_v2,
    entry,
    open_bytes,
    sdist,
    tar_bytes,
    wheel,
    zip_bytes,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tailrace.artifacts import read_member
from tailrace.model import TailraceError
from tailrace.sources import Limits

FILES = {"demo/__init__.py": "a = 1\n" * 20, "demo/fast.so": b"\x7fELF", "demo/sub/x.pyi": "", "data.txt": "x" * 100}
SEEDS = {
    "demo-1.0-py3-none-any.whl": wheel(FILES),
    "demo-1.0.tar.gz": sdist({**FILES, "link.py": entry(b"2", "demo"), "setup.py": "setup(name='x')"}),
    "demo-1.0.tar": tar_bytes({"demo-1.0/PKG-INFO": METADATA, "demo-1.0/" + "long/" * 30 + "x.py": "x"}, "w"),
    "demo-1.0.zip": zip_bytes({f"demo-1.0/{path}": content for path, content in FILES.items()}, compressed=False),
    "demo-1.0-0.conda": conda_v2(
        {f"site-packages/{path}": content for path, content in FILES.items()}, conda_info(("a >=1",))
    ),
    "demo-1.0-0.tar.bz2": conda_v1({f"site-packages/{path}": content for path, content in FILES.items()}),
}
LIMITS = Limits(members=500, file_size=1_000_000, total_size=5_000_000, ratio_from=1_000_000)

edits = st.lists(
    st.tuples(st.sampled_from(["set", "cut", "insert", "swap"]), st.floats(0, 1), st.binary(min_size=1, max_size=6)),
    min_size=1,
    max_size=5,
)


def mutate(content: bytes, changes: list[tuple[str, float, bytes]]) -> bytes:
    for kind, where, piece in changes:
        at = int(where * len(content))
        match kind:
            case "set":
                content = content[:at] + piece + content[at + len(piece) :]
            case "cut":
                content = content[:at] + content[at + len(piece) * 20 :]
            case "insert":
                content = content[:at] + piece + content[at:]
            case _:
                content = content.replace(b"demo", (piece + b"demo")[:4], 1 + at % 3)
    return content


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(SEEDS)), edits)
def test_a_mutated_archive_is_opened_or_refused(filename: str, changes: list[tuple[str, float, bytes]]) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        home = folder / "home"
        home.mkdir()
        with contextlib.suppress(TailraceError):
            artifact = open_bytes(home, filename, mutate(SEEDS[filename], changes), LIMITS)
            assert all((artifact.root / path).is_file() for path in artifact.python_files)
            for path in artifact.compiled_files:
                read_member(artifact, path)
        assert sorted(path.name for path in folder.iterdir()) == ["home"]
        assert {path.name for path in home.iterdir()} <= {"cache", filename}
        assert not [path for path in folder.rglob("*") if path.is_symlink()]
        assert not list((home / "cache" / "v1" / "scratch").glob("*"))
    finally:
        shutil.rmtree(folder)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40))
def test_any_member_name_stays_inside(name: str) -> None:
    from tailrace.artifacts.names import UnreadableNameError, UnsafeNameError, clean_name

    try:
        clean = clean_name(name)
    except (UnsafeNameError, UnreadableNameError):
        return
    root = Path("/root")
    import os.path

    assert Path(os.path.normpath(root / clean)).is_relative_to(root)
    assert clean_name(clean) == clean
