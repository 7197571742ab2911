"""`build-setting-removed`: a setting of the build that the candidate refuses or no longer knows. Judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, code, with_detail

_PROGRAM = """\
import tempfile
from setuptools.dist import Distribution
with tempfile.NamedTemporaryFile("w", suffix=".cfg") as file:
    file.write("[metadata]\\n{key} = README\\n")
    file.flush()
    Distribution().parse_config_files([file.name])"""


def _message(b: Break) -> str:
    verb = "no longer has" if b.facts.get("kind") == "command" else "no longer takes"
    return with_detail(b, f"building with {code(b.path)} fails: {candidate(b)} {verb} it", "; ")


def _witness(b: Break) -> str | None:
    if not b.symbol.startswith("setup.cfg:") or not b.used or b.upstream.lower() != "setuptools":
        return None
    return _PROGRAM.format(key=b.used) if b.used.replace("-", "").isalnum() else None


RULE = Rule(
    id="build-setting-removed",
    rank=132,
    title="A setting of the build is gone",
    severity="error",
    summary="The downstream's build uses a keyword, a key or a command of the build tool that the candidate refuses.",
    why="""\
Build requirements are rarely bounded, and an isolated build takes the newest release: sources that could be built
yesterday cannot be built today. Everybody without a fitting wheel is hit, with `error in setup command: use_2to3 is
invalid` or `InvalidConfigError: Invalid dash-separated key 'description-file'`.
""",
    repair="""\
**Downstream**: use the setting that replaces it, and bound the build tool for releases that are out already.

```toml
[build-system]
requires = ["setuptools<58"]
```

**Release**: accept and ignore the setting for a deprecation period, with a warning that names the date.

Users of a downstream that cannot be built can put the bound into a constraints file for builds
(`PIP_CONSTRAINT`, `build-constraint-dependencies` of uv).
""",
    example=Example(
        old="""\
# file: pyproject.toml
[project]
name = "upstream"
version = "1"

[project.entry-points."distutils.setup_keywords"]
use_magic = "upstream:check"
use_words = "upstream:check"
# file: upstream/__init__.py
def check(dist, attr, value): ...
""",
        new="""\
# file: pyproject.toml
[project]
name = "upstream"
version = "2"

[project.entry-points."distutils.setup_keywords"]
use_words = "upstream:check"
# file: upstream/__init__.py
def check(dist, attr, value): ...
""",
        downstream="""\
# file: pyproject.toml
[build-system]
requires = ["setuptools", "upstream"]
# file: setup.py
from setuptools import setup

setup(name="downstream", version="1", use_magic=True)
# file: downstream/__init__.py
""",
        near_miss="""\
# file: pyproject.toml
[build-system]
requires = ["setuptools", "upstream"]
# file: setup.py
from setuptools import setup

setup(name="downstream", version="1", use_words=True)
# file: downstream/__init__.py
""",
    ),
    message=_message,
    witness=_witness,
)
