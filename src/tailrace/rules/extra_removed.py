"""`extra-removed`: the downstream asks for an extra that the candidate no longer has. Texts only; judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, code, with_detail


def _message(b: Break) -> str:
    requirement = b.facts.get("requirement") or b.path
    extra = b.path.partition("[")[2].rstrip("]") or b.path
    sentence = (
        f"the requirement {code(requirement)} asks for the extra {code(extra)}, which {candidate(b)} no longer has"
    )
    return with_detail(b, sentence, "; ")


def _witness(b: Break) -> str | None:
    return None


RULE = Rule(
    id="extra-removed",
    rank=152,
    title="An extra is gone",
    severity="error",
    summary="The downstream requires the upstream with an extra that the candidate no longer declares.",
    why="""\
Installers print a warning and go on, without the packages that the extra brought. The downstream then fails where it
imports one of them, or where the upstream's own optional feature looks for it.
""",
    repair="""\
**Downstream**: require the packages of the extra yourself.

```toml
dependencies = ["upstream", "python-dotenv"]
```

**Release**: keep the name of the extra, empty if need be, and name the package that takes its place.

If the release is out already, downstreams need the bound `upstream<2`.
""",
    example=Example(
        old="""\
# file: pyproject.toml
[project]
name = "upstream"
version = "1"

[project.optional-dependencies]
dotenv = ["python-dotenv"]
email = ["email-validator"]
# file: upstream/__init__.py
VERSION = 1
""",
        new="""\
# file: pyproject.toml
[project]
name = "upstream"
version = "2"

[project.optional-dependencies]
email = ["email-validator"]
# file: upstream/__init__.py
VERSION = 2
""",
        downstream="""\
# file: pyproject.toml
[project]
name = "downstream"
version = "1"
dependencies = ["upstream[dotenv]"]
# file: downstream/__init__.py
import dotenv
import upstream
""",
        near_miss="""\
# file: pyproject.toml
[project]
name = "downstream"
version = "1"
dependencies = ["upstream[email]"]
# file: downstream/__init__.py
import upstream
""",
    ),
    message=_message,
    witness=_witness,
)
