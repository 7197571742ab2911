"""Every kind of release opens into the same shape."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from archive_builders import METADATA, conda_info, conda_v1, conda_v2, open_bytes, sdist, tar_bytes, wheel, zip_bytes

from tailrace.artifacts import MissingMemberError, open_release, read_member
from tailrace.sources import Sources, SourceSettings

WHEEL = "demo-1.0-py3-none-any.whl"


def sources(tmp_path: Path) -> Sources:
    return Sources(SourceSettings(cache_dir=tmp_path / "cache", index_urls=(), find_links=()))


def test_a_wheel_is_rooted_where_it_is_installed(tmp_path: Path) -> None:
    files = {
        "demo/__init__.py": "a = 1\n",
        "demo/typed.pyi": "",
        "demo/py.typed": "",
        "demo/data.json": "{}",
        "demo/fast.cpython-312-x86_64-linux-gnu.so": b"\x7fELF",
        "demo/fast.pyx": "cdef int x\n",
        "demo.libs/libz.so": b"\x7fELF",
        "demo-1.0.data/purelib/extra/__init__.py": "",
        "demo-1.0.data/platlib/native.pyd": b"MZ",
        "demo-1.0.data/scripts/demo-run.py": "",
        "demo-1.0.data/scripts/demo-go": "#!python\nimport demo\n",
        "demo-1.0.data/scripts/demo-sh": "#!/bin/sh\n",
        "demo-1.0.data/data/share/x.py": "",
    }
    artifact = open_bytes(tmp_path, WHEEL, wheel(files))
    assert artifact.kind == "wheel"
    assert artifact.search_paths == ("",)
    data = "demo-1.0.data"
    scripts = (f"{data}/data/share/x.py", f"{data}/scripts/demo-go", f"{data}/scripts/demo-run.py")
    assert artifact.python_files == (*scripts, "demo/__init__.py", "demo/typed.pyi", "extra/__init__.py")
    assert artifact.compiled_files == ("demo/fast.cpython-312-x86_64-linux-gnu.so", "demo/fast.pyx", "native.pyd")
    assert (artifact.root / "demo" / "__init__.py").read_text() == "a = 1\n"
    assert (artifact.root / "demo" / "py.typed").exists()
    assert not (artifact.root / "demo" / "data.json").exists()
    assert not list(artifact.root.rglob("*.so"))
    assert (artifact.metadata.name, artifact.metadata.version) == ("demo", "1.0")


def test_bytes_of_an_extension_module_come_from_the_archive(tmp_path: Path) -> None:
    files = {
        "demo/fast.so": b"\x7fELF one",
        "demo/fast.pyx": "x",
        "demo/__init__.py": "a",
        "demo-1.0.data/platlib/n.so": b"two",
    }
    artifact = open_bytes(tmp_path, WHEEL, wheel(files))
    assert read_member(artifact, "demo/fast.so") == b"\x7fELF one"
    assert read_member(artifact, "demo/fast.pyx") == b"x"
    assert read_member(artifact, "demo/__init__.py") == b"a"
    assert read_member(artifact, "n.so") == b"two"
    for path in ("demo/none.so", "../../manifest", "/etc/passwd"):
        with pytest.raises(MissingMemberError):
            read_member(artifact, path)
    inside = open_bytes(tmp_path, "demo-1.0.tar.gz", sdist({"demo/fast.so": b"three"}))
    assert read_member(inside, "demo/fast.so") == b"three"
    packed = open_bytes(tmp_path, "demo-1.0-0.conda", conda_v2({"lib/python3.9/site-packages/demo/fast.so": b"four"}))
    assert read_member(packed, "demo/fast.so") == b"four"


def test_metadata_of_a_wheel(tmp_path: Path) -> None:
    text = (
        METADATA
        + "Requires-Python: >=3.8\nRequires-Dist: a (>=1)\nRequires-Dist: b ; extra == 'x'\nProvides-Extra: x\n\nText\n"
    )
    points = "[console_scripts]\nrun = demo.cli:main [x]\n\n[demo.plugins]\nb = demo:b\na = demo:a\n"
    extra = {"demo.py": "", "demo-1.0.dist-info/entry_points.txt": points, "demo-1.0.dist-info/top_level.txt": "demo\n"}
    metadata = open_bytes(tmp_path, WHEEL, wheel(extra, text)).metadata
    assert metadata.requires_python == ">=3.8"
    assert metadata.requires_dist == ("a (>=1)", "b ; extra == 'x'")
    assert metadata.entry_point_group("console_scripts") == (("run", "demo.cli:main"),)
    assert metadata.entry_point_group("demo.plugins") == (("a", "demo:a"), ("b", "demo:b"))
    assert metadata.top_level == ("demo",)


@pytest.mark.parametrize(
    "metadata", ["", "Name: \xff\n", "Metadata-Version: 9.9\nName: demo\nRequires-Dist: !!\nnonsense", "\n\nx"]
)
def test_odd_metadata_is_tolerated(tmp_path: Path, metadata: str) -> None:
    artifact = open_bytes(tmp_path, WHEEL, wheel({"demo.py": ""}, metadata))
    assert artifact.python_files == ("demo.py",)
    assert artifact.release.name == "demo"


def test_a_wheel_without_metadata_says_so(tmp_path: Path) -> None:
    artifact = open_bytes(tmp_path, WHEEL, zip_bytes({"demo.py": ""}))
    assert any("dist-info" in note for note in artifact.notes)


@pytest.mark.parametrize(
    ("filename", "content"),
    [
        ("demo-1.0.tar.gz", sdist({"src/demo/__init__.py": "", "tests/test_x.py": "", "setup.py": ""})),
        (
            "demo-1.0.zip",
            zip_bytes(
                {
                    "demo-1.0/PKG-INFO": METADATA,
                    "demo-1.0/src/demo/__init__.py": "",
                    "demo-1.0/tests/test_x.py": "",
                    "demo-1.0/setup.py": "",
                }
            ),
        ),
        (
            "demo-1.0.tar.xz",
            tar_bytes(
                {
                    "./demo-1.0/PKG-INFO": METADATA,
                    "./demo-1.0/src/demo/__init__.py": "",
                    "./demo-1.0/tests/test_x.py": "",
                    "./demo-1.0/setup.py": "",
                },
                "w:xz",
            ),
        ),
        (
            "demo-1.0.tar.bz2",
            tar_bytes(
                {
                    "demo-1.0/PKG-INFO": METADATA,
                    "demo-1.0/src/demo/__init__.py": "",
                    "demo-1.0/tests/test_x.py": "",
                    "demo-1.0/setup.py": "",
                },
                "w:bz2",
            ),
        ),
        (
            "demo-1.0.tar",
            tar_bytes(
                {
                    "a/demo-1.0/PKG-INFO": METADATA,
                    "a/demo-1.0/src/demo/__init__.py": "",
                    "a/demo-1.0/tests/test_x.py": "",
                    "a/demo-1.0/setup.py": "",
                },
                "w",
            ),
        ),
    ],
    ids=["tar.gz", "zip", "dot-slash-xz", "bz2", "nested-top"],
)
def test_a_source_distribution_loses_its_top_folder(tmp_path: Path, filename: str, content: bytes) -> None:
    artifact = open_bytes(tmp_path, filename, content)
    assert artifact.kind == "sdist"
    assert artifact.python_files == ("setup.py", "src/demo/__init__.py", "tests/test_x.py")
    assert artifact.search_paths == ("src",)
    assert (artifact.root / "src" / "demo" / "__init__.py").is_file()


def test_a_zip_without_a_top_folder_is_kept_as_it_is(tmp_path: Path) -> None:
    artifact = open_bytes(
        tmp_path,
        "main.zip",
        zip_bytes({"demo/__init__.py": "", "pyproject.toml": '[project]\nname="demo"\nversion="3"\n'}),
    )
    assert artifact.python_files == ("demo/__init__.py",)
    assert (artifact.release.name, artifact.release.version) == ("demo", "3")


@pytest.mark.parametrize(
    ("filename", "build"), [("demo-1.0-0.conda", conda_v2), ("demo-1.0-0.tar.bz2", conda_v1)], ids=["conda", "tar.bz2"]
)
@pytest.mark.parametrize("place", ["site-packages", "lib/python3.9/site-packages", "Lib/site-packages"])
def test_a_conda_package_is_rooted_at_its_site_packages(
    tmp_path: Path, filename: str, build: object, place: str
) -> None:
    info = conda_info(
        ("python >=3.9,<3.10.0a0", "a >=1,<2", "b 1.2.*", "c", "__glibc >=2", "d ==1 h_0", "e >=1|<0"),
        link='{"noarch": {"type": "python", "entry_points": ["run = demo.cli:main"]}}',
    )
    files = {
        f"{place}/demo/__init__.py": "a = 1\n",
        f"{place}/demo/fast.so": b"x",
        f"{place}/demo-1.0.dist-info/METADATA": METADATA + "Requires-Dist: a>=0\nRequires-Dist: z>=1\n",
        "bin/other.py": "",
        "info/test/run_test.py": "",
    }
    artifact = open_bytes(tmp_path, filename, build(files, info))  # type: ignore[operator]
    assert artifact.kind == "conda"
    up = "../" * (place.count("/") + 1)
    assert artifact.python_files == (f"{up}bin/other.py", "demo/__init__.py")
    assert artifact.compiled_files == ("demo/fast.so",)
    assert (artifact.root / "demo" / "__init__.py").read_text() == "a = 1\n"
    assert artifact.metadata.requires_dist == ("a>=1,<2", "b==1.2.*", "c", "d==1", "e", "z>=1")
    assert artifact.metadata.requires_python == ">=3.9,<3.10.0a0"
    assert artifact.metadata.entry_point_group("console_scripts") == (("run", "demo.cli:main"),)


def test_a_conda_package_without_modules_has_programs_at_most_and_says_so(tmp_path: Path) -> None:
    artifact = open_bytes(tmp_path, "demo-1.0-0.conda", conda_v2({"bin/tool": "x", "share/x.py": ""}))
    assert artifact.python_files == ("share/x.py",)
    assert any("site-packages" in note for note in artifact.notes)


def make_tree(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


TREE = {
    "pyproject.toml": '[project]\nname = "demo"\nversion = "1.0"\ndependencies = ["a>=1"]\n'
    '[project.scripts]\nrun = "demo:main"\n',
    "src/demo/__init__.py": "",
    "src/demo/__pycache__/x.py": "",
    ".git/hooks/x.py": "",
    ".venv/pyvenv.cfg": "",
    ".venv/x.py": "",
    "env/pyvenv.cfg": "",
    "env/lib/x.py": "",
    "tests/test_demo.py": "",
}


def test_a_folder_is_read_where_it_lies(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "tree", TREE)
    (root / "src/demo/inside.py").symlink_to(root / "tests/test_demo.py")
    (root / "src/demo/outside.py").symlink_to("/etc/hostname")
    (root / "src/demo/nowhere.py").symlink_to("none")
    (root / "loop").symlink_to(root)
    artifact = open_release(str(root), sources(tmp_path))
    assert artifact.kind == "tree"
    assert artifact.root == root
    assert artifact.python_files == ("src/demo/__init__.py", "src/demo/inside.py", "tests/test_demo.py")
    assert [path for path, _ in artifact.unreadable] == ["src/demo/nowhere.py", "src/demo/outside.py"]
    assert artifact.search_paths == ("src",)
    assert artifact.metadata.requires_dist == ("a>=1",)
    assert artifact.metadata.entry_point_group("console_scripts") == (("run", "demo:main"),)


@pytest.mark.parametrize(
    ("path", "read"),
    [
        (".github/scripts/x.py", True),
        (".circleci/x.py", True),
        ("src/demo/.hidden/x.py", True),
        (".git/hooks/x.py", False),
        (".hg/x.py", False),
        (".tox/py311/x.py", False),
        (".nox/tests/x.py", False),
        (".venv/lib/x.py", False),
        (".mypy_cache/x.py", False),
        ("src/.pytest_cache/x.py", False),
        (".cache/pre-commit/x.py", False),
        (".env/x.py", False),
        (".github/env/x.py", False),
    ],
)
def test_a_hidden_folder_is_read_unless_it_holds_a_cache_or_an_environment(
    path: str, read: bool, tmp_path: Path
) -> None:
    files = {path: "", ".env/pyvenv.cfg": "", ".github/env/pyvenv.cfg": "", "src/demo/__init__.py": ""}
    artifact = open_release(str(make_tree(tmp_path / "tree", files)), sources(tmp_path))
    assert (path in artifact.python_files) is read
    assert artifact.search_paths == ("src",)


def test_a_git_tree_opens_like_its_folder(tmp_path: Path) -> None:
    root = make_tree(
        tmp_path / "tree",
        {path: text for path, text in TREE.items() if path.startswith(("src/demo/__i", "py", "tests"))},
    )
    for arguments in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=T", "-c", "user.email=t@example.org", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *arguments], cwd=root, check=True)
    folder, tree = (open_release(spec, sources(tmp_path)) for spec in (str(root), f"git+{root}"))
    assert tree.python_files == folder.python_files
    assert tree.search_paths == folder.search_paths
    assert tree.metadata == folder.metadata
    again = open_release(f"git+{root}", sources(tmp_path))
    assert again == tree


def test_one_distribution_of_an_environment_is_what_its_record_lists(tmp_path: Path) -> None:
    record = "demo.py,,\ndemo_fast.so,,\ndemo-1.0.dist-info/METADATA,,\n../../../bin/run.py,,\n/etc/x.py,,\ngone.py,,\n"
    prefix = tmp_path / "venv"
    make_tree(
        prefix / "lib/python3.12/site-packages",
        {
            "demo.py": "",
            "demo_fast.so": "",
            "other.py": "",
            "demo-1.0.dist-info/METADATA": METADATA,
            "demo-1.0.dist-info/RECORD": record,
        },
    )
    artifact = open_release(f"env:{prefix}#name=demo", sources(tmp_path))
    assert artifact.kind == "environment"
    assert artifact.python_files == ("demo.py",)
    assert artifact.compiled_files == ("demo_fast.so",)
    assert [path for path, _ in artifact.unreadable] == ["gone.py"]
    everything = open_release(f"env:{prefix}", sources(tmp_path))
    assert everything.python_files == ("demo.py", "other.py")
    as_folder = open_release(str(prefix / "lib/python3.12/site-packages"), sources(tmp_path))
    assert as_folder.python_files == ("demo.py", "other.py")
    assert as_folder.release.version == "1.0"


def test_opening_again_reads_the_manifest_alone(tmp_path: Path) -> None:
    content = wheel({f"demo/m{number}.py": "" for number in range(50)})
    first = open_bytes(tmp_path, WHEEL, content)
    for path in first.root.rglob("*.py"):
        path.unlink()
    assert open_bytes(tmp_path, WHEEL, content) == first


def test_other_limits_are_another_tree(tmp_path: Path) -> None:
    from tailrace.sources import Limits

    content = wheel({"demo.py": "x" * 200})
    assert open_bytes(tmp_path, WHEEL, content).unreadable == ()
    small = open_bytes(tmp_path, WHEEL, content, Limits(file_size=100))
    assert small.python_files == ()
    assert small.unreadable == (("demo.py", "it is larger than 100 bytes"),)
    assert open_bytes(tmp_path, WHEEL, content).python_files == ("demo.py",)
