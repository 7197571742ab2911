"""poetry.lock, pdm.lock and Pipfile.lock become specs, in each version of their formats."""

from __future__ import annotations

from pathlib import Path

import pytest

from tailrace.sources import ListError
from tailrace.sources.lists import read_list

COMMIT = "0123456789abcdef0123456789abcdef01234567"
POETRY_0 = """
[[package]]
category = "main"
name = "demo"
optional = false
python-versions = "*"
version = "1.0"

[metadata]
content-hash = "x"

[metadata.hashes]
demo = []
"""
POETRY_2 = f"""
[[package]]
name = "demo"
version = "1.0"
groups = ["main", "dev"]
files = [{{file = "demo-1.0.tar.gz", hash = "sha256:00"}}]

[package.dependencies]
other = ">=1"

[[package]]
name = "old"
version = "1.0"
markers = "python_version < '3'"
groups = ["main"]
[[package]]
name = "by-group"
version = "2.0"
markers = {{main = "python_version < '3'", dev = "python_version > '3'"}}
[[package]]
name = "extra"
version = "3.0"
markers = "extra == 'async'"
optional = true
[[package]]
name = "repo"
version = "1.1"
[package.source]
type = "git"
url = "https://example.org/repo.git"
reference = "main"
resolved_reference = "{COMMIT}"
subdirectory = "sub"
[[package]]
name = "near"
version = "0"
[package.source]
type = "directory"
url = "../near"
[[package]]
name = "file"
version = "1"
[package.source]
type = "file"
url = "dist/file-1-py3-none-any.whl"
[[package]]
name = "away"
version = "1"
[package.source]
type = "url"
url = "https://example.org/away-1.zip"
[[package]]
name = "private"
version = "4"
[package.source]
type = "legacy"
url = "https://example.org/simple"
reference = "private"
[metadata]
lock-version = "2.1"
"""
PDM = f"""
[metadata]
groups = ["default", "dev"]
lock_version = "4.5.0"
[[metadata.targets]]
requires_python = ">=3.9"
[[package]]
name = "demo"
version = "1.0"
groups = ["default"]
[[package]]
name = "demo"
version = "1.0"
extras = ["async"]
dependencies = ["demo==1.0"]
[[package]]
name = "old"
version = "1"
marker = "python_version < \\"3\\""
[[package]]
name = "repo"
version = "0.1"
git = "https://example.org/repo"
ref = "main"
revision = "{COMMIT}"
subdirectory = "a/b"
[[package]]
name = "near"
version = "0"
path = "./near"
editable = true
[[package]]
name = "self"
version = "0"
path = "."
[[package]]
name = "away"
url = "https://example.org/away-1.zip#sha256=00"
"""
PIPFILE = f"""
{{"_meta": {{"hash": {{"sha256": "x"}}, "pipfile-spec": 6, "requires": {{}}, "sources": []}},
 "default": {{"demo": {{"version": "==1.0", "extras": ["a"], "index": "pypi", "hashes": []}},
   "old": {{"version": "==1", "markers": "python_version < '3'"}},
   "repo": {{"git": "https://example.org/repo", "ref": "{COMMIT}", "subdirectory": "x"}},
   "near": {{"editable": true, "path": "./near"}}, "self": {{"editable": true, "path": "."}},
   "away": {{"file": "https://example.org/away-1.zip"}}, "short": "==2.0", "any": {{"version": "*"}}}},
 "develop": {{"tool": {{"version": "==3.0"}}, "demo": {{"version": "==1.0"}}}},
 "docs": {{"words": {{"version": "==4.0"}}}}}}
"""


@pytest.mark.parametrize(
    ("name", "text", "specs"),
    [
        ("poetry.lock", POETRY_0, ("demo==1.0",)),
        (
            "poetry.lock",
            POETRY_2,
            (
                "demo==1.0",
                "by-group==2.0",
                "extra==3.0",
                f"git+https://example.org/repo.git@{COMMIT}#subdirectory=sub",
                "{near}",
                "{dist/file-1-py3-none-any.whl}",
                "https://example.org/away-1.zip",
                "private==4",
            ),
        ),
        (
            "pdm.lock",
            PDM,
            (
                "demo==1.0",
                f"git+https://example.org/repo@{COMMIT}#subdirectory=a/b",
                "{near}",
                "https://example.org/away-1.zip",
            ),
        ),
        (
            "Pipfile.lock",
            PIPFILE,
            (
                "demo==1.0",
                f"git+https://example.org/repo@{COMMIT}#subdirectory=x",
                "{near}",
                "https://example.org/away-1.zip",
                "short==2.0",
                "pypi:any",
                "tool==3.0",
                "words==4.0",
            ),
        ),
    ],
    ids=["poetry 0.12", "poetry 2", "pdm", "pipfile"],
)
def test_a_lock_file_gives_what_it_locks(tmp_path: Path, name: str, text: str, specs: tuple[str, ...]) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / name).write_text(text)
    shown = tuple(spec.replace("/../", "/up/") for spec in read_list(folder / name))
    near = str(folder / "near") if name != "poetry.lock" else f"{folder}/up/near"
    wheel = str(folder / "dist/file-1-py3-none-any.whl")
    assert shown == tuple(s.replace("{near}", near).replace("{dist/file-1-py3-none-any.whl}", wheel) for s in specs)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("poetry.lock", "", "lists no package"),
        ("poetry.lock", "package = 1", "has no array of tables"),
        ("poetry.lock", "package = ['demo']", "has no array of tables"),
        ("poetry.lock", "[[package]]\nname = 'demo'", "('demo') without a version"),
        ("poetry.lock", "[[package]]\nversion = '1'", "without a name"),
        ("poetry.lock", "[[package]]\nname = 'a'\nversion = '1'\nsource = 'x'", "a source of a that is not a table"),
        ("poetry.lock", "[[package]]\nname = 'a'\nversion = '1'\nsource = {type = 'git'}", "names no place for a"),
        ("poetry.lock", "[[package]]\nname = 'a'\nversion = '1'\nmarkers = 'x y'", "a marker that cannot be read"),
        ("poetry.lock", "[[package]]\nname = 'a'\nversion = '1'\nmarkers = 3", "a marker that is not a text"),
        ("poetry.lock", "= x", "TOML"),
        ("pdm.lock", "[[package]]\nname = 'demo'", "('demo') without a version"),
        ("pdm.lock", "[[package]]\nname = ['demo']", "without a name"),
        ("pdm.lock", "[metadata]\nlock_version = '4'", "lists no package"),
        ("Pipfile.lock", "", "is not valid JSON"),
        ("Pipfile.lock", "[]", "has no table at its top"),
        ("Pipfile.lock", '{"_meta": {}}', "lists no package"),
        ("Pipfile.lock", '{"default": []}', "no table of packages in 'default'"),
        ("Pipfile.lock", '{"default": {"a": 3}}', "no table for 'a' in 'default'"),
        ("Pipfile.lock", '{"default": {"a": {"version": 3}}}', "no text as the version of 'a'"),
        ("Pipfile.lock", "[" * 100_000, "json"),
        ("unknown.lock", "", "of a kind that is not known"),
    ],
)
def test_what_the_format_does_not_allow_is_an_error(tmp_path: Path, name: str, text: str, says: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ListError) as caught:
        read_list(tmp_path / name)
    assert says.lower() in str(caught.value).lower()
    assert caught.value.exit_status == 2
