"""`python-dropped`: a Python that the downstream supports is no longer supported. Texts only; judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, code, with_detail


def _message(b: Break) -> str:
    python = b.facts.get("python", "")
    requires = b.facts.get("requires_python", "")
    which = f"Python {code(python)}" if python else "a Python version"
    needs = f" (it requires {code(requires)})" if requires else ""
    return with_detail(b, f"the downstream supports {which}, and {candidate(b)} does not{needs}")


def _witness(b: Break) -> str | None:
    return None


RULE = Rule(
    id="python-dropped",
    rank=140,
    title="A Python version is no longer supported",
    severity="warning",
    summary="The downstream supports a Python version on which the candidate can no longer be installed.",
    why="""\
Installers read `Requires-Python` and take an older release of the upstream on that Python, so nothing fails
by itself. It does where the downstream needs the candidate (`upstream>=2`), where a lock file names it, and
where the metadata was wrong at first: then the candidate is installed and its syntax fails.
""",
    repair="""\
**Downstream**: drop the Python version too, or go on taking the older release there.

```toml
dependencies = ["upstream>=1"]  # not >=2: the older release serves the older Python
```

**Release**: see to it that `Requires-Python` is right *before* the upload; it cannot be changed afterwards on
PyPI, and on conda channels only by a hotfix.
""",
    example=Example(
        old="""\
# file: pyproject.toml
[project]
name = "upstream"
version = "1"
requires-python = ">=3.11"
# file: upstream/__init__.py
VERSION = 1
""",
        new="""\
# file: pyproject.toml
[project]
name = "upstream"
version = "2"
requires-python = ">=3.12"
# file: upstream/__init__.py
VERSION = 2
""",
        downstream="""\
# file: pyproject.toml
[project]
name = "downstream"
version = "1"
requires-python = ">=3.11"
dependencies = ["upstream"]
# file: downstream/__init__.py
from upstream import VERSION
""",
        near_miss="""\
# file: pyproject.toml
[project]
name = "downstream"
version = "1"
requires-python = ">=3.12"
dependencies = ["upstream"]
# file: downstream/__init__.py
from upstream import VERSION
""",
    ),
    message=_message,
    witness=_witness,
)
