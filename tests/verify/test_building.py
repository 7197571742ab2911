"""Source distributions: what their build needs, and what a build may leave."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from tailrace.verify.building import check_wheel, read_build_requires, unbuilt
from tailrace.verify.errors import PreparationError


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Because asciitree==0.3.3 has no usable wheels and", (("asciitree", "==0.3.3"),)),
        ("Because all versions of asciitree have no usable wheels and zarr", (("asciitree", ""),)),
        ("Because scikit-image>=0.19.1,<1 has no usable wheels", (("scikit-image", ">=0.19.1,<1"),)),
        ("Because Foo_Bar==1 has no usable wheels and a==2 has no usable wheels", (("foo-bar", "==1"), ("a", "==2"))),
        ("Because a was not found in the package registry", ()),
    ],
)
def test_the_packages_without_wheels_are_read_from_the_reason(message: str, expected: object) -> None:
    assert unbuilt(message) == expected


def sdist(folder: Path, files: dict[str, str]) -> Path:
    path = folder / "x-1.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return path


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"x-1/pyproject.toml": "[build-system]\nrequires = ['hatchling', 'a>1']\n"}, ("hatchling", "a>1")),
        ({"x-1/pyproject.toml": "[project]\nname = 'x'\n"}, ()),
        ({"x-1/setup.py": ""}, ()),
        (
            {"x-1/setup.py": "import os\nos.remove('x')\nsetup(setup_requires=['setuptools_scm', N, 'b'])\n"},
            ("setuptools_scm", "b"),
        ),
        ({"x-1/setup.py": "setup(setup_requires='pbr>=1')\n"}, ("pbr>=1",)),
        ({"x-1/setup.py": "setup(setup_requires=needed())\n"}, ()),
        ({"x-1/setup.py": "print 'x'\nsetup(setup_requires=['a'])\n"}, ()),
        (
            {
                "x-1/pyproject.toml": "[build-system]\nrequires = ['hatchling']\n",
                "x-1/setup.py": "setup(setup_requires=['a'])\n",
            },
            ("hatchling",),
        ),
        ({"x-1/pyproject.toml": "[build-system\n"}, ()),
        ({"x-1/pyproject.toml": "[build-system]\nrequires = 3\n"}, ()),
        ({"x-1/sub/pyproject.toml": "[build-system]\nrequires = ['a']\n"}, ()),
    ],
)
def test_what_a_build_requires_is_read_and_not_run(
    files: dict[str, str], expected: tuple[str, ...], tmp_path: Path
) -> None:
    assert read_build_requires(sdist(tmp_path, files)) == expected


@pytest.mark.parametrize(
    ("left", "says"),
    [
        (["x-1.0-py3-none-any.whl"], None),
        (["X-1-py3-none-any.whl"], None),
        ([], "0 files"),
        (["x-1-py3-none-any.whl", "y"], "2 files"),
        (["y-1-py3-none-any.whl"], "is not x 1"),
        (["x-2-py3-none-any.whl"], "is not x 1"),
        (["x.whl"], "is not x 1"),
    ],
)
def test_only_the_wheel_that_was_asked_for_is_taken(left: list[str], says: str | None, tmp_path: Path) -> None:
    for name in left:
        (tmp_path / name).write_text("")
    if says is None:
        assert check_wheel(tmp_path, "x", "1").name == left[0]
        return
    with pytest.raises(PreparationError, match=says):
        check_wheel(tmp_path, "x", "1")


def test_a_link_in_place_of_a_wheel_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x-1-py3-none-any.whl").symlink_to("/etc/passwd")
    with pytest.raises(PreparationError, match="not a file"):
        check_wheel(tmp_path, "x", "1")
