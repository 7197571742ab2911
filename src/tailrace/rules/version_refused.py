"""`version-refused`: the downstream looks at the upstream's version when it is imported, and gives up. Texts only."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, code


def _message(b: Break) -> str:
    raised = b.facts.get("raises") or "an exception"
    return f"importing this fails: it looks at {code(b.path)} and raises {code(raised)} for {candidate(b)}"


def _witness(b: Break) -> str | None:
    return None


RULE = Rule(
    id="version-refused",
    rank=136,
    title="The downstream refuses the version itself",
    severity="error",
    summary="A module of the downstream tests the version of the upstream while it is imported, and raises.",
    why="""\
Some packages check at import time that a requirement has a version that they know. With a release outside of that range
the import raises, although each name that is used may still be there.
""",
    repair="""\
**Downstream**: allow the version after trying it, and put the bound into the requirement, where an installer sees it.

**Release**: before a major release, try the packages that pin it in code; their authors have to act first.

If the release is out already, downstreams need the bound `upstream<2`.
""",
    example=Example(
        old="""\
__version__ = "1.4"
""",
        new="""\
__version__ = "2.0"
""",
        downstream="""\
import upstream

if int(upstream.__version__.split(".")[0]) >= 2:
    raise ImportError("needs upstream 1")
""",
        near_miss="""\
import upstream

if int(upstream.__version__.split(".")[0]) >= 3:
    raise ImportError("needs upstream 1 or 2")
""",
    ),
    message=_message,
    witness=_witness,
)
