"""Archives, folders and environments on this machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from source_builders import Index, sdist_bytes, wheel_bytes

from tailrace.sources import PathError, Sources, SourceSettings, SpecError, UnknownNameError
from tailrace.sources.local import name_of_archive


def open_sources(tmp_path: Path) -> Sources:
    return Sources(SourceSettings(cache_dir=tmp_path / "cache", index_urls=(), find_links=()))


@pytest.mark.parametrize(
    ("filename", "name", "version"),
    [
        ("MarkupSafe-2.1.0-cp310-cp310-macosx_10_9_universal2.whl", "markupsafe", "2.1.0"),
        ("zope.interface-5.0-py3-none-any.whl", "zope-interface", "5.0"),
        ("a_b-1.0+local.1-py3-none-any.whl", "a-b", "1.0+local.1"),
        ("python-dateutil-2.8.2.tar.gz", "python-dateutil", "2.8.2"),
        ("a-1.0rc1.zip", "a", "1.0rc1"),
        ("conda-build-3.21.8-py39hf3d152e_0.tar.bz2", "conda-build", "3.21.8"),
        ("conda-4.13.0-py39_0.conda", "conda", "4.13.0"),
        ("old-1.0.tar.bz2", "old", "1.0"),
        ("main.zip", "main", "0+unknown"),
        ("v1.tar.gz", "v1", "0+unknown"),
    ],
)
def test_a_file_name_says_what_it_holds(filename: str, name: str, version: str) -> None:
    assert name_of_archive(filename) == (name, version)


def test_an_archive_is_known_by_its_hash(tmp_path: Path) -> None:
    import hashlib

    path = tmp_path / "demo-1.0.tar.gz"
    path.write_bytes(sdist_bytes("demo", "1.0"))
    located = open_sources(tmp_path).locate(str(path))
    assert located.release.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_bytes(sdist_bytes("demo", "1.0", {"more.py": ""}))
    assert open_sources(tmp_path).resolve(str(path)).sha256 != located.release.sha256


@pytest.mark.parametrize(
    ("path", "says"),
    [("./none.whl", "does not exist"), ("./none/", "does not exist"), ("./notes.txt", "no archive that can be read")],
)
def test_a_wrong_path_is_the_users_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, says: str
) -> None:
    (tmp_path / "notes.txt").write_text("")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PathError, match=says) as caught:
        open_sources(tmp_path).resolve(path)
    assert caught.value.exit_status == 2


@pytest.mark.parametrize(
    ("files", "name", "version"),
    [
        ({"pyproject.toml": '[project]\nname = "Demo_X"\nversion = "1.2"\n'}, "demo-x", "1.2"),
        (
            {
                "setup.cfg": "[metadata]\nname = demo\nversion = attr: demo.__version__\n",
                "demo/__init__.py": '__version__ = "3"',
            },
            "demo",
            "3",
        ),
        ({"setup.py": "from setuptools import setup\nN = 'demo'\nsetup(name=N, version='4')\n"}, "demo", "4"),
        ({"setup.py": "import demo\nsetup(name=demo.__name__)", "demo/__init__.py": '__version__ = "5"'}, "demo", "5"),
        ({"PKG-INFO": "Name: demo\nVersion: 6\n"}, "demo", "6"),
        (
            {
                "pyproject.toml": '[project]\nname = "demo"\ndynamic = ["version"]\n',
                "demo.egg-info/PKG-INFO": "Version: 7\n",
            },
            "demo",
            "7",
        ),
        ({"pyproject.toml": "not toml ["}, "folder", "0+unknown"),
        ({"x.py": ""}, "folder", "0+unknown"),
        ({"demo-8.dist-info/METADATA": "Name: demo\nVersion: 8\n"}, "demo", "8"),
    ],
)
def test_a_folder_says_what_it_is(tmp_path: Path, files: dict[str, str], name: str, version: str) -> None:
    for path, text in files.items():
        (tmp_path / "folder" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "folder" / path).write_text(text)
    release = open_sources(tmp_path).resolve(str(tmp_path / "folder"))
    assert (release.name, release.version) == (name, version)


def test_what_comes_before_a_folder_is_asked_of_the_index(tmp_path: Path) -> None:
    index = Index(tmp_path / "index")
    index.add("demo-1.0-py3-none-any.whl")
    index.add("demo-3.0-py3-none-any.whl")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "pyproject.toml").write_text('[project]\nname = "demo"\nversion = "2.0"\n')
    sources = index.sources(tmp_path)
    assert sources.previous(sources.resolve(str(tmp_path / "folder"))).spec == "demo==1.0"
    # What only a build could tell may be the next release.
    (tmp_path / "folder" / "pyproject.toml").write_text('[project]\nname = "demo"\ndynamic = ["version"]\n')
    assert sources.previous(sources.resolve(str(tmp_path / "folder"))).spec == "demo==3.0"


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    folder = tmp_path / "venv" / "lib" / "python3.12" / "site-packages"
    for name, version in (("demo", "1.0"), ("other", "2.0")):
        info = folder / f"{name}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Name: {name}\nVersion: {version}\nRequires-Python: >=3.9\n")
        (info / "RECORD").write_text(f"{name}.py,,\n{name}-{version}.dist-info/METADATA,,\n../../../bin/{name},,\n")
        (folder / f"{name}.py").write_text("")
    source = tmp_path / "checkout"
    source.mkdir()
    (folder / "edit-1.0.dist-info").mkdir()
    (folder / "edit-1.0.dist-info" / "METADATA").write_text("Name: edit\nVersion: 1.0\n")
    pointer = {"url": source.as_uri(), "dir_info": {"editable": True}}
    (folder / "edit-1.0.dist-info" / "direct_url.json").write_text(json.dumps(pointer))
    (folder / "broken-1.dist-info").mkdir()
    return tmp_path / "venv"


def test_an_environment_lists_what_is_installed(prefix: Path, tmp_path: Path) -> None:
    specs = open_sources(tmp_path).installed(prefix)
    assert specs == tuple(sorted((f"env:{prefix}#name=demo", f"env:{prefix}#name=other", str(tmp_path / "checkout"))))


def test_one_installed_distribution_is_a_release(prefix: Path, tmp_path: Path) -> None:
    located = open_sources(tmp_path).locate(f"env:{prefix}#name=Demo")
    release = located.release
    assert (release.name, release.version, release.requires_python) == ("demo", "1.0", ">=3.9")
    assert (located.kind, located.distribution, located.path) == ("environment", "demo", prefix)


def test_what_is_not_installed_names_what_is(prefix: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="'other'"):
        open_sources(tmp_path).resolve(f"env:{prefix}#name=othr")
    with pytest.raises(PathError, match="no site-packages"):
        open_sources(tmp_path).resolve(f"env:{tmp_path / 'checkout'}")
    with pytest.raises(PathError, match="is no folder"):
        open_sources(tmp_path).resolve(f"env:{tmp_path / 'none'}")


def test_a_wheel_beside_other_files_is_read_as_a_wheel(tmp_path: Path) -> None:
    path = tmp_path / "demo-1.0-py3-none-any.whl"
    path.write_bytes(wheel_bytes("demo", "1.0"))
    assert open_sources(tmp_path).locate(str(path)).kind == "archive"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("./us?", ["./us1", "./us2"]),
        ("./us*", ["./us1", "./us2", "./used"]),
        ("./us[2-9]", ["./us2"]),
        ("./nothing*", ["./nothing*"]),
        ("./us1", ["./us1"]),
        ("./odd[1]", ["./odd[1]"]),
        ("us?==1", ["us?==1"]),
    ],
)
def test_a_pattern_stands_for_each_path_that_matches(
    pattern: str, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("us1", "us2", "used", "odd[1]", "odd1"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pyproject.toml").write_text(f'[project]\nname = "{name[:3]}"\nversion = "1"\n')
    monkeypatch.chdir(tmp_path)
    sources = Sources(SourceSettings(offline=True, cache_dir=tmp_path / "cache"))
    assert [str(part) for part in sources.parts(pattern)] == expected


@pytest.mark.parametrize(
    ("files", "spec", "wrong"),
    [
        (("proj/pyproject.toml",), "proj", "'proj' is the folder of a project here"),
        (("proj/setup.py",), " proj", "'proj' is the folder of a project here"),
        (("my.proj/setup.cfg",), "my.proj", "pypi:my.proj"),
        (("app.py",), "app.py", "is a Python file"),
        (("proj/__init__.py",), "proj", ""),  # the package that a project's own folder has
        (("proj/docs/pyproject.toml",), "proj", ""),
        (("proj/pyproject.toml",), "proj==1.0", ""),
        (("proj/pyproject.toml",), "pypi:proj", ""),
        (("proj",), "proj", ""),
    ],
)
def test_a_name_that_a_folder_has_too_is_not_guessed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: tuple[str, ...], spec: str, wrong: str
) -> None:
    for file in files:
        path = tmp_path / "here" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(SpecError if wrong else UnknownNameError) as raised:
        open_sources(tmp_path).resolve(spec)
    assert wrong in f"{raised.value} {raised.value.hint}"


def test_a_folder_in_place_of_a_list_has_a_way_out(tmp_path: Path) -> None:
    from tailrace.sources.errors import ListError
    from tailrace.sources.lists import read_text

    with pytest.raises(ListError, match=r"is a folder, not a list.*--downstream"):
        read_text(tmp_path)
