"""What a check does with what goes wrong around it: trouble stays where it is, nothing is run, nothing is lost."""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import msgspec
import pytest

from tailrace.check import AllowEntry, CheckOptions, check
from tailrace.check import downstream as downstream_module
from tailrace.check.run import ComparisonError, NoDownstreamNamedError, assemble, open_upstream
from tailrace.model import CheckReport, TailraceError
from tailrace.sources import OfflineError, Sources, SourceSettings

OLD = "def gone(): ...\ndef kept(): ...\n"
NEW = "def kept(): ...\n"
USE = "from up import gone\n"


def write(root: Path, name: str, version: str, files: dict[str, str | bytes], more: str = "") -> str:
    """A project on disk; its spec."""
    head = f'[project]\nname = "{name}"\nversion = "{version}"\n{more}'
    for file, source in {"pyproject.toml": head, **files}.items():
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source if isinstance(source, bytes) else source.encode())
    return str(root)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[str, str]:
    """Candidate and baseline."""
    old = write(tmp_path / "old", "up", "1.0", {"up/__init__.py": OLD})
    return write(tmp_path / "new", "up", "2.0", {"up/__init__.py": NEW}), old


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    """Sources with a cache of their own."""
    return Sources(SourceSettings(offline=True, cache_dir=tmp_path / "cache"))


def run(pair: tuple[str, str], sources: Sources, *specs: str, options: CheckOptions | None = None) -> CheckReport:
    return check(*pair, specs, sources=sources, options=options or CheckOptions(in_process=True))


def test_what_cannot_be_opened_is_not_checked_and_the_others_go_on(
    pair: tuple[str, str], sources: Sources, tmp_path: Path
) -> None:
    (tmp_path / "torn-1.0-py3-none-any.whl").write_bytes(b"PK\x03\x04 and nothing more")
    user = write(tmp_path / "user", "user", "1", {"user/__init__.py": USE})
    fine = write(tmp_path / "fine", "fine", "1", {"fine/__init__.py": "from up import kept\n"})
    specs = [user, str(tmp_path / "missing"), str(tmp_path / "torn-1.0-py3-none-any.whl"), fine, "no-such-thing==1"]
    report = run(pair, sources, *specs)
    assert [d.status for d in report.downstreams if d.spec == user] == ["breaks"]
    assert [d.status for d in report.downstreams if d.spec == fine] == ["clear"]
    silent = [d for d in report.downstreams if d.status == "not-checked"]
    assert len(silent) == 3
    assert all(d.reason and not d.findings for d in silent)
    counts = report.counts
    assert (counts.downstreams, counts.breaks, counts.clear, counts.not_checked) == (5, 1, 1, 3)
    assert report.verdict == "breaks"


def test_without_a_break_what_was_not_checked_leaves_the_question_open(
    pair: tuple[str, str], sources: Sources, tmp_path: Path
) -> None:
    fine = write(tmp_path / "fine", "fine", "1", {"fine/__init__.py": "from up import kept\n"})
    assert run(pair, sources, fine).verdict == "clear"
    assert run(pair, sources, fine, str(tmp_path / "missing")).verdict == "incomplete"
    with pytest.raises(NoDownstreamNamedError) as caught:
        run(pair, sources)
    assert caught.value.exit_status == 2


def test_an_upstream_that_cannot_be_opened_is_an_error(pair: tuple[str, str], sources: Sources) -> None:
    with pytest.raises(TailraceError):
        check(pair[0] + "-missing", pair[1], [pair[0]], sources=sources)
    with pytest.raises(TailraceError):
        check(pair[0], None, [pair[0]], sources=sources)


