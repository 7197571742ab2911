"""Import roots: gone, renamed, taken over by another distribution, or hidden by a file of the downstream's own."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from pathlib import Path

import pytest
from engine_rows import Row, Sources, rows, told

from support.packages import artifact, moments
from tailrace.changes.diff import diff_artifacts
from tailrace.check.downstream import check_downstream
from tailrace.check.options import CheckOptions
from tailrace.check.upstream import Upstream

OLD = {"old_root/__init__.py": "x = 1\ndef f(): ...\n", "old_root/deep.py": "y = 1\n"}
NEW = {"new_root/__init__.py": "x = 1\ndef f(): ...\n", "new_root/deep.py": "y = 1\n"}
GONE = "module-removed old_root"
SAME = {"up/__init__.py": "x = 1\n"}


def _r(name: str, down: Sources, *said: str, old: Sources = OLD, new: Sources = NEW, **also: object) -> Row:
    return Row(name, old, new, down, said, also=also)


ROOTS = rows(
    _r("import alone", "import old_root\nprint(old_root.x)", f"{GONE} 1"),
    _r("import under another name", "import old_root as o\no.f()", f"{GONE} 1"),
    _r("import of a submodule", "import old_root.deep", f"{GONE}.deep 1"),
    _r("from import", "from old_root import x", f"{GONE}.x 1"),
    _r("from import of a submodule", "from old_root import deep", f"{GONE}.deep 1"),
    _r("in a function", "def g():\n    import old_root\n    return old_root.x", f"{GONE} 2"),
    _r("by name", "import importlib\nm = importlib.import_module('old_root')", f"{GONE} 2"),
    _r("behind a guard", "try:\n    import old_root\nexcept ImportError:\n    old_root = None", f"{GONE} 2 guard: except ImportError"),
    _r("both names tried", "try:\n    import new_root as r\nexcept ImportError:\n    import old_root as r"),
    _r("of the distribution's own name", "from up import x", "module-removed up.x 1", old=SAME),
    _r("a module alone", "import up", "module-removed up 1", old={"up.py": "x = 1\n"}, new={"up2.py": "x = 1\n"}),
    _r("with an extra of its own", "import old_root", f"{GONE} 1", requires=("up[all]",)),
    _r("beside a distribution that only sounds alike", "import old_root", f"{GONE} 1", requires=("up", "old-root-utils")),
    # Near-misses.
    _r("a root that stays", "import old_root", old=OLD | NEW, new=OLD),
    _r("that the downstream requires by its name", "import old_root", requires=("up", "old-root")),
    _r("that is the downstream's own", {"down/__init__.py": "import old_root", "old_root/__init__.py": "x = 1"}),
    _r("that is a module of the downstream's own", {"down/__init__.py": "import old_root\nold_root.f()", "old_root.py": "def f(): ..."}),
)  # fmt: skip


@pytest.mark.parametrize("row", ROOTS)
def test_an_import_root_that_is_gone(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize(("required", "broken"), [("old-root-compat", False), ("other", True)])
def test_a_root_that_the_candidate_now_requires_elsewhere_is_not_gone(
    required: str, broken: bool, tmp_path: Path
) -> None:
    upstream = Upstream(
        artifact(tmp_path / "old", OLD, version="1.0"),
        artifact(tmp_path / "new", NEW, version="2.0", requires=(required,)),
    )
    down = artifact(tmp_path / "down", {"down/__init__.py": "import old_root\n"}, name="down", requires=("up",))
    assert bool(check_downstream(upstream, down, CheckOptions(jobs=1)).report.findings) is broken
    changes = diff_artifacts(upstream.baseline, upstream.candidate)
    assert ("module-removed" in {change.rule for change in changes}) is broken


def test_a_root_that_is_gone_is_a_change(tmp_path: Path) -> None:
    parts = moments(tmp_path, OLD, NEW, {"down/__init__.py": ""})
    assert [(c.rule, c.symbol) for c in diff_artifacts(parts.old, parts.new)] == [("module-removed", "old_root")]


OWN = {
    "setup.py": ({"setup.py": "import versioneer\nversioneer.get_version()", "versioneer.py": "def get_version(): ..."}, ()),
    "a helper of the tests": ({"helpers.py": "def old(): ...", "down/__init__.py": "from helpers import old"}, ()),
    "near-miss: not its own": ({"down/__init__.py": "from helpers import old"}, (("helpers.old", 1),)),
    "near-miss: a folder without modules": (
        {"down/__init__.py": "from helpers import old", "helpers/data/x.py": ""},
        (("helpers.old", 1),),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "said"), OWN.values(), ids=list(OWN))
def test_a_file_of_the_downstream_hides_the_same_module_of_the_upstream(
    files: dict[str, str], said: tuple[tuple[str, int], ...], tmp_path: Path
) -> None:
    old = {"up/__init__.py": "", "versioneer.py": "def get_version(): ...", "helpers.py": "def old(): ...\n"}
    parts = moments(tmp_path, old, {"up/__init__.py": "", "helpers.py": ""}, files)
    found = check_downstream(Upstream(parts.old, parts.new), parts.downstream, CheckOptions(jobs=1)).report.findings
    assert tuple((f.symbol, f.line) for f in found) == said
