"""Uses in files that no import statement can name are checked like all others; what nobody can read is never clear."""

from __future__ import annotations

import io
import json
import marshal
import tarfile
import zipfile
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
    "bin/poly-2": "#!/bin/bash -e\n# -*- python -*-\n''':'\nexec python \"$0\" \"$@\"\n'''\n",
    "bin/poly-3": '#!/bin/sh\n"exec" "python3" "$0" "$@"\n',
}


def test_scripts_without_an_ending_are_read(tmp_path: Path) -> None:
    down = tmp_path / "down"
    for name, text in {
        **SCRIPTS,
        "bin/shell": "#!/bin/sh\nimport up\n",
        "bin/start": "#!/bin/sh\nexec python -m up\n",
        "LICENSE": "import up\n",
    }.items():
        (down / name).parent.mkdir(parents=True, exist_ok=True)
        (down / name).write_text(text)
    (down / "pyproject.toml").write_text('[project]\nname = "down"\nversion = "1"\ndependencies = ["up"]\n')
    sources = Sources(SourceSettings(offline=True, cache_dir=tmp_path / "cache"))
    opened = open_release(str(down), sources)
    assert set(opened.python_files) == set(SCRIPTS)
    found = _check(tmp_path, opened)
    assert {f.file for f in found.findings} == set(SCRIPTS) - {"bin/poly", "bin/poly-2", "bin/poly-3"}
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


