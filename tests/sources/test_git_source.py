"""A tree is read from git's objects, whatever state the repository is in."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tailrace.sources import GitError, Limits, NoPreviousError, OfflineError, Sources, SourceSettings
from tailrace.sources.git import nearest_tags

IDENTITY = [
    "-c",
    "user.name=T",
    "-c",
    "user.email=t@example.org",
    "-c",
    "init.defaultBranch=main",
    "-c",
    "commit.gpgsign=false",
]


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *IDENTITY, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(folder: Path, files: dict[str, str], tag: str | None = None) -> str:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "x")
    if tag:
        git(folder, "tag", "-a", "-m", tag, tag)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "demo-project"
    folder.mkdir()
    git(folder, "init", "-q")
    commit(
        folder,
        {
            "pyproject.toml": '[project]\nname = "demo"\nversion = "1.0"\n',
            "demo/__init__.py": "a = 1\n",
            "data.bin": "x",
            "demo/include/demo.h": "int demo(void);\n",
        },
        "v1.0",
    )
    commit(folder, {"pyproject.toml": '[project]\nname = "demo"\nversion = "1.1"\n', "demo/new.py": "b = 2\n"}, "v1.1")
    commit(folder, {"pyproject.toml": '[project]\nname = "demo"\nversion = "2.0rc1"\n'}, "v2.0rc1")
    commit(folder, {"pyproject.toml": '[project]\nname = "demo"\nversion = "2.0"\n'}, "v2.0")
    return folder


def open_sources(tmp_path: Path, **settings: object) -> Sources:
    return Sources(SourceSettings(cache_dir=tmp_path / "cache", **settings))  # type: ignore[arg-type]


def test_a_tag_is_read_without_a_work_tree(repo: Path, tmp_path: Path) -> None:
    located = open_sources(tmp_path).locate(f"git+{repo}@v1.0")
    files = sorted(path.relative_to(located.path).as_posix() for path in located.path.rglob("*") if path.is_file())
    assert files == ["demo/__init__.py", "demo/include/demo.h", "pyproject.toml"]
    assert (located.release.name, located.release.version, located.release.source) == ("demo", "1.0", "git")


@pytest.mark.parametrize(
    ("ref", "version"),
    [
        ("v1.1", "1.1"),
        ("main", "2.0"),
        ("HEAD", "2.0"),
        ("HEAD~1", "2.0rc1"),
        ("HEAD^", "2.0rc1"),
        ("HEAD~2", "1.1"),
        ("HEAD^{x}", None),
        ("HEAD~1:x", None),
    ],
)
def test_refs_are_tags_branches_and_commits(repo: Path, tmp_path: Path, ref: str, version: str | None) -> None:
    sources = open_sources(tmp_path)
    if version is None:
        with pytest.raises(Exception, match="no usable git ref"):
            sources.resolve(f"git+{repo}@{ref}")
        return
    assert sources.resolve(f"git+{repo}@{ref}").version == version
    assert sources.resolve(f"git+{repo}@{git(repo, 'rev-parse', ref)}").version == version
    assert sources.resolve(f"git+file://{repo}@{ref}").version == version


def test_an_unknown_ref_names_the_nearest_tags(repo: Path, tmp_path: Path) -> None:
    with pytest.raises(GitError, match=r"v1\.1") as caught:
        open_sources(tmp_path).resolve(f"git+{repo}@v1.11")
    assert caught.value.exit_status == 2


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        ("4.13", ("4.13.0", "4.12.0")),
        ("v4.13.0", ("4.13.0", "4.12.0")),
        ("4.12.5", ("4.12.0", "4.6.13", "4.13.0", "23.9.0")),
        ("23.8.0", ("4.13.0", "4.12.0", "23.9.0")),
        ("mamba-0.23", ("mamba-0.23.3",)),
        ("main", ()),
    ],
)
def test_the_nearest_tags_are_those_of_the_versions_around(ref: str, expected: tuple[str, ...]) -> None:
    tags = ["4.1.3", "4.6.13", "4.12.0", "4.13.0", "23.9.0", "mamba-0.23.3", "mamba-0.3.0", "libmamba-0.23.1"]
    assert nearest_tags(ref, tags)[: len(expected)] == expected
    assert len(nearest_tags(ref, tags)) <= 4


@pytest.mark.parametrize(
    ("ref", "expected"), [("v2.0", "v1.1"), ("v1.1", "v1.0"), ("v2.0rc1", "v1.1"), ("main", "v1.1")]
)
def test_the_previous_release_is_the_tag_below(repo: Path, tmp_path: Path, ref: str, expected: str) -> None:
    sources = open_sources(tmp_path)
    assert sources.previous(sources.resolve(f"git+{repo}@{ref}")).spec == f"git+{repo}@{expected}"


def test_the_first_tag_has_none_before_it(repo: Path, tmp_path: Path) -> None:
    sources = open_sources(tmp_path)
    with pytest.raises(NoPreviousError):
        sources.previous(sources.resolve(f"git+{repo}@v1.0"))


def test_tags_of_other_projects_in_the_repository_do_not_count(tmp_path: Path) -> None:
    folder = tmp_path / "mono"
    folder.mkdir()
    git(folder, "init", "-q")
    for number, tag in enumerate(("one-1.0", "two-1.5", "one-2.0")):
        commit(folder, {"one/setup.py": "", "one/one/__init__.py": f"# {number}"}, tag)
    sources = open_sources(tmp_path)
    assert sources.previous(sources.resolve(f"git+{folder}@one-2.0")).version == "1.0"


def test_name_and_version_fall_back_to_the_repository_and_the_ref(tmp_path: Path) -> None:
    folder = tmp_path / "Some.Tool"
    folder.mkdir()
    git(folder, "init", "-q")
    commit(folder, {"tool.py": ""}, "release-3.1")
    sources = open_sources(tmp_path)
    tagged, branch = sources.resolve(f"git+{folder}@release-3.1"), sources.resolve(f"git+{folder}@HEAD")
    assert (tagged.name, tagged.version) == ("some-tool", "3.1")
    assert (branch.name, branch.version) == ("some-tool", "0+unknown")
    git(folder, "remote", "add", "origin", "https://example.org/org/other-name.git")
    assert sources.resolve(f"git+{folder}@HEAD").name == "other-name"


def test_a_subdirectory_is_a_tree_of_its_own(repo: Path, tmp_path: Path) -> None:
    commit(repo, {"sub/pyproject.toml": '[project]\nname = "inner"\nversion = "7"\n', "sub/inner.py": ""}, "v3.0")
    sources = open_sources(tmp_path)
    located = sources.locate(f"git+{repo}@v3.0#subdirectory=sub")
    assert (located.release.name, located.release.version) == ("inner", "7")
    assert (located.path / "inner.py").is_file()
    with pytest.raises(GitError, match="no folder"):
        sources.resolve(f"git+{repo}@v3.0#subdirectory=nothing")


def test_hooks_filters_and_links_of_the_repository_do_nothing(repo: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    (repo / "away.py").symlink_to("/etc/passwd")
    (repo / ".gitattributes").write_text("*.py filter=evil\n")
    git(repo, "config", "filter.evil.smudge", f"touch {mark}")
    git(repo, "config", "filter.evil.clean", "cat")
    commit(repo, {"demo/late.py": "c = 3\n"}, "v4.0")
    for hook in ("post-checkout", "post-index-change", "reference-transaction"):
        path = repo / ".git" / "hooks" / hook
        path.write_text(f"#!/bin/sh\ntouch {mark}\n")
        path.chmod(0o755)
    git(repo, "config", "core.fsmonitor", f"touch {mark}")
    located = open_sources(tmp_path).locate(f"git+{repo}@v4.0")
    assert (located.path / "demo" / "late.py").read_text() == "c = 3\n"
    assert not (located.path / "away.py").exists()
    assert not mark.exists()


def test_a_bare_clone_that_lacks_other_blobs_serves(repo: Path, tmp_path: Path) -> None:
    git(repo, "config", "uploadpack.allowFilter", "true")
    git(repo, "config", "uploadpack.allowAnySHA1InWant", "true")
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "-q", "--bare", "--filter=blob:none", repo.as_uri(), str(bare))
    for offline in (True, False):  # the clone's own remote is not asked: its configuration is not ours
        with pytest.raises(GitError, match=r"lacks the content of files to read \(2, such as demo") as caught:
            open_sources(tmp_path, offline=offline).locate(f"git+{bare}@v1.0")
        assert caught.value.exit_status == 3
        assert "git fetch --refetch" in str(caught.value.hint)
    for path in ("pyproject.toml", "demo/__init__.py"):
        git(bare, "cat-file", "-p", f"v1.0:{path}")
    assert open_sources(tmp_path).locate(f"git+{bare}@v1.0").release.version == "1.0"


HOSTILE_SETTINGS = [
    ("core.fsmonitor", "{run}"),
    ("core.hooksPath", "{hooks}"),
    ("core.pager", "{run}"),
    ("pager.ls-tree", "{run}"),
    ("core.editor", "{run}"),
    ("core.sshCommand", "{run}"),
    ("core.gitProxy", "{run}"),
    ("core.alternateRefsCommand", "{run}"),
    ("remote.origin.uploadpack", "{run}"),
    ("remote.origin.proxy", "http://127.0.0.1:9"),
    ("credential.helper", "!{run}"),
    ("diff.external", "{run}"),
    ("diff.evil.textconv", "{run}"),
    ("filter.evil.smudge", "{run}"),
    ("filter.evil.process", "{run}"),
    ("gpg.program", "{run}"),
    ("alias.ls-tree", "!{run}"),
    ("alias.cat-file", "!{run}"),
    ("uploadpack.packObjectsHook", "{run}"),
    ("include.path", "{included}"),
    ("includeIf.gitdir:/**.path", "{included}"),
    ("core.worktree", "/"),
    ("core.attributesFile", "{included}"),
    ("url.ext::{run}.insteadOf", "file://"),
    ("protocol.ext.allow", "always"),
    ("extensions.nosuch", "true"),
    ("core.repositoryFormatVersion", "99"),
]


@pytest.mark.parametrize("missing", [False, True], ids=["complete", "partial"])
@pytest.mark.parametrize(("key", "value"), HOSTILE_SETTINGS, ids=[key for key, _ in HOSTILE_SETTINGS])
def test_no_setting_of_a_repository_is_obeyed(
    repo: Path, tmp_path: Path, key: str, value: str, missing: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark, run, hooks = tmp_path / "mark", tmp_path / "run", tmp_path / "hooks"
    run.write_text(f"#!/bin/sh\ntouch {mark}\n")
    run.chmod(0o755)
    hooks.mkdir()
    for hook in ("post-checkout", "reference-transaction", "post-index-change", "pre-auto-gc"):
        (hooks / hook).symlink_to(run)
    included = tmp_path / "included"
    included.write_text(f"[core]\n\tfsmonitor = {run}\n\tsshCommand = {run}\n")
    (repo / ".gitattributes").write_text("*.py filter=evil diff=evil\n")
    commit(repo, {}, "v6.0")
    words = {"run": run, "hooks": hooks, "included": included}
    config = repo / ".git" / "config"
    section, _, name = key.format(**words).rpartition(".")
    head, dot, sub = section.partition(".")
    config.write_text(
        config.read_text()
        + f'[{head}{f" {chr(34)}{sub}{chr(34)}" if dot else ""}]\n\t{name} = "{value.format(**words)}"\n'
        + '[remote "origin"]\n\turl = ssh://127.0.0.1/none\n\tpromisor = true\n\tpartialclonefilter = blob:none\n'
        + "[extensions]\n\tpartialClone = origin\n"
    )
    monkeypatch.setenv("GIT_SSH_COMMAND", str(run))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(run))
    sources = open_sources(tmp_path)
    if missing:
        blob = subprocess.run(
            ["git", "hash-object", "--stdin"], input=b"a = 1\n", capture_output=True, check=True, cwd=tmp_path
        ).stdout.decode()
        (repo / ".git" / "objects" / blob[:2] / blob[2:].strip()).unlink()
        with pytest.raises(GitError, match="lacks the content"):
            sources.locate(f"git+{repo}@v6.0")
    else:
        assert sources.locate(f"git+{repo}@v6.0").release.version == "2.0"
        assert sources.previous(sources.resolve(f"git+{repo}@v2.0")).version == "1.1"
    assert not mark.exists()


def test_variables_of_git_do_not_lead_elsewhere(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    for name, value in {
        "GIT_DIR": str(other / ".git"),
        "GIT_OBJECT_DIRECTORY": str(other / ".git" / "objects"),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(other / ".git" / "objects"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.bare",
        "GIT_CONFIG_VALUE_0": "nonsense",
        "GIT_CEILING_DIRECTORIES": str(repo),
        "GIT_NAMESPACE": "elsewhere",
    }.items():
        monkeypatch.setenv(name, value)
    assert open_sources(tmp_path).resolve(f"git+{repo}@v1.1").version == "1.1"


def test_other_object_stores_are_not_read(repo: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    git(tmp_path, "clone", "-q", "--shared", str(repo), str(shared))
    assert (shared / ".git" / "objects" / "info" / "alternates").is_file()
    with pytest.raises(GitError) as caught:
        open_sources(tmp_path).locate(f"git+{shared}@v1.0")
    assert "git repack -a -d" in str(caught.value.hint)
    git(shared, "repack", "-a", "-d", "-q")
    assert open_sources(tmp_path).locate(f"git+{shared}@v1.0").release.version == "1.0"


@pytest.mark.parametrize("kind", ["linked work tree", "bare", "folder below", "packed", "detached", "shallow"])
def test_every_shape_of_a_repository_is_read(repo: Path, tmp_path: Path, kind: str) -> None:
    place = tmp_path / "place"
    if kind == "linked work tree":
        git(repo, "worktree", "add", "-q", str(place), "v1.1")
    elif kind == "bare":
        git(tmp_path, "clone", "-q", "--bare", str(repo), str(place))
        git(place, "update-ref", "--no-deref", "HEAD", git(repo, "rev-parse", "v1.1^{commit}"))
    elif kind == "shallow":
        git(tmp_path, "clone", "-q", "--depth=1", "--branch=v1.1", repo.as_uri(), str(place))
    else:
        git(tmp_path, "clone", "-q", str(repo), str(place))
        git(place, "checkout", "-q", "v1.1")
        if kind == "packed":
            git(place, "gc", "-q")
        place = place / "demo" if kind == "folder below" else place
    assert open_sources(tmp_path).resolve(f"git+{place}@HEAD").version == "1.1"


def bomb(folder: Path, *, levels: int, width: int, name: str) -> str:
    """A commit whose tree has `width ** levels` files in a few kilobytes."""
    entry = f"100644 blob {git_given(folder, b'a = 1', 'hash-object', '-w', '--stdin')}\t"
    for _ in range(levels):
        lines = "".join(f"{entry}{number:03}{name}\n" for number in range(width))
        entry = f"040000 tree {git_given(folder, lines.encode(), 'mktree')}\t"
        name = ""
    return git(folder, "commit-tree", "-m", "x", entry.split()[2])


def git_given(folder: Path, given: bytes, *arguments: str) -> str:
    return (
        subprocess.run(["git", *arguments], cwd=folder, input=given, check=True, capture_output=True)
        .stdout.decode()
        .strip()
    )


@pytest.mark.parametrize("name", [".py", ".png"])
def test_a_tree_of_a_thousand_million_files_is_left_at_the_limit(repo: Path, tmp_path: Path, name: str) -> None:
    limits = Limits(members=2_000)
    with pytest.raises(GitError, match="more than"):
        open_sources(tmp_path, limits=limits).locate(f"git+{repo}@{bomb(repo, levels=9, width=10, name=name)}")
    assert open_sources(tmp_path, limits=limits).locate(f"git+{repo}@{bomb(repo, levels=3, width=10, name=name)}")


def test_a_repository_that_unpacks_to_very_much_is_refused(repo: Path, tmp_path: Path) -> None:
    blob = git_given(repo, b"#" * 200_000, "hash-object", "-w", "--stdin")
    lines = "".join(f"100644 blob {blob}\t{number:04}.py\n" for number in range(500))
    commit_id = git(repo, "commit-tree", "-m", "x", git_given(repo, lines.encode(), "mktree"))
    with pytest.raises(GitError, match="times its size"):
        open_sources(tmp_path).locate(f"git+{repo}@{commit_id}")


PIPES = ("packed-refs", "shallow", "refs/tags/v9", "objects/pack/pack-1.idx", "TREE")
PIPES_UNREAD = ("config", "HEAD", "commondir", "objects/info/alternates", "info/grafts", "hooks/post-checkout")


@pytest.mark.parametrize("name", [*PIPES, *PIPES_UNREAD])
def test_a_pipe_in_place_of_a_file_of_git_is_not_waited_for(repo: Path, tmp_path: Path, name: str) -> None:
    tree = git(repo, "rev-parse", "v1.0^{tree}")
    path = repo / ".git" / (f"objects/{tree[:2]}/{tree[2:]}" if name == "TREE" else name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    if name in PIPES:
        with pytest.raises(GitError, match="neither a file nor a folder"):
            open_sources(tmp_path).resolve(f"git+{repo}@v1.0")
        return
    try:
        assert open_sources(tmp_path).resolve(f"git+{repo}@v1.0").version == "1.0"
    except GitError:
        assert name == "HEAD"


def test_what_is_extracted_once_is_used_again(repo: Path, tmp_path: Path) -> None:
    first = open_sources(tmp_path).locate(f"git+{repo}@v1.0")
    (first.path / "stamp").write_text("")
    again = open_sources(tmp_path).locate(f"git+{repo}@{git(repo, 'rev-parse', 'v1.0^{commit}')}")
    assert again.path == first.path
    assert (again.path / "stamp").exists()


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("git+{tmp}/none@v1", "does not exist"),
        ("git+{tmp}@v1", "not a git repository"),
        ("git+ext::sh -c x@v1", "does not exist|not a git"),
    ],
)
def test_what_is_no_repository_is_named(tmp_path: Path, spec: str, says: str) -> None:
    with pytest.raises(GitError, match=says):
        open_sources(tmp_path).resolve(spec.format(tmp=tmp_path))


def test_a_remote_repository_is_not_asked_offline(tmp_path: Path) -> None:
    with pytest.raises(OfflineError):
        open_sources(tmp_path, offline=True).resolve("git+https://example.org/x/y@v1")


def test_a_remote_repository_is_mirrored_once_and_asked_again_for_what_it_lacks(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "https://example.org/org/demo-project.git"
    for number, (key, value) in enumerate([(f"url.{repo.as_uri()}.insteadOf", url), ("protocol.file.allow", "always")]):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", key)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", value)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "2")
    git(repo, "config", "uploadpack.allowFilter", "true")
    git(repo, "config", "uploadpack.allowAnySHA1InWant", "true")
    sources = open_sources(tmp_path)
    assert sources.resolve(f"git+{url}@v1.0").version == "1.0"
    assert sources.previous(sources.resolve(f"git+{url}@v1.1")).version == "1.0"
    commit(repo, {"pyproject.toml": '[project]\nname = "demo"\nversion = "3.0"\n'}, "v3.0")
    assert open_sources(tmp_path).resolve(f"git+{url}@v3.0").version == "3.0"
    assert open_sources(tmp_path).resolve(f"git+{url}@main").version == "3.0"
    offline = open_sources(tmp_path, offline=True)
    assert offline.resolve(f"git+{url}@v1.0").version == "1.0"
    repo.rename(tmp_path / "gone")
    with pytest.raises(GitError) as caught:
        open_sources(tmp_path).resolve(f"git+{url}@v9")
    assert caught.value.exit_status == 3
    assert open_sources(tmp_path).resolve(f"git+{url}@v3.0").version == "3.0"


def test_a_name_that_is_not_utf8_is_recorded(repo: Path, tmp_path: Path) -> None:
    try:
        (repo / "demo" / b"caf\xe9.py".decode("utf-8", "surrogateescape")).write_text("")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    commit(repo, {}, "v5.0")
    located = open_sources(tmp_path).locate(f"git+{repo}@v5.0")
    assert located.unreadable == (("demo/caf\\xe9.py", "its name is not UTF-8"),)
