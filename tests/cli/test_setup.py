"""`make setup`: uv is given what pip is configured for, and a Python that cannot be used is passed over."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
BASH = shutil.which("bash")
ALWAYS = {"UV_SYSTEM_CERTS": "1", "UV_INDEX_STRATEGY": "unsafe-best-match", "UV_HTTP_TIMEOUT": "30"}

pytestmark = pytest.mark.skipif(BASH is None, reason="the set-up is written for bash")


def load_script() -> ModuleType:
    """The script as a module, without the one file of pip that no variable moves: the machine's own."""
    spec = importlib.util.spec_from_file_location("uv_environment", ROOT / ".ci" / "uv_environment.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    reader = script.load_reader()
    files = reader._pip_files
    reader._pip_files = lambda environ: (path for path in files(environ) if path.parent != Path("/etc"))
    script.load_reader = lambda: reader
    return script


@pytest.mark.parametrize(
    ("files", "environ", "expected"),
    [
        ({}, {}, {}),
        ({"xdg/pip/pip.conf": "[global]\ncert = /etc/ca.pem\n"}, {}, {"SSL_CERT_FILE": "/etc/ca.pem"}),
        ({".config/pip/pip.conf": "[global]\ncert = ~/ca.pem\n"}, {}, {"SSL_CERT_FILE": "{home}/ca.pem"}),
        ({".pip/pip.conf": "[global]\ntimeout = 7\n"}, {}, {"UV_HTTP_TIMEOUT": "7"}),
        (
            {"named.conf": "[global]\nindex-url = https://i.example/s\nextra-index-url =\n  https://a.example/s\n"},
            {"PIP_CONFIG_FILE": "{home}/named.conf"},
            {"UV_DEFAULT_INDEX": "https://i.example/s", "UV_INDEX": "https://a.example/s"},
        ),
        (
            {
                "xdg/pip/pip.conf": "[global]\ntrusted-host = a.example\nfind-links = /w /v\nconstraint = /c.txt\n",
                ".config/pip/pip.conf": "[install]\nproxy = http://p.example:3128\nclient-cert = /me.pem\n",
            },
            {},
            {
                "UV_INSECURE_HOST": "a.example",
                "UV_FIND_LINKS": "/w,/v",
                "UV_CONSTRAINT": "/c.txt",
                "ALL_PROXY": "http://p.example:3128",
                "SSL_CLIENT_CERT": "/me.pem",
            },
        ),
        # What uv is given already stays as it is.
        ({}, {"PIP_CERT": "/a.pem", "SSL_CERT_FILE": "/b.pem"}, {}),
        ({}, {"PIP_CERT": "/a.pem", "SSL_CERT_DIR": "/certs"}, {}),
        (
            {},
            {"PIP_INDEX_URL": "https://p.example/s", "UV_DEFAULT_INDEX": "https://u.example/s"},
            {},
        ),
        (
            {"xdg/uv/uv.toml": 'index-url = "https://u.example/s"\n'},
            {"PIP_INDEX_URL": "https://p.example/s"},
            {},
        ),
    ],
)
def test_uv_is_given_what_pip_is_configured_for(
    tmp_path: Path, files: dict[str, str], environ: dict[str, str], expected: dict[str, str]
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    home = {"HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path / "xdg")}
    given = {name: value.format(home=tmp_path) for name, value in environ.items()}
    found = load_script().variables(home | given, tmp_path)
    assert found == ALWAYS | {name: value.format(home=tmp_path) for name, value in expected.items()}


def test_a_value_is_data_for_the_shell(tmp_path: Path) -> None:
    script = f'eval "$("{sys.executable}" -I "{ROOT}/.ci/uv_environment.py")"; printf %s "$UV_DEFAULT_INDEX"'
    hostile = "https://i.example/s';touch pwned;$(touch pwned)`touch pwned`"
    environ = {"PATH": os.environ["PATH"], "PIP_INDEX_URL": hostile, "UV_NO_CONFIG": "1"}
    done = subprocess.run(
        [str(BASH), "-euc", script], cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout == hostile
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize(
    ("python", "problem"),
    [
        ("exit 1", "no Python 3.11 or later with pip was found;"),
        ('[ "$1" = -c ] && echo "$0" || exit 1', "with pip was found ("),
    ],
)
def test_a_python_that_cannot_be_used_is_named(tmp_path: Path, python: str, problem: str) -> None:
    (tmp_path / "old-python").write_text(f"#!/bin/sh\n{python}\n")
    (tmp_path / "old-python").chmod(0o755)
    done = subprocess.run(
        [str(BASH), str(ROOT / ".ci" / "setup")],
        env={"PATH": os.environ["PATH"], "PYTHON": str(tmp_path / "old-python"), "UV_VERSION": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert problem in done.stderr
    assert "make PYTHON=" in done.stderr
