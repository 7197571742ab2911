"""Uses in files that no import statement can name are checked like all others; what nobody can read is never clear."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support.packages import artifact
from tailrace.artifacts import open_release
from tailrace.check.downstream import check_downstream
from tailrace.check.options import CheckOptions
from tailrace.check.upstream import Upstream
from tailrace.model import Artifact, DownstreamReport, Release
from tailrace.sources import Sources, SourceSettings

OLD = "class K:\n    def gone(self): ...\n    def kept(self): ...\ndef gone(): ...\ndef kept(a=1, b=2): ...\n"
NEW = "class K:\n    def kept(self): ...\ndef kept(a=1): ...\n"
USES = "import up\nup.gone()\nup.kept(b=2)\nup.K().gone()\nfrom up import gone\n"
LINES = (2, 3, 4, 5)
SCRIPT = "#!/usr/bin/env python3\n"

PLACES = {
    "a Django migration": "down/migrations/0001_initial.py",
    "an Alembic migration": "down/versions/1a2b3c_add_table.py",
    "a hyphen": "run-me.py",
    "a keyword": "down/class.py",
    "dots": "down/settings.local.py",
    "a blank": "down/my module.py",
    "no letters from ASCII": "down/größe.py",
    "a folder that is no identifier": "down/my-folder/mod.py",
    "a folder with a version": "down/v1.2/mod.py",
    "a hidden folder": ".hidden/mod.py",
    "Windows without a console": "down/gui.pyw",
    "capitals": "down/OLD.PY",
    "a main module": "down/__main__.py",
    "the setup script": "setup.py",
    "only underscores": "down/_.py",
    "a name of the upstream": "other/up-tools.py",
}


def _upstream(root: Path, old: str | bytes = OLD, new: str | bytes = NEW) -> Upstream:
    return Upstream(
        artifact(root / "old", {"up/__init__.py": old}), artifact(root / "new", {"up/__init__.py": new}, version="2.0")
    )


def _check(root: Path, downstream: Artifact) -> DownstreamReport:
    return check_downstream(_upstream(root), downstream, CheckOptions(jobs=1)).report


def _down(root: Path, files: dict[str, str | bytes], **more: Any) -> Artifact:
    found = artifact(root / "down", files, name="down", requires=("up",), **more)
    python = tuple(sorted(file for file in files if not file.endswith((".toml", ".so"))))
    return Artifact(
        found.release, found.metadata, found.root, found.kind, found.search_paths, python, found.compiled_files
    )


@pytest.mark.parametrize("search_paths", [("",), ("src",)])
@pytest.mark.parametrize("kind", PLACES)
def test_every_use_is_found_whatever_the_name_of_the_file(
    kind: str, search_paths: tuple[str, ...], tmp_path: Path
) -> None:
    file = PLACES[kind]
    found = _check(tmp_path, _down(tmp_path, {file: USES, "src/down2/__init__.py": ""}, search_paths=search_paths))
    assert tuple(sorted(f.line for f in found.findings)) == LINES
    assert {f.file for f in found.findings} == {file}
    assert not any("@" in f.inside or "@" in name for f in found.findings for name in f.import_breaks)
    assert found.status == "breaks"


def test_relative_imports_lead_on_from_a_file_that_cannot_be_imported(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "src/down/__init__.py": "",
        "src/down/models.py": "from up import K\nthing = K()\n",
        "src/down/migrations/__init__.py": "",
        "src/down/migrations/0001_initial.py": "from ..models import thing\nthing.gone()\nthing.kept()\n",
        "tests/helper.py": "from up import K\nclass Own(K): ...\n",
        "tests/t-1.py": "from .helper import Own\nOwn().gone()\nOwn().kept()\n",
    }
    found = _check(tmp_path, _down(tmp_path, files, search_paths=("src",)))
    assert [(f.file.rpartition("/")[2], f.line) for f in found.findings] == [("0001_initial.py", 2), ("t-1.py", 2)]


def test_a_stray_file_does_not_hide_the_upstream(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"src/down/__init__.py": "from up import gone\n", "up.py": "gone = 1\n"}
    found = _check(tmp_path, _down(tmp_path, files, search_paths=("src",)))
    assert [f.line for f in found.findings] == [1]


SCRIPTS = {
    "bin/run": SCRIPT + USES,
    "tools/run-2": "#!/usr/bin/python2.7\n" + USES,
    "tools/run.cgi": "#!/usr/bin/env -S python3 -u\n" + USES,
    "bin/poly": "#!/bin/sh\n'''exec' \"python\" \"$0\" \"$@\"\n' '''\n",
}


def test_scripts_without_an_ending_are_read(tmp_path: Path) -> None:
    down = tmp_path / "down"
    for name, text in {**SCRIPTS, "bin/shell": "#!/bin/sh\nimport up\n", "LICENSE": "import up\n"}.items():
        (down / name).parent.mkdir(parents=True, exist_ok=True)
        (down / name).write_text(text)
    (down / "pyproject.toml").write_text('[project]\nname = "down"\nversion = "1"\ndependencies = ["up"]\n')
    sources = Sources(SourceSettings(offline=True, cache_dir=tmp_path / "cache"))
    opened = open_release(str(down), sources)
    assert set(opened.python_files) == set(SCRIPTS)
    found = _check(tmp_path, opened)
    assert {f.file for f in found.findings} == set(SCRIPTS) - {"bin/poly"}
    assert len(found.findings) == 12


UNREAD: dict[str, bytes] = {
    "not Python": b"import up\n<?xml?>\n",
    "half a file": b"from up import gone\ndef f(\n",
    "null bytes": b"from up import gone\n\0\n",
    "UTF-16": "\ufefffrom up import gone\n".encode("utf-16-le"),
    "too deep": b"import up\nx = " + b"(" * 5000 + b")" * 5000,
    "a template": b"import up\n{% if x %}\nup.gone()\n{% endif %}\n",
}


@pytest.mark.parametrize("kind", UNREAD)
@pytest.mark.parametrize(("file", "status"), [("down/bad.py", "not-checked"), ("tests/bad.py", "possible")])
def test_a_file_that_cannot_be_parsed_is_never_clear(kind: str, file: str, status: str, tmp_path: Path) -> None:
    found = _check(tmp_path, _down(tmp_path, {file: UNREAD[kind], "down/__init__.py": "import up\nup.kept()\n"}))
    assert found.status == status
    assert file in (found.reason or "") or any(file in note for note in found.notes)
    assert found.files.unreadable == 1


def test_a_file_that_cannot_be_parsed_and_does_not_name_the_upstream_is_no_concern(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"down/bad.py": b"def f(\n", "down/__init__.py": "import up\nup.kept()\n"}
    assert _check(tmp_path, _down(tmp_path, files)).status == "clear"


def test_what_could_not_be_opened_is_a_concern_where_the_upstream_is_used(tmp_path: Path) -> None:
    for requires, status in ((("up",), "not-checked"), ((), "clear")):
        down = artifact(tmp_path / "down", {"down/__init__.py": ""}, name="down", requires=requires)
        left = Artifact(
            Release(name="down", version="1", spec="down", source="directory"),
            down.metadata,
            down.root,
            "tree",
            python_files=down.python_files,
            unreadable=(("down/caf\\xe9.py", "its name is not UTF-8"),),
        )
        assert _check(tmp_path, left).status == status