@pytest.mark.parametrize("error", [RecursionError(), MemoryError(), KeyError("a fault of ours"), OSError(28, "full")])
def test_a_downstream_that_cannot_be_held_is_not_checked(
    error: Exception, pair: tuple[str, str], sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(downstream_module, "narrow", fail)
    report = run(pair, sources, write(tmp_path / "user", "user", "1", {"user/__init__.py": USE}))
    (one,) = report.downstreams
    named = "full" if isinstance(error, OSError) else type(error).__name__
    assert (one.status, named in (one.reason or "")) == ("not-checked", True)


def test_the_upstream_in_a_list_is_no_downstream_of_itself(
    pair: tuple[str, str], sources: Sources, tmp_path: Path
) -> None:
    itself = write(tmp_path / "installed", "up", "1.0", {"up/__init__.py": OLD, "up/more.py": USE})
    user = write(tmp_path / "user", "user", "1", {"user/__init__.py": USE})
    near = write(tmp_path / "near", "up-plugin", "1", {"up_plugin.py": USE})
    report = run(pair, sources, itself, user, near)
    assert [(d.name, d.status) for d in report.downstreams] == [("up-plugin", "breaks"), ("user", "breaks")]
    assert report.counts.downstreams == 2
    assert report.notes == ("up 1.0 is the upstream itself: not counted as a downstream.",)
    with pytest.raises(TailraceError, match="which the candidate replaces") as caught:
        run(pair, sources, itself)
    assert caught.value.exit_status == 2


def test_an_environment_as_a_downstream_is_all_that_is_installed_there(
    pair: tuple[str, str], sources: Sources, tmp_path: Path
) -> None:
    folder = tmp_path / "venv" / "lib" / "python3.12" / "site-packages"
    for name, source in {"up": OLD + "from up import gone\n", "user": USE, "fine": "from up import kept\n"}.items():
        info = folder / f"{name}-1.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        (info / "RECORD").write_text(f"{name}.py,,\n{name}-1.dist-info/METADATA,,\n")
        (folder / f"{name}.py").write_text(source)
    expected = [("fine", "clear"), ("user", "breaks")]
    for spec in (f"env:{tmp_path / 'venv'}", str(folder)):
        assert [(d.name, d.status) for d in run(pair, sources, spec).downstreams] == expected
    (one,) = run(pair, sources, f"env:{tmp_path / 'none'}").downstreams
    assert one.status == "not-checked"


def test_a_yanked_release_is_told(pair: tuple[str, str], sources: Sources) -> None:
    new, old = (sources.resolve(spec) for spec in pair)
    yanked = msgspec.structs.replace(new, yanked=True, yanked_reason="broken on Windows")
    upstream = open_upstream(old, yanked, sources)
    assert assemble(upstream, (), CheckOptions()).notes == ("the candidate up 2.0 is yanked: broken on Windows",)
    assert assemble(open_upstream(old, new, sources), (), CheckOptions()).notes == ()


def test_an_archive_without_a_version_in_its_name_is_known_by_its_metadata(sources: Sources, tmp_path: Path) -> None:
    archive = tmp_path / "main.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("up-main/pyproject.toml", '[project]\nname = "up"\nversion = "2.0"\n')
        file.writestr("up-main/up/__init__.py", NEW)
    with pytest.raises(OfflineError, match="of up "):
        check(str(archive), None, (str(archive),), sources=sources)


@pytest.mark.skipif(os.name == "nt", reason="the false type checker is a shell script")
@pytest.mark.parametrize("script", ["exit 7", "exec sleep 60", "sleep 0.5; kill -9 $$"])
def test_where_the_type_checker_fails_a_downstream_is_not_checked_and_the_others_go_on(
    script: str, sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "ty"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(importlib.import_module("tailrace.check.typecheck.run"), "_find_program", lambda: program)
    things = "class Thing:\n    def lost(self): ...\ndef command():\n    return lambda f: Thing()\n"
    old = write(tmp_path / "old", "up", "1.0", {"up/__init__.py": things + OLD})
    new = write(tmp_path / "new", "up", "2.0", {"up/__init__.py": things.replace("lost", "other") + NEW})
    asks = "import up\n@up.command()\ndef cli(): ...\ncli.lost()\n"
    specs = [
        write(tmp_path / "asks", "asks", "1", {"asks/__init__.py": asks}),
        write(tmp_path / "breaks", "breaks", "1", {"breaks/__init__.py": asks + USE}),
        write(tmp_path / "fine", "fine", "1", {"fine/__init__.py": "from up import kept\n"}),
    ]
    report = run((new, old), sources, *specs, options=CheckOptions(in_process=True, time_limit=2))
    assert [(d.name, d.status) for d in report.downstreams] == [
        ("asks", "not-checked"),
        ("breaks", "breaks"),
        ("fine", "clear"),
    ]
    assert "asks/__init__.py" in (report.downstreams[0].reason or "")


def make_wheel(path: Path, files: dict[str, bytes], requires: str = "", *, encrypted: bool = False) -> str:
    with zipfile.ZipFile(path, "w") as file:
        head = f"Metadata-Version: 2.1\nName: {path.name.partition('-')[0]}\nVersion: 1\n{requires}"
        for name, content in {"demo-1.dist-info/METADATA": head.encode(), **files}.items():
            file.writestr(name, content)
    if encrypted:
        data = bytearray(path.read_bytes())
        at = data.index(b"user.py") - 30
        data[at + 6] |= 1
        data[data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1) + 8] |= 1
        path.write_bytes(data)
    return str(path)


REQUIRES = "Requires-Dist: up\n"


@pytest.mark.parametrize(
    ("files", "requires", "status", "says"),
    [
        ({"user.so": b"\x7fELF"}, REQUIRES, "not-checked", "compiled modules only, and no stubs"),
        ({"user.so": b"\x7fELF\0up\0gone\0"}, "", "not-checked", "user.so"),
        ({"user.so": b"\x7fELF\0upper\0"}, "", "clear", ""),
        ({"user.so": b"\x7fELF", "user.pyi": b"def run(): ...\n"}, REQUIRES, "clear", ""),
        ({"user.so": b"\x7fELF", "more.py": USE.encode()}, REQUIRES, "breaks", ""),
        ({"data.txt": b"up"}, REQUIRES, "clear", ""),
    ],
)
def test_compiled_modules_alone_are_not_checked(
    files: dict[str, bytes],
    requires: str,
    status: str,
    says: str,
    pair: tuple[str, str],
    sources: Sources,
    tmp_path: Path,
) -> None:
    spec = make_wheel(tmp_path / "user-1-py3-none-any.whl", files, requires)
    (one,) = run(pair, sources, spec).downstreams
    assert one.status == status
    assert says in (one.reason or "")


def test_what_nobody_can_decrypt_is_not_checked(pair: tuple[str, str], sources: Sources, tmp_path: Path) -> None:
    spec = make_wheel(tmp_path / "user-1-py3-none-any.whl", {"user.py": USE.encode()}, encrypted=True)
    (one,) = run(pair, sources, spec).downstreams
    assert (one.status, one.reason) == (
        "not-checked",
        "none of its Python files could be read: user.py (it is encrypted)",
    )


def test_two_processes_say_what_one_says(pair: tuple[str, str], sources: Sources, tmp_path: Path) -> None:
    specs = [
        write(tmp_path / f"user{i}", f"user{i}", "1", {f"user{i}/__init__.py": USE if i % 2 else "import up\n"})
        for i in range(4)
    ]
    specs.append(str(tmp_path / "missing"))
    alone = run(pair, sources, *specs, options=CheckOptions(in_process=True))
    together = run(pair, sources, *reversed(specs), options=CheckOptions(jobs=2))
    assert msgspec.json.encode(together) == msgspec.json.encode(alone)


def test_the_same_downstream_given_twice_is_checked_once(
    pair: tuple[str, str], sources: Sources, tmp_path: Path
) -> None:
    user = write(tmp_path / "user", "user", "1", {"user/__init__.py": USE})
    assert run(pair, sources, user, user).counts.downstreams == 1


def test_progress_is_told_in_order(pair: tuple[str, str], sources: Sources, tmp_path: Path) -> None:
    class Heard:
        def __init__(self) -> None:
            self.said: list[tuple[str, object]] = []

        def start(self, total: int) -> None:
            self.said.append(("start", total))

        def step(self, name: str) -> None:
            self.said.append(("step", name))

        def say(self, text: str) -> None:
            self.said.append(("say", text))

    heard = Heard()
    user = write(tmp_path / "user", "user", "1", {"user/__init__.py": USE})
    run(pair, sources, user, options=CheckOptions(in_process=True, progress=heard))
    assert heard.said == [("say", "opening up 1.0 and 2.0"), ("start", 1), ("step", user)]


def test_python_2_is_read_and_what_nobody_can_read_is_counted(
    pair: tuple[str, str], sources: Sources, tmp_path: Path
) -> None:
    files: dict[str, str | bytes] = {
        "user/__init__.py": "",
        "user/old.py": "from up import gone\nprint 'hello'\nexec 'x = 1'\n",
        "user/broken.py": "from up import gone\ndef (:\n",
        "user/deep.py": "from up import gone\nx = " + "(" * 5000 + ")" * 5000,
        "user/latin.py": b"# -*- coding: latin-1 -*-\nimport up\nup.gone('\xe9')\n",
        "user/nul.py": b"from up import gone\x00\n",
        "user/turned.py": b"# coding: rot13\nsebz hc vzcbeg tbar\n",
        "user/seven.py": b"# coding: utf-7\nfrom +AHUAcA- import gone\n",
        "user/secret.py": b"# coding: klingon\n\x81(\x82\n",
        "user/future.py": b"# coding: future_fstrings\nx = 1\n",
    }
    (one,) = run(pair, sources, write(tmp_path / "user", "user", "1", files)).downstreams
    assert {(f.file, f.line) for f in one.findings} == {
        *(("user/old.py", 1), ("user/latin.py", 3), ("user/turned.py", 2), ("user/seven.py", 2))
    }
    assert one.status == "breaks"
    assert one.files.unreadable == 4
    assert any("4 files could not be parsed" in note and "user/broken.py" in note for note in one.notes)


def test_counts_of_files_reconcile(pair: tuple[str, str], sources: Sources, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"user/__init__.py": "", "user/a.py": USE, "user/b.py": "x = 1\n"}
    (one,) = run(pair, sources, write(tmp_path / "user", "user", "1", files)).downstreams
    assert (one.files.total, one.files.mentioning, one.files.unreadable) == (3, 1, 0)
    assert one.files.read <= one.files.total


def test_nothing_of_any_package_is_executed(sources: Sources, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    trap = f"import pathlib\npathlib.Path({str(mark)!r}).write_text('run')\n"
    setup: dict[str, str | bytes] = {"setup.py": trap, "conftest.py": trap, "sitecustomize.py": trap}
    old = write(tmp_path / "old", "up", "1.0", {**setup, "up/__init__.py": trap + OLD, "up/__main__.py": trap})
    new = write(tmp_path / "new", "up", "2.0", {**setup, "up/__init__.py": trap + NEW, "up/__main__.py": trap})
    lazy = "def __getattr__(name):\n    " + trap.replace("\n", "; ").rstrip("; ") + "\n"
    user = {**setup, "user/__init__.py": trap + USE, "user/lazy.py": lazy, "user/c.py": "from up import C\nC().x\n"}
    report = run((new, old), sources, write(tmp_path / "user", "user", "1", user))
    assert report.verdict == "breaks"
    assert not mark.exists()


@pytest.mark.parametrize(
    ("entry", "today", "verdict", "states"),
    [
        (AllowEntry("name-removed", "up.gone", "agreed"), "2026-01-01", "clear", []),
        (AllowEntry("name-removed", "up.*", "agreed"), "2026-01-01", "clear", []),
        (AllowEntry("name-removed", "up.gone", "agreed", "user"), "2026-01-01", "clear", []),
        (AllowEntry("name-removed", "up.gone", "agreed", None, "2026-01-01"), "2026-01-01", "clear", []),
        (AllowEntry("name-removed", "up.gone", "agreed", None, "2026-01-01"), "2026-01-02", "breaks", ["expired"]),
        (AllowEntry("name-removed", "up.gone", "agreed", "other"), "2026-01-01", "breaks", ["unused"]),
        (AllowEntry("name-removed", "up.kept", "agreed"), "2026-01-01", "breaks", ["unused"]),
        (AllowEntry("module-removed", "up.gone", "agreed"), "2026-01-01", "breaks", ["unused"]),
    ],
    ids=["exact", "pattern", "downstream", "last day", "expired", "another downstream", "another name", "another rule"],
)
def test_an_accepted_break_is_marked_and_counts_no_more(
    entry: AllowEntry,
    today: str,
    verdict: str,
    states: list[str],
    pair: tuple[str, str],
    sources: Sources,
    tmp_path: Path,
) -> None:
    user = write(tmp_path / "user", "user", "1", {"user/__init__.py": USE})
    report = run(pair, sources, user, options=CheckOptions(in_process=True, allow=(entry,), today=today))
    assert (report.verdict, [note.state for note in report.allow_list]) == (verdict, states)
    (finding,) = report.downstreams[0].findings
    assert finding.allowed == ("agreed" if verdict == "clear" else None)


def test_an_allow_list_does_not_hide_what_was_not_checked(
    pair: tuple[str, str], sources: Sources, tmp_path: Path
) -> None:
    entry = AllowEntry("name-removed", "up.gone", "agreed")
    options = CheckOptions(in_process=True, allow=(entry,))
    report = run(pair, sources, str(tmp_path / "missing"), options=options)
    assert [d.status for d in report.downstreams] == ["not-checked"]


def test_a_directory_can_be_checked_itself_in_any_layout(
    pair: tuple[str, str], sources: Sources, tmp_path: Path
) -> None:
    bound = 'dependencies = ["up<2"]\n'
    flat = write(tmp_path / "flat", "mine", "1", {"mine/__init__.py": USE})
    src = write(tmp_path / "src-layout", "mine", "1", {"src/mine/__init__.py": USE}, bound)
    report = run(pair, sources, flat, src)
    found = {d.spec: (d.status, d.requirement, [f.file for f in d.findings]) for d in report.downstreams}
    assert found[flat] == ("breaks", None, ["mine/__init__.py"])
    assert found[src] == ("contained", "up<2", ["src/mine/__init__.py"])


def test_only_named_changes_are_in_the_report(sources: Sources, tmp_path: Path) -> None:
    old = write(tmp_path / "old", "up", "1", {"up/__init__.py": "def a(): ...\ndef b(): ...\ndef c(): ...\n"})
    new = write(tmp_path / "new", "up", "2", {"up/__init__.py": "def c(): ...\n"})
    user = write(tmp_path / "user", "user", "1", {"user/__init__.py": "from up import a, c\n"})
    report = run((new, old), sources, user)
    assert [(c.rule, c.symbol, c.file, c.line) for c in report.changes] == [
        ("name-removed", "up.a", "up/__init__.py", 1)
    ]


_SLOW = """
import signal, sys, time, pathlib
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that starts the tests with & has it ignored
import tailrace.check.run as engine
from tailrace.check import CheckOptions
real = engine.check_spec
def slow(*given):
    pathlib.Path("ready").touch()
    time.sleep(60)
    return real(*given)
engine.check_spec = slow
from tailrace.cli import main
main()
"""


def test_ctrl_c_ends_a_running_check_with_130_and_leaves_the_cache_whole(pair: tuple[str, str], tmp_path: Path) -> None:
    user = write(tmp_path / "user", "user", "1", {"user/__init__.py": USE})
    env = os.environ | {"TAILRACE_CACHE_DIR": str(tmp_path / "cache"), "XDG_CACHE_HOME": str(tmp_path / "xdg")}
    arguments = ["check", pair[0], "--baseline", pair[1], "--downstream", user, "--jobs", "1", "--format", "json"]
    command = [sys.executable, "-c", _SLOW, *arguments]
    with subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        waited = 0
        while not (tmp_path / "ready").exists() and process.poll() is None and waited < 300:
            time.sleep(0.1)
            waited += 1
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 130
    assert not list(tmp_path.rglob("*.part*"))
    again = subprocess.run(
        [sys.executable, "-m", "tailrace", *arguments], cwd=tmp_path, env=env, capture_output=True, check=False
    )
    assert again.returncode == 1, again.stderr.decode()
    assert json.loads(again.stdout)["verdict"] == "breaks"


@pytest.mark.online
@pytest.mark.parametrize(("downstream", "verdict"), [("Jinja2==2.11.3", "breaks"), ("Jinja2==3.1.2", "clear")])
def test_the_markupsafe_incident(downstream: str, verdict: str) -> None:
    report = check("MarkupSafe==2.1.0", "MarkupSafe==2.0.1", [downstream], options=CheckOptions(jobs=1))
    assert report.verdict == verdict
    places = {(f.symbol, f.file, f.line, f.scope) for f in report.downstreams[0].findings if f.counts_as_break}
    expected = ("markupsafe.soft_unicode", "jinja2/filters.py", 13, "import")
    assert (expected in places) is (verdict == "breaks")


def test_a_member_of_a_class_that_only_the_stub_shows_is_named_with_its_class(sources: Sources, tmp_path: Path) -> None:
    stub = "class Box:\n    def {}(self): ...\ndef made() -> list[Box]: ...\n"
    python = "from up._compiled import *\n"
    old, new = (
        write(
            tmp_path / version,
            "up",
            version,
            {"up/__init__.py": python, "up/__init__.pyi": stub.format(name), "up/_compiled.so": b"\x7fELF"},
        )
        for version, name in (("1", "get"), ("2", "fetch"))
    )
    use = "from up import made\ndef f():\n    for one in made():\n        one.get()\n    made()[0].get()\n"
    user = write(tmp_path / "user", "user", "1", {"user/__init__.py": use})
    (found,) = run((new, old), sources, user).downstreams
    assert {finding.symbol for finding in found.findings} == {"up.Box.get"}


def test_places_that_are_too_many_to_ask_about_are_said_and_rare_names_come_first(
    sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = "class Box:\n    def {}(self): ...\n    def {}(self): ...\ndef made() -> list[Box]: return [Box()]\n"
    old = write(tmp_path / "old", "up", "1", {"up/__init__.py": box.format("get", "rare")})
    new = write(tmp_path / "new", "up", "2", {"up/__init__.py": box.format("fetch", "kept")})
    many = "".join(f"        self.x.get({number})\n" for number in range(5))
    init = "    def __init__(self, x):\n        self.x = x\n        self.box = next(iter(made()))\n"
    use = f"from up import made\nclass Mine:\n{init}    def f(self):\n{many}        self.box.rare()\n"
    user = write(tmp_path / "user", "user", "1", {"user/__init__.py": use})
    monkeypatch.setattr("tailrace.check.breakages.inferred_attributes.MAX_QUERIES", 3)
    (found,) = run((new, old), sources, user).downstreams
    assert [finding.symbol for finding in found.findings] == ["up.Box.rare"]
    assert found.notes == ("3 uses of `.get` on values of unknown type were too many to ask the type checker about",)


@pytest.mark.parametrize("hostile", ["candidate", "baseline"])
def test_the_releases_compared_are_opened_under_the_limits_too(hostile: str, tmp_path: Path, sources: Sources) -> None:
    small = write(tmp_path / "small", "up", "1.0", {"up/__init__.py": OLD})
    many = {f"up/m{number}.py": b"" for number in range(20_000)}
    large = make_wheel(tmp_path / "up-2-py3-none-any.whl", many)
    user = write(tmp_path / "user", "user", "1", {"user/__init__.py": USE})
    pair = (large, small) if hostile == "candidate" else (small, large)
    with pytest.raises(ComparisonError, match="time limit"):
        check(pair[0], pair[1], [user], sources=sources, options=CheckOptions(jobs=1, time_limit=0.05))
