"""`dependency-dropped`: the downstream imports a package that only the upstream brought along. Judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, code, with_detail


def _message(b: Break) -> str:
    name = b.symbol.removeprefix("dependency:")
    used = b.facts.get("imported") or name
    sentence = (
        f"importing {code(used)} fails where nothing else installs {code(name)}: the downstream does not require it"
    )
    return with_detail(b, f"{sentence}, and {candidate(b)} no longer does", "; ")


def _witness(b: Break) -> str | None:
    return None


RULE = Rule(
    id="dependency-dropped",
    rank=151,
    title="A dependency that came with the upstream is gone",
    severity="error",
    summary="The downstream imports a package that it does not require and the candidate no longer does either.",
    why="""\
The package was installed because the baseline required it. In a new environment nothing installs it any more, and the
import raises `ModuleNotFoundError`. Environments that are only upgraded keep the package, so the fault appears first
in continuous integration and with new users.
""",
    repair="""\
**Downstream**: require what you import.

```toml
dependencies = ["upstream", "six"]
```

**Release**: say in the release notes which requirements are gone; downstreams may rely on them without saying so.

If the release is out already, downstreams need the requirement, or the bound `upstream<2`.
""",
    example=Example(
        old="""\
# file: pyproject.toml
[project]
name = "upstream"
version = "1"
dependencies = ["six", "attrs"]
# file: upstream/__init__.py
VERSION = 1
""",
        new="""\
# file: pyproject.toml
[project]
name = "upstream"
version = "2"
dependencies = ["attrs"]
# file: upstream/__init__.py
VERSION = 2
""",
        downstream="""\
# file: pyproject.toml
[project]
name = "downstream"
version = "1"
dependencies = ["upstream"]
# file: downstream/__init__.py
import attr
import six
import upstream
""",
        near_miss="""\
# file: pyproject.toml
[project]
name = "downstream"
version = "1"
dependencies = ["upstream", "six"]
# file: downstream/__init__.py
import attr
import six
import upstream
""",
    ),
    message=_message,
    witness=_witness,
)
