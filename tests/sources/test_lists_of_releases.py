"""Requirements, lock and environment files become specs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tailrace.sources import ListError, Sources, SourceSettings
from tailrace.sources.project_values import with_extra

PYLOCK = """
lock-version = "1.0"
created-by = "x"
[[packages]]
name = "demo"
version = "1.0"
[[packages]]
name = "windows-only"
version = "1.0"
marker = "sys_platform == 'nowhere'"
[[packages]]
name = "repo"
vcs = {type = "git", url = "https://example.org/repo", commit-id = "abc123", subdirectory = "py"}
[[packages]]
name = "local"
directory = {path = "../local"}
[[packages]]
name = "arch"
archive = {url = "https://example.org/arch-1.0.tar.gz", hashes = {sha256 = "00"}}
"""
UV_LOCK = """
version = 1
[[package]]
name = "me"
version = "0.1"
source = { editable = "." }
[[package]]
name = "demo"
version = "1.0"
source = { registry = "https://example.org/simple" }
[[package]]
name = "repo"
version = "2.0"
source = { git = "https://example.org/repo?tag=v2#0123456789abcdef" }
[[package]]
name = "near"
version = "0.1"
source = { directory = "../near" }
"""
CONDA_LOCK = """
version: 1
metadata: {channels: [{url: conda-forge}], platforms: [linux-64, osx-64]}
package:
- {name: conda, version: 4.13.0, manager: conda, platform: linux-64, url: "https://example.org/conda-forge/linux-64/conda-4.13.0-py39_0.tar.bz2"}
- {name: conda, version: 4.13.0, manager: conda, platform: osx-64, url: "https://example.org/conda-forge/osx-64/conda-4.13.0-py39_1.tar.bz2"}
- {name: click, version: "8.1", manager: pip, platform: linux-64, url: "https://example.org/click.whl"}
"""
ENVIRONMENT = """
name: x
channels: [conda-forge, nodefaults, defaults]
dependencies:
- python=3.9
- conda-build=3.21.8
- pandas >=1.4,<2
- bioconda::samtools=1.1=h_0
- pip
- pip:
  - Jinja2==2.11.3
  - -r more.txt
"""


def write(tmp_path: Path, name: str, text: str) -> Path:
    (tmp_path / name).write_text(text)
    return tmp_path / name


def expand(path: Path) -> tuple[str, ...]:
    return Sources(SourceSettings(cache_dir=path.parent / "cache")).expand(path)


@pytest.mark.parametrize(
    ("line", "spec"),
    [
        ("Jinja2==2.11.3", "Jinja2==2.11.3"),
        ("Jinja2==2.11.3 --hash=sha256:aa --hash=sha256:bb", "Jinja2==2.11.3"),
        ("Jinja2==2.11.3 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb", "Jinja2==2.11.3"),
        ("Jinja2==2.11.3  # why", "Jinja2==2.11.3"),
        ("click>=8,<9", "click<9,>=8"),
        ("flask", "pypi:flask"),
        ("requests[socks]==2.31", "requests==2.31"),
        ("a==1 ; python_version >= '3'", "a==1"),
        ("a @ https://example.org/a-1.0.tar.gz", "https://example.org/a-1.0.tar.gz"),
        ("git+https://example.org/x@v1#egg=x&subdirectory=y", "git+https://example.org/x@v1#subdirectory=y"),
        ("x @ git+https://example.org/x@v1", "git+https://example.org/x@v1"),
        ("hg+https://example.org/x@v1", "hg+https://example.org/x@v1"),
        ("./dist/a-1.0.whl", "{tmp}/dist/a-1.0.whl"),
        ("-e ./here[dev]", "{tmp}/here"),
        ("--editable=git+https://example.org/x@v1", "git+https://example.org/x@v1"),
    ],
)
def test_a_requirement_becomes_a_spec(tmp_path: Path, line: str, spec: str) -> None:
    assert expand(write(tmp_path, "requirements.txt", line + "\n")) == (spec.format(tmp=tmp_path),)


@pytest.mark.parametrize(
    "line", ["a==1 ; sys_platform == 'nowhere'", "--index-url https://example.org", "# nothing", ""]
)
def test_what_is_not_for_this_environment_is_left_out(tmp_path: Path, line: str) -> None:
    assert expand(write(tmp_path, "requirements.txt", f"keep==1\n{line}\n")) == ("keep==1",)


def test_other_files_are_followed_and_constraints_narrow(tmp_path: Path) -> None:
    write(tmp_path, "more.txt", "flask\nkeep==1\n")
    write(tmp_path, "constraints.txt", "Flask==2.0\nunused==3\n")
    path = write(tmp_path, "requirements.txt", "-r more.txt\n-c constraints.txt\nlast==1\n")
    assert expand(path) == ("Flask==2.0", "keep==1", "last==1")


@pytest.mark.parametrize(
    ("name", "text", "specs"),
    [
        (
            "pylock.toml",
            PYLOCK,
            (
                "demo==1.0",
                "git+https://example.org/repo@abc123#subdirectory=py",
                "{tmp}/../local",
                "https://example.org/arch-1.0.tar.gz",
            ),
        ),
        ("uv.lock", UV_LOCK, ("demo==1.0", "git+https://example.org/repo@0123456789abcdef", "{near}")),
        (
            "environment.yml",
            ENVIRONMENT,
            (
                "conda-forge,defaults::conda-build=3.21.8",
                "conda-forge,defaults::pandas >=1.4,<2",
                "bioconda::samtools=1.1=h_0",
                "Jinja2==2.11.3",
                "flask==1",
            ),
        ),
    ],
)
def test_a_lock_or_environment_file_is_read(tmp_path: Path, name: str, text: str, specs: tuple[str, ...]) -> None:
    write(tmp_path, "more.txt", "flask==1\n")
    near = str(tmp_path / "../near")
    assert expand(write(tmp_path, name, text)) == tuple(spec.format(tmp=tmp_path, near=near) for spec in specs)


PIXI_LOCK = """
version: 6
environments:
  default:
    channels:
    - url: https://example.org/conda-forge/
    indexes:
    - https://example.org/simple
    packages:
      linux-64:
      - conda: https://example.org/conda-forge/noarch/tzdata-2024a-h0_0.conda
      - pypi: https://example.org/files/click-8.1-py3-none-any.whl
