"""The same downstreams named and in a store: the verdicts are the same, and what cannot be hurt is not fetched."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.wheels import write_wheel
from tailrace.check import CheckOptions, check
from tailrace.check.from_facts import check_facts
from tailrace.check.from_store import NoDependentError, check_store
from tailrace.model import CheckReport
from tailrace.rules import RULES
from tailrace.scan.run import ScanOptions, scan
from tailrace.sources import Sources, SourceSettings
from tailrace.store import Store, open_store

RULE_FOLDER = Path(__file__).parents[2] / "rules"
HERE = CheckOptions(in_process=True)


def store_of(tmp_path: Path, *specs: str) -> tuple[Store, Sources]:
    sources = Sources(SourceSettings(offline=True, cache_dir=tmp_path / "cache"))
    store = open_store(str(tmp_path / "store"))
    report = scan(specs, store, sources, ScanOptions(in_process=True, upload_times=False))
    assert report.failures == ()
    return store, sources


def brief(report: CheckReport) -> list[tuple[str, str, list[tuple[str, str, str, int]]]]:
    return [
        (d.name, d.status, [(f.rule, f.symbol, f.file, f.line) for f in d.findings if f.rule != "python-dropped"])
        for d in report.downstreams
    ]


#: Whose example is a pair of trees: an interpreter is none.
WITH_TREES = [rule for rule in sorted(RULES) if (RULE_FOLDER / rule / "new").is_dir()]


@pytest.mark.parametrize("rule", WITH_TREES)
def test_every_rule_is_found_through_the_store(rule: str, tmp_path: Path) -> None:
    root = RULE_FOLDER / rule
    parts = [str(root / part) for part in ("downstream", "near_miss")]
    directly = check(str(root / "new"), str(root / "old"), parts, options=HERE)
    store, sources = store_of(tmp_path, *parts)
    through = check_store(str(root / "new"), str(root / "old"), store.snapshot(), sources, HERE)
    rest = brief(directly)
    for one in brief(through):
        assert one in rest
        rest.remove(one)
    # Who neither requires nor imports it, and does not name it where it matters, is no dependent.
    assert {status for _, status, _ in rest} <= {"clear"}
    assert through.verdict == directly.verdict


# What the store alone says: exact for names and calls. The other rules need the downstream's own code.
EXACT = {
    "name-removed",
    "module-removed",
    "parameter-removed",
    "parameter-now-required",
    "parameter-now-keyword-only",
}


@pytest.mark.parametrize("rule", sorted(EXACT))
def test_names_and_calls_are_found_from_the_facts_alone(rule: str, tmp_path: Path) -> None:
    root = RULE_FOLDER / rule
    parts = [str(root / part) for part in ("downstream", "near_miss")]
    directly = check(str(root / "new"), str(root / "old"), parts, options=HERE)
    store, sources = store_of(tmp_path, *parts)
    alone = check_facts(str(root / "new"), str(root / "old"), store.snapshot(), sources, HERE)
    assert alone.verdict == directly.verdict == "breaks"
    found = {(d.name, f.symbol, f.file) for d in alone.downstreams for f in d.findings if f.counts_as_break}
    wanted = {(d.name, f.symbol, f.file) for d in directly.downstreams for f in d.findings if f.counts_as_break}
    assert found <= wanted, "it reports nothing that the check does not"
    assert found
    assert any("does not see" in note for note in alone.notes)


OLD = "def gone(a, b=1): ...\ndef stays(a, old=1): ...\nclass Base:\n    def run(self): ...\n"
NEW = "def stays(a): ...\nclass Base:\n    def run(self): ...\n"
USES = [
    # source of the downstream, status from the facts alone
    ("from up import gone\n", "breaks"),
    ("import up\nup.gone(1)\n", "breaks"),
    ("def f():\n    import up\n    return up.gone\n", "breaks"),
    ("import up\nup.stays(1, old=2)\n", "breaks"),
    ("from up import stays as s\ns(1, old=2)\n", "breaks"),
    ("import up\nup.stays(1)\n", "clear"),
    ("import up\nup.stays(1, **{})\n", "clear"),
    ("import up\ngetattr(up, 'gone', None)\n", "clear"),
    ("try:\n    from up import gone\nexcept ImportError:\n    gone = None\n", "clear"),
    ("import up\nif hasattr(up, 'gone'):\n    up.gone(1)\n", "clear"),
    ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from up import gone\n", "clear"),
    ("from other import gone\nimport up\n", "clear"),
    ("import importlib\nimportlib.import_module('up').gone\n", "breaks"),
]


@pytest.mark.parametrize(("source", "status"), USES, ids=[source.replace("\n", "; ") for source, _ in USES])
def test_what_the_facts_alone_say(source: str, status: str, tmp_path: Path) -> None:
    old = str(write_wheel(tmp_path, "up", "1.0", {"up/__init__.py": OLD}))
    new = str(write_wheel(tmp_path, "up", "2.0", {"up/__init__.py": NEW}))
    down = str(write_wheel(tmp_path, "down", "1.0", {"down.py": source}, requires=["up"]))
    store, sources = store_of(tmp_path, down)
    report = check_facts(new, old, store.snapshot(), sources, HERE)
    assert report.downstreams[0].status == status
    directly = check_store(new, old, store.snapshot(), sources, HERE)
    assert directly.downstreams[0].status == status


@pytest.mark.parametrize(
    ("cheap", "compared"), [pytest.param(1_000_000, True, id="small"), pytest.param(1, False, id="large")]
)
def test_large_releases_are_not_compared_for_a_few_dependents(
    cheap: int, compared: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tailrace.check.from_store._CHEAP_TO_COMPARE", cheap)
    old = str(write_wheel(tmp_path, "up", "1.0", {"up/__init__.py": OLD}))
    new = str(write_wheel(tmp_path, "up", "2.0", {"up/__init__.py": NEW}))
    sources = {"hurt": "import up\nup.gone(1)\n", "well": "import up\nup.Base()\n"}
    downs = [str(write_wheel(tmp_path, n, "1.0", {f"{n}.py": s}, requires=["up"])) for n, s in sources.items()]
    store, found = store_of(tmp_path, *downs)
    report = check_store(new, old, store.snapshot(), found, HERE)
    assert [(d.name, d.status) for d in report.downstreams] == [("hurt", "breaks"), ("well", "clear")]
    assert any("all were fetched" in note for note in report.notes) is not compared
    # Once they were compared, that is known.
    check_facts(new, old, store.snapshot(), found, HERE)
    again = check_store(new, old, store.snapshot(), found, HERE)
    assert any("1 hold a word of a change" in note for note in again.notes)


@pytest.mark.parametrize(
    ("source", "status"),
    [
        pytest.param("import up\nup.gone(\n", "not-checked", id="a file that no Python reads"),
        pytest.param("import up\nup.gone()\n\0\n", "not-checked", id="a file with a NUL"),
        pytest.param(f"import up\nx = {'(' * 5000}up.gone(){')' * 5000}\n", "not-checked", id="a file nested deeply"),
        pytest.param("from up import *\ngone(1)\n", "not-checked", id="a name that comes by a star import"),
        pytest.param("from up import *\nBase()\n", "clear", id="a star import that brings nothing that changed"),
        pytest.param("from other import *\ngone(1)\nimport up\n", "clear", id="a star import from another package"),
        pytest.param("gone(\n", "clear", id="a file that no Python reads and that does not name the upstream"),
        pytest.param("from up import *\nimport up\nup.gone(1)\n", "breaks", id="a star import next to a break"),
    ],
)
def test_what_the_facts_cannot_decide_is_not_clear(source: str, status: str, tmp_path: Path) -> None:
    old = str(write_wheel(tmp_path, "up", "1.0", {"up/__init__.py": OLD}))
    new = str(write_wheel(tmp_path, "up", "2.0", {"up/__init__.py": NEW}))
    down = str(write_wheel(tmp_path, "down", "1.0", {"down.py": source}, requires=["up"]))
    store, sources = store_of(tmp_path, down)
    report = check_facts(new, old, store.snapshot(), sources, HERE).downstreams[0]
    assert report.status == status
    assert (report.reason is not None) == (status == "not-checked")


REEXPORTS = [
    # files of the downstream, the places that the facts alone find
    ({"compat.py": "import up\n", "a.py": "from .compat import up\nup.gone(1)\n"}, {"a.py:2"}),
    ({"compat.py": "import up as u\n", "a.py": "from .compat import u\nu.gone(1)\n"}, {"a.py:2"}),
    ({"compat.py": "import up as u\n", "a.py": "from . import compat\ncompat.u.gone(1)\n"}, {"a.py:2"}),
    ({"compat.py": "import up as u\n", "a.py": "import down.compat\ndown.compat.u.gone(1)\n"}, {"a.py:2"}),
    ({"compat.py": "from up import stays\n", "a.py": "from .compat import stays\nstays(1, old=2)\n"}, {"a.py:2"}),
    ({"compat.py": "from up import stays as s\n", "a.py": "from .compat import s\ns(1, old=2)\n"}, {"a.py:2"}),
    ({"compat.py": "from up import stays as s\n", "a.py": "from .compat import s\ns(1)\n"}, set()),
    ({"compat.py": "from up import sub\n", "a.py": "from .compat import sub\nsub.lost\n"}, {"a.py:2"}),
    # through two modules, and through the package
    (
        {
            "core/compat.py": "import up\n",
            "core/__init__.py": "from .compat import up as v\n",
            "a.py": "from .core import v\nv.gone(1)\n",
        },
        {"a.py:2"},
    ),
    (
        {"__init__.py": "from .compat import up\n", "compat.py": "import up\n", "a.py": "import down\ndown.up.gone\n"},
        {"a.py:2"},
    ),
    # the name is judged where it is imported, and only there
    ({"compat.py": "from up import gone\n", "a.py": "from .compat import gone\ngone(1)\n"}, {"compat.py:1"}),
    # what a test, a second binding or a function binds is not followed
    (
        {
            "compat.py": "try:\n    import up\nexcept ImportError:\n    up = None\n",
            "a.py": "from .compat import up\nup.gone(1)\n",
        },
        set(),
    ),
    ({"compat.py": "import up\nup = object()\n", "a.py": "from .compat import up\nup.gone(1)\n"}, set()),
    ({"compat.py": "def f():\n    import up\n", "a.py": "from .compat import up\nup.gone(1)\n"}, set()),
    # another module's name
    ({"compat.py": "import up\n", "b.py": "up = 1\n", "a.py": "from .b import up\nup.gone(1)\n"}, set()),
    ({"compat.py": "import up\n", "a.py": "from other.compat import up\nup.gone(1)\n"}, set()),
    (
        {
            "compat.py": "import up\n",
            "a.py": "from .compat import up\ntry:\n    up.gone(1)\nexcept AttributeError: pass\n",
        },
        set(),
    ),
]


@pytest.mark.parametrize(("files", "places"), REEXPORTS)
def test_the_facts_alone_follow_names_through_own_modules(
    files: dict[str, str], places: set[str], tmp_path: Path
) -> None:
    sub = {"up/sub.py": "def lost(): ...\n"}
    old = str(write_wheel(tmp_path, "up", "1.0", {"up/__init__.py": OLD, **sub}))
    new = str(write_wheel(tmp_path, "up", "2.0", {"up/__init__.py": NEW, "up/sub.py": ""}))
    whole = {"down/__init__.py": "", **{f"down/{name}": text for name, text in files.items()}}
    down = str(write_wheel(tmp_path, "down", "1.0", whole, requires=["up"]))
    store, sources = store_of(tmp_path, down)
    (alone,) = check_facts(new, old, store.snapshot(), sources, HERE).downstreams
    assert {f"{f.file.removeprefix('down/')}:{f.line}" for f in alone.findings if f.counts_as_break} == places
    (directly,) = check_store(new, old, store.snapshot(), sources, HERE).downstreams
    wanted = {f"{f.file}:{f.line}" for f in directly.findings if f.counts_as_break}
    assert {f"down/{place}" for place in places} <= wanted, "it reports nothing that the check does not"


PROGRAM = """
import argparse
def main():
    parser = argparse.ArgumentParser(prog="upctl")
    commands = parser.add_subparsers()
    clean = commands.add_parser("clean")
    {options}
    {more}
    parser.parse_args()