def _zip(files: dict[str, str], head: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return head + buffer.getvalue()


def _notebook(source: str) -> bytes:
    return json.dumps({"cells": [{"cell_type": "code", "source": source}]}).encode()


OPAQUE: dict[str, tuple[str, bytes, bool]] = {
    "a notebook": ("nb/a.ipynb", _notebook("import up\nup.gone()"), True),
    "a notebook, the name behind an escape": ("a.ipynb", _notebook("import os\nup.gone()"), True),
    "a notebook that does not name it": ("a.ipynb", _notebook("import os\nup_to.gone()\nsup"), False),
    "a notebook that is no JSON": ("a.ipynb", b"from up import gone", True),
    "a zipped egg": ("vendor/x.egg", _zip({"x/__init__.py": USES}), True),
    "a zipped egg that does not name it": ("vendor/x.egg", _zip({"x/__init__.py": "import ups"}), False),
    "a wheel": ("vendor/x-1-py3-none-any.whl", _zip({"x/y.py": USES}), True),
    "a zip application": ("tools/x.pyz", _zip({"__main__.py": USES}, b"#!/usr/bin/env python3\n"), True),
    "a pex": ("tools/x.pex", _zip({"y/__main__.py": USES}, b"#!/usr/bin/python\n"), True),
    "an archive on sys.path": ("down/bundle.zip", _zip({"y.py": USES}), True),
    "an archive with a script": ("down/bundle.zip", _zip({"bin/run": SCRIPT + USES}), True),
    "an archive of other things": ("data/a.zip", _zip({"README": "up", "a.txt": "import up"}), False),
    "an archive that is none": ("tests/broken.zip", b"PK\3\4 up", False),
    "an empty file": ("x.egg", b"", False),
    "Cython": ("down/fast.pyx", b"cimport up\n", True),
    "Cython that does not name it": ("down/fast.pyx", b"cdef int up2\n", False),
    "declarations of Cython": ("down/fast.pxd", b"cimport up\n", True),
    "an include file of Cython": ("down/fast.pxi", b"from up import gone\n", True),
    "a path file with code": ("zz.pth", b"lib\nimport up; up.gone()\n", True),
    "a path file with code that does not name it": ("zz.pth", b"import os; os.environ['UPS']\n", False),
    "a path file that names a folder": ("zz.pth", b"lib/up\n# import up\n", False),
    "bytecode alone": ("down/a.pyc", b"\xa7\r\r\n" + bytes(12) + marshal.dumps(compile(USES, "a", "exec")), True),
    "bytecode of Python 2": ("down/a.pyc", b"\x03\xf3\r\n" + bytes(4) + b"s\2\0\0\0ups\4\0\0\0gone", True),
    "bytecode that does not name it": (
        "down/a.pyc",
        b"\xa7\r\r\n" + bytes(12) + marshal.dumps(compile("import ups\nx = 'sup'\n", "a", "exec")),
        False,
    ),
    "bytecode in its cache": ("down/__pycache__/a.cpython-311.pyc", b"\2up", False),
    "bytecode beside its source": ("down/__init__.pyc", b"\2up", False),
    "a compiled module": ("down/fast.so", b"\x7fELF\0\0up\0gone\0", True),
    "a compiled module for Windows": ("down/fast.cp311-win_amd64.pyd", b"MZ\0up.sub\0gone\0", True),
    "a module that mypyc compiled": ("down/fast.so", b"\x7fELF\0\2up\4gone\3abc", True),
    "a compiled module that uses what is kept": ("down/fast.so", b"\x7fELF\0\0up\0kept\0", False),
    "a compiled module of others": ("down/fast.so", b"\x7fELF\0\0sup\0gone\0update\0", False),
    "a compiled module with a text": ("down/fast.so", b"\x7fELF\0\0up\0all is gone, too\0", False),
    "a template of a build": ("down/config.py.in", b"from up import gone\nV = '@VERSION@'\n", True),
    "a template of a generator": ("down/conf.py.j2", b"{% if x %}\nimport up\n{% endif %}\n", True),
    "a template of a new project": ("down/app/models.py-tpl", b"from up import gone\n", True),
    "a template that does not name it": ("down/config.py.in", b"V = '@upper@'\n", False),
    "a template of something else": ("down/a.txt.in", b"import up\n", False),
    "a folder that looks like one": ("down/a.py.d/x.txt", b"import up\n", False),
}


@pytest.mark.parametrize("kind", OPAQUE)
def test_code_in_a_form_that_is_not_read_is_never_clear(kind: str, tmp_path: Path) -> None:
    file, content, names = OPAQUE[kind]
    down = tmp_path / "down"
    for name, data in {
        "down/__init__.py": b"",
        file: content,
        "pyproject.toml": b'[project]\nname = "down"\nversion = "1"\ndependencies = ["up"]\n',
    }.items():
        (down / name).parent.mkdir(parents=True, exist_ok=True)
        (down / name).write_bytes(data)
    sources = Sources(SourceSettings(offline=True, cache_dir=tmp_path / "cache"))
    found = _check(tmp_path, open_release(str(down), sources))
    assert found.status == ("possible" if names else "clear")
    assert any(file in note for note in found.notes) == names


def _archive(path: Path, files: dict[str, str]) -> str:
    if path.suffix == ".whl":
        path.write_bytes(_zip(files))
    else:
        with tarfile.open(path, "w:bz2") as archive:
            for name, text in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(text)
                archive.addfile(info, io.BytesIO(text.encode()))
    return str(path)


WHEEL = {"down-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: down\nVersion: 1\nRequires-Dist: up\n"}
CONDA = {"info/index.json": json.dumps({"name": "down", "version": "1", "build": "0", "depends": ["up"]})}
SITE = {"lib/python3.11/site-packages/down/__init__.py": ""}
WRAPPER = (
    SCRIPT
    + "import sys\nfrom up import gone\nif __name__ == '__main__':\n    sys.argv[0] = 'x'\n    sys.exit(gone())\n"
)


@pytest.mark.parametrize(
    ("name", "files", "lines"),
    [
        ("down-1-py3-none-any.whl", WHEEL | {"down-1.data/scripts/run": SCRIPT + USES}, 4),
        ("down-1-py3-none-any.whl", WHEEL | {"down-1.data/data/share/down/a.py": USES}, 4),
        ("down-1-py3-none-any.whl", WHEEL | {"down-1.data/headers/a.py": USES}, 0),
        ("down-1-0.tar.bz2", CONDA | SITE | {"bin/run": SCRIPT + USES}, 4),
        ("down-1-0.tar.bz2", CONDA | {"bin/run": SCRIPT + USES}, 4),
        ("down-1-0.tar.bz2", CONDA | {"site-packages/down/a.py": "", "python-scripts/run": SCRIPT + USES}, 4),
        ("down-1-0.tar.bz2", CONDA | SITE | {"Scripts/run-script.py": USES}, 4),
        ("down-1-0.tar.bz2", CONDA | SITE | {"bin/run": WRAPPER}, 0),
        ("down-1-0.tar.bz2", CONDA | SITE | {"info/test/run_test.py": USES, "lib/python3.11/os.py": USES}, 0),
    ],
)
def test_programs_in_packages_are_read(name: str, files: dict[str, str], lines: int, tmp_path: Path) -> None:
    sources = Sources(SourceSettings(offline=True, cache_dir=tmp_path / "cache"))
    found = _check(tmp_path, open_release(_archive(tmp_path / name, files), sources))
    assert len(found.findings) == lines