packages:
- conda: https://example.org/conda-forge/noarch/tzdata-2024a-h0_0.conda
  sha256: 7b2b69c54ec62a243eb6fba2391b5e443421608c3ae5dbff938ad33ca8db5122
  md5: 161081fc7cec0bfda0d86d7cb595f8d8
- pypi: https://example.org/files/click-8.1-py3-none-any.whl
  name: click
  version: '8.1'
  sha256: 7b2b69c54ec62a243eb6fba2391b5e443421608c3ae5dbff938ad33ca8db5122
"""


def test_a_pixi_lock_gives_conda_and_index_packages(tmp_path: Path) -> None:
    specs = expand(write(tmp_path, "pixi.lock", PIXI_LOCK))
    assert specs == ("https://example.org/conda-forge::tzdata==2024a=h0_0", "click==8.1")


def test_a_conda_lock_gives_one_platform(tmp_path: Path) -> None:
    specs = expand(write(tmp_path, "conda-lock.yml", CONDA_LOCK))
    assert specs[0].startswith("https://example.org/conda-forge::conda==4.13.0=py39_")
    assert len([spec for spec in specs if "conda==" in spec]) == 1
    assert all("::" in spec or spec == "click==8.1" for spec in specs)


def test_every_spec_of_every_list_is_in_the_grammar(tmp_path: Path) -> None:
    from tailrace.sources import parse_spec

    write(tmp_path, "more.txt", "flask==1\n")
    for name, text in (
        ("pylock.toml", PYLOCK),
        ("uv.lock", UV_LOCK),
        ("conda-lock.yml", CONDA_LOCK),
        ("environment.yml", ENVIRONMENT),
    ):
        for spec in expand(write(tmp_path, name, text)):
            assert parse_spec(spec)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("requirements.txt", "good==1\n!!bad\n", r"requirements.txt:2: has a requirement that cannot be read"),
        ("requirements.txt", "-r requirements.txt\n", "includes itself"),
        ("requirements.txt", "-r none.txt\n", "none.txt: cannot be read"),
        ("requirements.txt", "# only comments\n", "lists no package"),
        ("pylock.toml", "= x", "no valid TOML"),
        ("pylock.toml", "x = 1", "no lock-version"),
        ("environment.yml", "a: [", "no valid YAML"),
        ("environment.yml", "- a", "no table at its top"),
        ("environment.yml", "x: 1", "neither an environment.yml nor"),
        ("environment.yml", "dependencies: [numpy]", "names no channel"),
        ("other.lock", "", "of a kind that is not known"),
        ("pixi.lock", "version: 99", "cannot be read"),
    ],
)
def test_a_list_that_cannot_be_read_says_where(tmp_path: Path, name: str, text: str, says: str) -> None:
    with pytest.raises(ListError, match=says) as caught:
        expand(write(tmp_path, name, text))
    assert caught.value.exit_status == 2


def test_a_list_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_bytes(b"a==1\n\xff\xfe")
    with pytest.raises(ListError, match="not UTF-8"):
        expand(tmp_path / "requirements.txt")


def test_what_a_constraints_file_includes_is_constraints_too(tmp_path: Path) -> None:
    write(tmp_path, "more.txt", "flask==2.0\nunused==3\n")
    write(tmp_path, "constraints.txt", "-r more.txt\n")
    path = write(tmp_path, "requirements.txt", "-c constraints.txt\nflask\n")
    assert expand(path) == ("flask==2.0",)


@pytest.mark.parametrize(
    ("line", "extra", "expected"),
    [
        ("a", "", "a"),
        ("a", "x", 'a; extra == "x"'),
        ("a; b == '1'", "x", "a; b == '1' and extra == \"x\""),
        ("a; b == '1' or c == '2'", "x", "a; (b == '1' or c == '2') and extra == \"x\""),
        ("a; b == '1' or c == '2'", "", "a; b == '1' or c == '2'"),
        ("a", "x:b == '1' or c == '2'", "a; (b == '1' or c == '2') and extra == \"x\""),
        ("a; b == '1' or c == '2'", ":d == '3'", "a; (b == '1' or c == '2') and d == '3'"),
    ],
)
def test_an_extra_applies_to_the_whole_marker(line: str, extra: str, expected: str) -> None:
    assert with_extra(line, extra) == expected