"""
COMMANDS = [
    ("subprocess.run(['upctl', 'clean', '--old'])", True),
    ("subprocess.run(['upctl', 'clean', '--kept'])", False),
    ("subprocess.run(['upctl', 'gone'])", True),
    ("subprocess.run(['upctl', x, '--old'])", False),
    ("subprocess.run(['other', 'clean', '--old'])", False),
    ("shutil.which('upctl')", False),
]


@pytest.mark.parametrize(("call", "breaks"), COMMANDS)
def test_the_facts_alone_know_options_that_are_gone(call: str, breaks: bool, tmp_path: Path) -> None:
    points = {"console_scripts": {"upctl": "up.cli:main"}}
    both, one = "clean.add_argument('--old')\n    clean.add_argument('--kept')", "clean.add_argument('--kept')"
    texts = (PROGRAM.format(options=both, more="commands.add_parser('gone')"), PROGRAM.format(options=one, more=""))
    old, new = (
        str(write_wheel(tmp_path, "up", f"{n}.0", {"up/__init__.py": "", "up/cli.py": text}, entry_points=points))
        for n, text in enumerate(texts, 1)
    )
    source = f"import shutil, subprocess\ndef f(x):\n    {call}\n"
    down = str(write_wheel(tmp_path, "down", "1.0", {"down.py": source}, requires=["up"]))
    store, sources = store_of(tmp_path, down)
    alone = check_facts(new, old, store.snapshot(), sources, HERE).downstreams[0]
    directly = check_store(new, old, store.snapshot(), sources, HERE).downstreams[0]
    found, wanted = (
        [(f.rule, f.file, f.line) for f in report.findings if f.counts_as_break] for report in (alone, directly)
    )
    assert found == ([("option-removed", "down.py", 3)] if breaks else [])
    assert set(found) <= set(wanted), "it reports nothing that the check does not"


def test_a_path_that_was_cut_leaves_the_answer_open(tmp_path: Path) -> None:
    old = str(write_wheel(tmp_path, "up", "1.0", {"up/__init__.py": OLD}))
    new = str(write_wheel(tmp_path, "up", "2.0", {"up/__init__.py": NEW}))
    source = f"import up\nup.{'x' * 300}.{'y' * 200}.gone\n"
    down = str(write_wheel(tmp_path, "down", "1.0", {"down.py": source}, requires=["up"]))
    store, sources = store_of(tmp_path, down)
    report = check_facts(new, old, store.snapshot(), sources, HERE).downstreams[0]
    assert (report.status, "longer than what the store keeps" in str(report.reason)) == ("not-checked", True)


def test_a_downstream_without_a_changed_word_is_not_fetched(tmp_path: Path) -> None:
    old = str(write_wheel(tmp_path, "up", "1.0", {"up/__init__.py": OLD}))
    new = str(write_wheel(tmp_path, "up", "2.0", {"up/__init__.py": NEW}))
    safe = write_wheel(tmp_path, "safe", "1.0", {"safe.py": "from up import Base\n"}, requires=["up"])
    aside = write_wheel(tmp_path, "aside", "1.0", {"aside.py": "import up\n", "b.py": "gone = 1\n"}, requires=["up"])
    hurt = write_wheel(tmp_path, "hurt", "1.0", {"a.py": "import up\n", "b.py": "import a\na.up.gone\n"})
    store, sources = store_of(tmp_path, str(safe), str(aside), str(hurt))
    safe.unlink()
    aside.unlink()
    report = check_store(new, old, store.snapshot(), sources, HERE)
    assert [(d.name, d.status) for d in report.downstreams] == [
        ("aside", "clear"),
        ("hurt", "breaks"),
        ("safe", "clear"),
    ]


def test_one_that_is_gone_is_not_checked(tmp_path: Path) -> None:
    old = str(write_wheel(tmp_path, "up", "1.0", {"up/__init__.py": OLD}))
    new = str(write_wheel(tmp_path, "up", "2.0", {"up/__init__.py": NEW}))
    hurt = write_wheel(tmp_path, "hurt", "1.0", {"hurt.py": "import up\nup.gone\n"})
    store, sources = store_of(tmp_path, str(hurt))
    hurt.unlink()
    report = check_store(new, old, store.snapshot(), sources, HERE)
    assert [(d.status, bool(d.reason)) for d in report.downstreams] == [("not-checked", True)]


def test_nobody_depends_on_it(tmp_path: Path) -> None:
    old = str(write_wheel(tmp_path, "up", "1.0", {"up/__init__.py": OLD}))
    new = str(write_wheel(tmp_path, "up", "2.0", {"up/__init__.py": NEW}))
    other = str(write_wheel(tmp_path, "other", "1.0", {"other.py": "import json\n"}))
    store, sources = store_of(tmp_path, other)
    for ask in (check_store, check_facts):
        with pytest.raises(NoDependentError, match="nobody"):
            ask(new, old, store.snapshot(), sources, HERE)
