"""What stands for a package that cannot be had: it can be imported and asked for anything, and does nothing."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tailrace.verify.stubs import write_stub_wheel

# a program that a stub must let through
PROGRAMS = [
    "import lib_stub; lib_stub.anything(1, x=2).more.and_more()",
    "from lib_stub import A, B; A(); B",
    "import lib_stub.sub.deep as d; d.f(); from lib_stub.other import name",
    "import lib_stub\ntry:\n    raise lib_stub.AnError('x')\nexcept lib_stub.AnError as e:\n    assert 'x' in str(e)",
    "import lib_stub\nclass C(lib_stub.Base):\n    pass\nC()",
    "import lib_stub; assert list(lib_stub.Items()) == [] and len(lib_stub.Items()) == 0",
    "import lib_stub; assert isinstance(lib_stub.__version__, str)",
    "import lib_stub; assert lib_stub.Same is lib_stub.Same",
    "import lib_stub, json, sys; assert json.dumps({}) == '{}'",
    "import lib_stub\nwith lib_stub.opened('x') as it:\n    it.read()",
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_stub_has_every_name_and_does_nothing(program: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(write_stub_wheel("lib-stub", tmp_path / "wheels")) as wheel:
        wheel.extractall(tmp_path / "site")
    done = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(tmp_path / "site")}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def test_a_stub_takes_no_other_module_over(tmp_path: Path) -> None:
    with zipfile.ZipFile(write_stub_wheel("lib-stub", tmp_path / "wheels")) as wheel:
        wheel.extractall(tmp_path / "site")
    program = "import lib_stub\ntry:\n    import lib_stubs_of_others\nexcept ImportError:\n    print('not there')"
    done = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(tmp_path / "site")}, capture_output=True, check=True
    )
    assert done.stdout.strip() == b"not there"
