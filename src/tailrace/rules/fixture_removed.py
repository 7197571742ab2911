"""`fixture-removed`: a test or fixture asks for a pytest fixture that is gone. Texts only; judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, code, with_detail


def _message(b: Break) -> str:
    name = b.path.removeprefix("fixture:")
    return with_detail(b, f"the fixture {code(name)} is not found: {candidate(b)} no longer offers it")


def _witness(b: Break) -> str | None:
    return None


RULE = Rule(
    id="fixture-removed",
    rank=103,
    title="A pytest fixture is gone",
    severity="error",
    summary="The downstream asks by name for a pytest fixture that the candidate no longer offers.",
    why="""\
Fixtures are found by the names of parameters, so no import fails. Each test that asks for the fixture, directly or
through another fixture, ends with `fixture 'event_loop' not found`.
""",
    repair="""\
**Downstream**: ask for the fixture that replaces it, or define the old one yourself.

```python
@pytest.fixture
def event_loop():
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()
```

**Release**: keep the fixture for a deprecation period, and warn in its body.

If the release is out already, downstreams need the bound `upstream<2`.
""",
    example=Example(
        old="""\
# file: pyproject.toml
[project]
name = "upstream"
version = "1"

[project.entry-points.pytest11]
upstream = "upstream.plugin"
# file: upstream/__init__.py
# file: upstream/plugin.py
import pytest


@pytest.fixture
def session():
    return "session"


@pytest.fixture
def old_session():
    return "session"
""",
        new="""\
# file: pyproject.toml
[project]
name = "upstream"
version = "2"

[project.entry-points.pytest11]
upstream = "upstream.plugin"
# file: upstream/__init__.py
# file: upstream/plugin.py
import pytest


@pytest.fixture
def session():
    return "session"
""",
        downstream="""\
import pathlib
import sys
import tempfile

import pytest


@pytest.fixture
def connection(old_session):
    return f"connection in a {old_session}"


def main():
    with tempfile.TemporaryDirectory() as folder:
        test = pathlib.Path(folder, "test_it.py")
        test.write_text("from downstream import connection\\ndef test_it(connection): ...\\n")
        sys.exit(pytest.main(["-q", "-p", "upstream.plugin", str(test)]))
""",
        near_miss="""\
import pathlib
import sys
import tempfile

import pytest


@pytest.fixture
def old_session():
    return "a session of its own"


@pytest.fixture
def connection(old_session):
    return f"connection in {old_session}"


def main():
    with tempfile.TemporaryDirectory() as folder:
        test = pathlib.Path(folder, "test_it.py")
        test.write_text("from downstream import connection, old_session\\ndef test_it(connection): ...\\n")
        sys.exit(pytest.main(["-q", "-p", "upstream.plugin", str(test)]))
""",
    ),
    message=_message,
    witness=_witness,
)
