"""Calls of `tailrace check` that compare nothing, or not what was meant: one sentence each, and never CLEAR."""

from __future__ import annotations

import json
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from support.releases import Index, sdist_bytes, wheel_bytes

from .conftest import Outcome

Run = Callable[..., Outcome]
OLD = {"up/__init__.py": "def kept(): ...\ndef gone(): ...\ndef early(): ...\n"}
MIDDLE = {"up/__init__.py": "def kept(): ...\ndef gone(): ...\n"}
NEW = {"up/__init__.py": "def kept(): ...\n"}
USE = "from up import gone\n"
EARLY = "from up import early\n"


def git(folder: Path, *arguments: str) -> str:
    given = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", "-C", str(folder), *given, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def write(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def install(prefix: Path, name: str, version: str, files: dict[str, str]) -> None:
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    info = {f"{name}-{version}.dist-info/METADATA": metadata}
    record = {f"{name}-{version}.dist-info/RECORD": "".join(f"{file},,\n" for file in (*files, *info))}
    write(prefix / "lib" / "python3.12" / "site-packages", {**files, **info, **record})


def project(name: str, version: str, code: str, *requires: str) -> dict[str, str]:
    table = f'[project]\nname = "{name}"\nversion = "{version}"\ndependencies = {json.dumps(requires)}\n'
    return {"pyproject.toml": table, f"{name}/__init__.py": code}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index with up 1.0, 1.5 and 2.0, another distribution, and a downstream; folders and archives of all kinds."""
    index = Index(tmp_path / "index")
    for version, files in (("1.0", OLD), ("1.5", MIDDLE), ("2.0", NEW)):
        index.add(f"up-{version}-py3-none-any.whl", wheel_bytes("up", version, files))
    index.add("up-2.0.tar.gz", sdist_bytes("up", "2.0", NEW))
    index.add("other-1.0-py3-none-any.whl")
    index.add("stub-1.0-py3-none-any.whl", wheel_bytes("stub", "1.0", {"stub-1.0.data/data/x": ""}))
    index.add("stub-2.0-py3-none-any.whl", wheel_bytes("stub", "2.0", {"stub-2.0.data/data/x": ""}))
    monkeypatch.setenv("TAILRACE_INDEX_URL", index.url)
    monkeypatch.setenv("TAILRACE_CACHE_DIR", str(tmp_path / "cache"))
    write(tmp_path / "down", project("down", "1.0", USE))
    write(tmp_path / "fine", project("fine", "1.0", "from up import kept\n"))
    (tmp_path / "empty").mkdir()
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "up-2.0-py3-none-any.whl").write_bytes(wheel_bytes("up", "2.0", NEW))
    (tmp_path / "dist" / "up-2.0.tar.gz").write_bytes(sdist_bytes("up", "2.0", NEW))
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass
    (tmp_path / "env" / "lib" / "python3.12" / "site-packages").mkdir(parents=True)
    write(tmp_path / "bare" / "lib" / "python3.12" / "site-packages", {"thing/__init__.py": USE})
    install(tmp_path / "full", "up", "1.0", OLD)
    install(tmp_path / "full", "down", "1.0", {"down.py": EARLY})
    install(tmp_path / "loose", "down", "1.0", {"down.py": EARLY})
    (tmp_path / "loose/lib/python3.12/site-packages/down-1.0.dist-info/RECORD").unlink()
    write(
        tmp_path, {"nothing.txt": "", "comments.txt": "# all gone\n", "elsewhere.txt": "x==1; python_version < '2'\n"}
    )
    return tmp_path


D = ("-d", "./down")


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        pytest.param(("up==2.0", "-b", "other==1.0", *D), 2, "different distributions", id="another distribution"),
        pytest.param(("up==2.0", "-b", "./fine", *D), 2, "different distributions", id="another project"),
        pytest.param(("up==2.0", "--find-links", "./nothere", *D), 2, "does not exist", id="a folder of no archives"),
        pytest.param(("up==2.0", "-d", "./nothere"), 2, "nothere does not exist", id="a downstream that is not there"),
        pytest.param(("up==2.0", "-d", "./nothere", *D), 1, "nothere does not exist", id="one of two is not there"),
        pytest.param(("up==2.0", "-d", "fine"), 3, "the folder is written ./fine", id="a word that is also a folder"),
        pytest.param(("up==2.0", "-b", "up==2.0", *D), 2, "is also the baseline", id="itself"),
        pytest.param(("up==2.0", "-b", "UP==2", *D), 2, "is also the baseline", id="itself, spelled otherwise"),
        pytest.param(("up", "-b", "2.0", *D), 2, "is also the baseline", id="the highest is the baseline"),
        pytest.param(
            ("dist/up-2.0-py3-none-any.whl", "-b", "up==2.0", *D), 2, "is also the baseline", id="the same file"
        ),
        pytest.param(
            ("dist/up-2.0.tar.gz", "-b", "dist/up-2.0-py3-none-any.whl", *D),
            2,
            "is also the base",
            id="wheel and sdist",
        ),
        pytest.param(("./down", "-b", "./down", "-d", "./fine"), 2, "is also the baseline", id="a folder and itself"),
        pytest.param(("dist/", *D), 2, "is a folder of archives, not a project: up-2.0-py3", id="a folder of wheels"),
        pytest.param(("./empty", *D), 2, "holds no Python project", id="an empty folder"),
        pytest.param(("empty.zip", "-b", "up==1.0", *D), 3, "empty.zip", id="an empty zip"),
        pytest.param(("up==2.0", "-b", "empty.zip", *D), 3, "empty.zip", id="an empty zip as the baseline"),
        pytest.param(("stub==2.0", *D), 3, "holds no Python module", id="no module"),
        pytest.param(("env:full", "-b", "up==1.0", *D), 2, "is a whole environment", id="an environment as candidate"),
        pytest.param(
            ("./fine/fine", "-b", "./down/down", *D), 2, "is the folder of a package", id="a package's folder"
        ),
        pytest.param(("up==2.0",), 2, "there is no downstream to check", id="no downstream"),
        pytest.param(("up==2.0", "--downstream-env", "env"), 2, "nothing is installed", id="an empty environment"),
        pytest.param(("up==2.0", "-d", "env:env"), 3, "nothing is installed", id="an empty environment as downstream"),
        pytest.param(("up==2.0", "-d", "env:bare"), 3, "no metadata", id="an environment without metadata"),
        pytest.param(("up==2.0", "-d", "env:loose"), 3, "has no RECORD", id="an environment without a list of files"),
        pytest.param(("up==2.0", "--downstream-env", "missing"), 2, "error: missing is", id="no environment"),
        pytest.param(("up==2.0", "-d", "up==1.0"), 2, "which the candidate replaces", id="the upstream itself"),
        pytest.param(("up==2.0", "--downstream-from", "nothing.txt"), 2, "lists no package", id="an empty list"),
        pytest.param(("up==2.0", "--downstream-from", "comments.txt"), 2, "lists no package", id="a list of comments"),
        pytest.param(("up==2.0", "--downstream-from", "elsewhere.txt"), 2, "lists no package", id="for others only"),
        pytest.param(("up==2.0", "-d", "./empty"), 3, "holds no Python project", id="an empty folder as downstream"),
        pytest.param(("up==2.0", "-d", "dist/"), 3, "is a folder of archives", id="a folder of wheels as downstream"),
        pytest.param(("up==2.0", "-d", "empty.zip"), 3, "neither a Python module nor", id="an empty zip as downstream"),
        pytest.param(("up==2.0", "up==1.0", *D), 2, "one candidate can be checked at once, not 2", id="two releases"),
        pytest.param(("up==2.0", "./down"), 2, "--downstream", id="a downstream without its option"),
        pytest.param(("dist/*.exe", *D), 2, "no file matches dist/*.exe", id="a pattern without a match"),
        pytest.param(("up==2.0", "-b", "HEAD~1", *D), 2, "is a git revision, and up 2.0 is", id="a revision of none"),
        pytest.param(("up==2.0", "-b", "1.4.0", *D), 2, "There is no release of up that is ==1.4.0", id="no version"),
        pytest.param(("up==3.0", *D), 2, "There is no release of up that is ==3.0", id="a candidate of no version"),
        pytest.param(("upp==2.0", *D), 2, "There is no package 'upp'", id="a mistyped candidate"),
        pytest.param(("2.0", *D), 2, "is a version without a name", id="a version alone"),
        pytest.param(("up=2.0", *D), 2, "single '='", id="a single equals sign"),
        pytest.param(("up>=2.0,<1", *D), 2, "There is no release of up", id="nothing in the range"),
        pytest.param(("up==1.0", *D), 2, "No release before", id="the first release"),
        pytest.param(("", *D), 2, "Write NAME==VERSION", id="nothing at all"),
        pytest.param((), 2, "CANDIDATE", id="no argument"),
        pytest.param(("up==2.0", "-d", ""), 2, "--downstream", id="an empty downstream"),
        pytest.param(("up==2.0", "-b", "", *D), 2, "Write NAME==VERSION", id="an empty baseline"),
    ],
)
def test_what_compares_nothing_is_a_mistake(
    tailrace: Run, shop: Path, arguments: tuple[str, ...], status: int, says: str
) -> None:
    outcome = tailrace("check", *arguments)
    assert outcome.status == status, outcome
    assert "CLEAR" not in outcome.out
    assert says in outcome.out + outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    ("arguments", "verdict", "baseline"),
    [
        (("up==2.0", *D), "BREAKS", "1.5"),
        (("up==2.0", "-b", "1.0", *D), "BREAKS", "1.0"),
        (("up==2.0", "-b", "v1.0", *D), "BREAKS", "1.0"),
        (("up==2.0", "-b", "==1.0", *D), "BREAKS", "1.0"),
        (("up==2.0", "-b", "=1.0", *D), "BREAKS", "1.0"),
        (("up==2.0", "-b", "<1.5", *D), "BREAKS", "1.0"),
        (("dist/up-2.0.tar.gz", "dist/up-2.0-py3-none-any.whl", *D), "BREAKS", "1.5"),
        (("dist/*", *D), "BREAKS", "1.5"),
        (("up==2.0", "-d", "env:full"), "BREAKS", "1.0"),
        (("up==2.0", "--downstream-env", "full"), "BREAKS", "1.0"),
        (("up==1.0", "-b", "2.0", *D), "CLEAR", "2.0, which is newer"),
    ],
)
def test_near_misses_are_checked(
    tailrace: Run, shop: Path, arguments: tuple[str, ...], verdict: str, baseline: str
) -> None:
    outcome = tailrace("check", *arguments)
    assert outcome.out.startswith(verdict), outcome
    assert f"(baseline {baseline})" in outcome.out


PIN_USE = "from up import early, gone\n"
UV = 'version = 1\n[[package]]\nname = "up"\nversion = "1.0"\nsource = { registry = "https://example.org/simple" }\n'
POETRY = '[[package]]\nname = "up"\nversion = "1.0"\nfiles = []\n[metadata]\nlock-version = "2.1"\n'


@pytest.mark.parametrize(
    ("files", "requires", "baseline", "says"),
    [
        ({}, (), "1.5", None),
        ({"uv.lock": UV}, (), "1.0", "the version in uv.lock"),
        ({"poetry.lock": POETRY}, (), "1.0", "the version in poetry.lock"),
        ({"requirements.txt": "up==1.0\n"}, (), "1.0", "the version in requirements.txt"),
        ({"requirements.txt": "up>=1.0\n"}, (), "1.5", None),
        ({"requirements.txt": "up-and-more==1.0\n"}, (), "1.5", None),
        ({}, ("up==1.0",), "1.0", "the project's own requirement pins"),
        ({}, ("Up == 1.0 ; python_version > '3'",), "1.0", "the project's own requirement pins"),
        ({}, ("up==1.*",), "1.5", None),
        ({}, ("up>=1.0,==1.0",), "1.5", None),
        ({"uv.lock": UV.replace('"1.0"', '"2.0"')}, (), "1.5", "since the version in uv.lock is the candidate's"),
        ({"uv.lock": UV.replace('"1.0"', '"1.2"')}, (), "1.5", "since the version in uv.lock (1.2) cannot be found"),
        ({"uv.lock": UV, "requirements.txt": "up==1.5\n"}, ("up==1.5",), "1.0", "the version in uv.lock"),
        ({"uv.lock": "not toml ["}, (), "1.5", "uv.lock cannot be read"),
        ({"uv.lock": "version = 1\n"}, (), "1.5", None),
        ({"uv.lock": "not toml [", "poetry.lock": POETRY}, (), "1.0", "the version in poetry.lock; uv.lock cannot be"),
        ({"uv.lock": "not toml ["}, ("up==1.0",), "1.0", "requirement pins; uv.lock cannot be read"),
        ({"pixi.lock": "version: 6\npackages: &a [*a]\n"}, (), "1.5", "pixi.lock cannot be read"),
    ],
)
def test_a_project_is_compared_with_what_it_has(
    tailrace: Run, shop: Path, files: dict[str, str], requires: tuple[str, ...], baseline: str, says: str | None
) -> None:
    write(shop, {**project("mine", "1.0", PIN_USE, *requires), **files})
    outcome = tailrace("check", "up==2.0", "--format", "json")
    report = json.loads(outcome.out)
    assert report["baseline"]["version"] == baseline
    assert report["baseline_from"]
    assert [says in note for note in report["notes"]] == ([True] if says else [])
    early = {"up.early"} if baseline == "1.0" else set()
    assert {f["symbol"] for d in report["downstreams"] for f in d["findings"]} == {"up.gone"} | early


def test_the_project_environment_is_what_it_has(tailrace: Run, shop: Path) -> None:
    write(shop, project("mine", "1.0", PIN_USE))
    install(shop / ".venv", "up", "1.0", OLD)
    for format_ in ("text", "concise", "github", "markdown", "junit", "sarif"):
        outcome = tailrace("check", "up==2.0", "--format", format_, "--exit-zero")
        assert "the baseline 1.0 is the version installed in .venv" in outcome.out.replace("\\", ""), format_
    assert "baseline is" not in tailrace("check", "up==2.0", "-b", "1.5").out


def test_what_only_a_bound_contains_is_not_clear(tailrace: Run, shop: Path) -> None:
    write(shop, project("mine", "1.0", USE, "up==1.5"))
    outcome = tailrace("check", "up==2.0")
    assert outcome.status == 0
    assert outcome.out.startswith("CONTAINED  up 2.0 would break 1 of 1 downstream, whose own requirements keep it out")
    lifted = tailrace("check", "up==2.0", "--ignore-bounds")
    assert lifted.status == 1
    assert lifted.out.startswith("BREAKS")
    assert "--ignore-bounds" in lifted.out
    assert tailrace("check", "up==2.0", "-d", "./fine").out.startswith("CLEAR")


@pytest.fixture
def tree(shop: Path) -> Path:
    """A git repository of an unpublished project with two tags, and uncommitted work."""
    folder = write(shop / "tree", {**project("mine", "1.4.0", "def kept(): ...\ndef gone(): ...\ndef early(): ...\n")})
    git(folder, "init", "-q")
    for version, code in (
        ("1.4.0", "def kept(): ...\ndef gone(): ...\n"),
        ("1.5.0", "def kept(): ...\ndef late(): ...\n"),
    ):
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", "x")
        git(folder, "tag", f"v{version}") if version == "1.4.0" else None
        write(folder, project("mine", version, code))
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "y")
    write(shop / "user", project("user", "1.0", "from mine import gone\n"))
    return folder


@pytest.mark.parametrize(
    ("arguments", "tags", "verdict", "says"),
    [
        (("./tree",), (), "BREAKS", "(baseline 1.4.0)"),
        (("./tree", "-b", "1.4.0"), (), "BREAKS", "(baseline 1.4.0)"),
        (("./tree", "-b", "v1.4.0"), (), "BREAKS", "(baseline 1.4.0)"),
        (("./tree", "-b", "HEAD~1"), (), "BREAKS", "(baseline 1.4.0)"),
        (("./tree", "-b", "HEAD^"), (), "BREAKS", "(baseline 1.4.0)"),
        (("./tree", "-b", "old"), ("old",), "BREAKS", "(baseline 1.4.0)"),
        (("./tree", "-b", "feature/x"), ("feature/x",), "BREAKS", "(baseline 1.4.0)"),
        (("git+./tree@HEAD", "-b", "1.4.0"), (), "BREAKS", "(baseline 1.4.0)"),
        (("git+./tree@HEAD", "-b", "HEAD~1"), (), "BREAKS", "(baseline 1.4.0)"),
        (("git+./tree@main",), (), "BREAKS", "(baseline 1.4.0)"),
        (("./tree", "-b", "main"), (), "error", "is also the baseline"),
        (("./tree", "-b", "HEAD"), (), "error", "is also the baseline"),
        (("./tree", "-b", "HEAD~9"), (), "error", "HEAD~9"),
        (("./tree", "-b", "1.3"), (), "error", "There is no"),
        (("git+./tree@HEAD", "-b", "1.3"), (), "error", "Nearest tags: v1.4.0"),
    ],
)
def test_a_tree_is_compared_with_a_tag_or_a_revision(
    tailrace: Run, tree: Path, arguments: tuple[str, ...], tags: tuple[str, ...], verdict: str, says: str
) -> None:
    for tag in tags:
        git(tree, "tag", tag, "HEAD~1")
    outcome = tailrace("check", *arguments, "-d", "./user")
    assert (outcome.out or outcome.err).startswith(verdict), outcome
    assert says in outcome.out + outcome.err
    assert outcome.status == {"BREAKS": 1, "error": 2}[verdict]


@pytest.mark.parametrize(
    ("renamed", "verdict", "says"),
    [
        (("mine-1.4.0", "other-1.6.0"), "BREAKS", "(baseline 1.4.0)"),
        (("mine/v1.4.0",), "BREAKS", "(baseline 1.4.0)"),
        (("v1.4", "v9.9.9"), "BREAKS", "(baseline 1.4.0)"),
        (("other-1.4.0",), "error", "has no version tag"),
        (("nightly",), "error", "--baseline HEAD~1"),
    ],
)
def test_the_last_tag_of_the_project_itself_is_the_baseline(
    tailrace: Run, tree: Path, renamed: tuple[str, ...], verdict: str, says: str
) -> None:
    git(tree, "tag", "-d", "v1.4.0")
    for tag in renamed:
        git(tree, "tag", tag, "HEAD~1")
    outcome = tailrace("check", "./tree", "-d", "./user")
    assert (outcome.out or outcome.err).startswith(verdict), outcome
    assert says in outcome.out + outcome.err


def test_uncommitted_work_is_compared_with_the_tag_of_its_commit(tailrace: Run, tree: Path) -> None:
    git(tree, "tag", "v1.5.0")
    assert "(baseline 1.4.0)" in tailrace("check", "./tree", "-d", "./user").out
    write(tree, {"mine/__init__.py": "def kept(): ...\n"})
    write(tree.parent / "user", {"user/__init__.py": "from mine import late\n"})
    outcome = tailrace("check", "./tree", "-d", "./user")
    assert outcome.out.startswith("BREAKS")
    assert "(baseline 1.5.0)" in outcome.out


def test_a_shallow_clone_without_tags_says_how_to_fetch_them(tailrace: Run, tree: Path) -> None:
    git(tree.parent, "clone", "-q", "--depth", "1", "--no-tags", tree.as_uri(), "shallow")
    outcome = tailrace("check", "./shallow", "-d", "./user")
    assert outcome.status == 2
    assert "git fetch --tags --unshallow" in outcome.err


def test_quiet_says_the_result_alone(tailrace: Run, shop: Path) -> None:
    outcome = tailrace("check", "up==2.0", "-q", "-d", "./down", "-d", "./fine")
    assert outcome.err == ""
    assert outcome.out.startswith("BREAKS")
    assert "fine" not in outcome.out
    assert tailrace("check", "up==2.0", "-q", "-b", "2.0", "-d", "./fine").err.startswith("error: ")


@pytest.mark.parametrize(
    ("downstreams", "says"),
    [
        (("./down", "./fine"), "breaks 1 of 2 downstreams (baseline"),
        (("./down", "other==1.0"), "breaks 1 of 2 downstreams, 1 of 2 uses it (baseline"),
        (("other==1.0",), "breaks none of 1 downstream, none of 1 uses it (baseline"),
    ],
)
def test_the_headline_says_how_many_use_the_upstream(
    tailrace: Run, shop: Path, downstreams: tuple[str, ...], says: str
) -> None:
    assert says in tailrace("check", "up==2.0", *(word for spec in downstreams for word in ("-d", spec))).out


@pytest.mark.parametrize(
    ("published", "baseline"),
    [
        pytest.param(("0.4.2",), "1.4.0", id="another project of that name: no tag is a release there"),
        pytest.param(("0.4.2", "1.4.1"), "1.4.0", id="several releases of it"),
        pytest.param(("1.3.0", "1.4.0"), "1.4.0", id="the project itself"),
        pytest.param(("1.4.0", "1.4.1"), "1.4.1", id="the project itself, one tag of which is not here"),
    ],
)
def test_a_project_of_the_same_name_in_the_index_is_not_the_baseline(
    tailrace: Run, tree: Path, published: tuple[str, ...], baseline: str
) -> None:
    index = Index(tree.parent / "index")
    for version in published:
        index.add(
            f"mine-{version}-py3-none-any.whl",
            wheel_bytes("mine", version, {"mine.py": "def kept(): ...\ndef gone(): ...\n"}),
        )
    outcome = tailrace("check", "./tree", "-d", "./user")
    assert outcome.out.startswith("BREAKS"), outcome
    assert f"(baseline {baseline})" in outcome.out
