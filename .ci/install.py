"""Install this checkout with its locked dependencies into a folder; print the folder of its programs.

    python install.py FOLDER [CACHE]

`FOLDER` becomes a virtual environment, `CACHE` is where uv keeps downloads. Needs Python 3.11 or later with pip, on any
platform. The GitHub Action uses it; `make setup` is for those who work on Tailrace.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def uv_version() -> str:
    """The version of uv that the Makefile names."""
    found = re.search(r"^UV_VERSION \?= (\S+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert found is not None
    return found.group(1)


def uv_variables() -> dict[str, str]:
    """What pip is configured for, as variables for uv."""
    spec = importlib.util.spec_from_file_location("uv_environment", ROOT / ".ci" / "uv_environment.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dict[str, str] = module.variables(dict(os.environ), ROOT)
    return found


def programs(environment: Path) -> Path:
    """The folder of the programs of a virtual environment."""
    return environment / ("Scripts" if os.name == "nt" else "bin")


def run(*command: str | Path) -> None:
    """Run a command whose output goes to standard error; the end of this program when it fails."""
    done = subprocess.run([str(part) for part in command], stdout=sys.stderr, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def main(folder: Path, cache: Path | None) -> None:
    """Make the environment."""
    os.environ.update(uv_variables())
    os.environ.update(UV_PYTHON_DOWNLOADS="never", UV_COMPILE_BYTECODE="1", PIP_USER="0")
    if cache is not None:
        os.environ["UV_CACHE_DIR"] = str(cache)
    with tempfile.TemporaryDirectory() as scratch:
        tools = Path(scratch, "tools")
        venv.create(tools, with_pip=False)
        pip = (sys.executable, "-m", "pip", "--python", programs(tools) / "python")
        run(*pip, "install", "-qq", f"uv=={uv_version()}")
        uv, locked = programs(tools) / "uv", Path(scratch, "locked.txt")
        source = ("--project", ROOT, "--frozen", "--no-dev", "--no-emit-project")
        run(uv, "export", "--quiet", *source, "--output-file", locked)
        run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder)
        into = (uv, "pip", "install", "--quiet", "--python", folder)
        run(*into, "--no-deps", "--requirements", locked)
        run(*into, "--no-deps", "--build-constraints", ROOT / ".ci" / "build-constraints.txt", ROOT)
    print(programs(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), Path(sys.argv[2]).absolute() if sys.argv[2:] else None)
