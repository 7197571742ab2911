"""A new client is one module in `solvers/clients`; every command takes it from there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from made_channels import record

import tailrace

MODULE = '''
"""A client that is only there for this test."""

from tailrace.solvers.environment import change_as_pixi
from tailrace.solvers.fresh import with_rattler
from tailrace.solvers.interface import ClientModel

CLIENT = ClientModel(
    name="boa",
    title="boa 1",
    remark="a test",
    engine="rattler",
    solve_new=with_rattler,
    solve_existing=change_as_pixi,
    record_trust={"cached": ("trusts", "observed with boa 1")},
)
'''


@pytest.fixture(scope="module")
def with_boa(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with one file more."""
    root = tmp_path_factory.mktemp("with-boa")
    package = Path(tailrace.__file__).parent
    shutil.copytree(package, root / "tailrace", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "tailrace" / "solvers" / "clients" / "boa.py").write_text(MODULE)
    return root


def run(root: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "tailrace", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(root), "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_one_file_adds_a_client(with_boa: Path, tmp_path: Path) -> None:
    index = {"packages": {"foo-1-0.tar.bz2": record("foo 1")}}
    (tmp_path / "hi" / "noarch").mkdir(parents=True)
    (tmp_path / "hi" / "noarch" / "repodata.json").write_text(json.dumps(index))
    grid = ["exposure", "foo", "-c", "./hi", "--subdir", "noarch", "--format", "json"]

    found = run(with_boa, tmp_path, *grid, "--client", "boa,conda,mamba", "--priority", "strict")
    assert found.returncode == 0, found.stderr
    cells = json.loads(found.stdout)["cells"]
    assert [(cell["client"], cell["packages"]) for cell in cells] == [
        (client, ["hi::foo-1-0"]) for client in ("boa", "conda", "mamba")
    ]
    course = run(
        with_boa,
        tmp_path,
        *grid,
        "--client",
        "boa",
        "--broken",
        "foo >2",
        "--since",
        "2022-01-01",
        "--until",
        "2022-02-01",
    )
    assert course.returncode == 0, course.stderr
    assert "boa, conda, conda-libmamba" in run(with_boa, tmp_path, "exposure", "--help").stdout
    refused = run(with_boa, tmp_path, *grid, "--client", "cobra")
    assert refused.returncode == 2
    assert "'cobra' is none of boa, conda," in refused.stderr


def test_an_existing_environment_knows_the_client(with_boa: Path, tmp_path: Path) -> None:
    script = (
        "from tailrace.hotfix.reach import FACTS\n"
        "from tailrace.hotfix.reach import clients_that_trust as trusting\n"
        "print([(fact.kind, fact.trust) for fact in FACTS if fact.client == 'boa 1'][:2], trusting('cached'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(with_boa)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout == ("[('installed', 'unknown'), ('cached', 'trusts')] ('boa 1', 'mamba 1.x, micromamba 1.x')\n")
