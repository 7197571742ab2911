"""Python code in scripts, configuration and lists of arguments."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from pathlib import Path

import pytest
from trees import Case, cases, told

OLD = {"up/__init__.py": "def gone(): ...\ndef kept(): ...\n"}
NEW = {"up/__init__.py": "def kept(): ...\n"}
GONE = "name-removed up.gone"


def _c(name: str, file: str, text: str, *said: str) -> Case:
    return Case(name, OLD, NEW, {"dn/__init__.py": "", file: text}, said or ("clear",))


RUN = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', {!r}])\n"
CODES = cases(
    _c("a Makefile", "Makefile", 'check:\n\tpython -c "import up; up.gone()"\n', "possible", f"{GONE} Makefile:2 possible"),
    _c("a variable for Python", "Makefile", "check:\n\t$(PYTHON) -Wc 'from up import gone'\n", "possible", f"{GONE} Makefile:2 possible"),
    _c("a workflow", ".github/workflows/ci.yml", 'jobs:\n  a:\n    steps:\n      - run: python -c "import up; print(up.gone())"\n', "possible", f"{GONE} .github/workflows/ci.yml:4 possible"),
    _c("several lines", "run.sh", "python3 -c '\nimport up\nup.gone()\n'\n", "possible", f"{GONE} run.sh:3 possible"),
    _c("a here-document", "run.sh", "python3 - <<'PY'\nimport up as u\nu.gone()\nPY\n", "possible", f"{GONE} run.sh:3 possible"),
    _c("a list of arguments", "dn/a.py", RUN.format("import up; up.gone()"), "breaks", f"{GONE} dn/a.py:2 likely"),
    # Near-misses.
    _c("a name that is kept", "run.sh", "python -c 'import up; up.kept()'\n"),
    _c("a comment", "run.sh", "# python -c 'import up; up.gone()'\n"),
    _c("guarded", "run.sh", "python -c 'import up; getattr(up, \"gone\", print)()'\n"),
    _c("another module", "run.sh", "python -c 'import pickup; pickup.gone()'\n"),
    _c("no Python", "run.sh", "ruby -c 'import up; up.gone()'\n"),
    _c("a text that no Python reads", "run.sh", "python -c 'import up up.gone('\n"),
    _c("a list of arguments that keeps to what is there", "dn/a.py", RUN.format("import up; up.kept()")),
    _c("an option of another program", "dn/a.py", "import up\nARGS = ['grep', '-c', 'up.gone()']\n"),
)  # fmt: skip


@pytest.mark.parametrize("case", CODES)
def test_code_in_a_text_is_read_as_code(case: Case, tmp_path: Path) -> None:
    assert told(tmp_path, case) == case.said
