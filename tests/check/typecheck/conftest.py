"""Two upstreams and a downstream, written from tables; the checker that runs on them is the real one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tailrace.check.typecheck import Comparison, compare
from tailrace.model import Artifact, Metadata, Release

Files = Mapping[str, str | bytes]
Compare = Callable[..., Comparison]


def write(root: Path, files: Files) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    root.mkdir(parents=True, exist_ok=True)
    return root


def artifact(root: Path, files: Files, paths: tuple[str, ...] = ("",)) -> Artifact:
    write(root, files)
    names = tuple(sorted(name for name in files if name.endswith((".py", ".pyi"))))
    release = Release(name=root.name, version="1", spec=str(root), source="directory")
    return Artifact(release, Metadata(root.name, "1"), root, "tree", paths, names)


@pytest.fixture
def compared(tmp_path: Path) -> Compare:
    """`compared(old, new, downstream, **options)`: each a table of files, or the text of `up.py` / `down.py`."""

    def run(old: str | Files, new: str | Files, downstream: str | Files, **options: object) -> Comparison:
        up = [{"up.py": text} if isinstance(text, str) else text for text in (old, new)]
        down = {"down.py": downstream} if isinstance(downstream, str) else downstream
        user = artifact(tmp_path / "downstream", down, options.pop("downstream_paths", ("",)))  # type: ignore[arg-type]
        return compare(
            [name for name in user.python_files if name.endswith(".py")],
            downstream=user,
            baseline=artifact(tmp_path / "old", up[0]),
            candidate=artifact(tmp_path / "new", up[1]),
            **{"time_limit": 60, **options},  # type: ignore[arg-type]
        )

    return run
