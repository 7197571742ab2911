"""`requirement-conflict`: candidate and downstream can no longer be installed together. Texts only; judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, code, with_detail


def _message(b: Break) -> str:
    theirs = b.facts.get("requirement", "")
    ours = b.facts.get("upstream_requirement", "")
    match bool(theirs), bool(ours):
        case True, True:
            sides = f"the downstream requires {code(theirs)}, and {candidate(b)} requires {code(ours)}"
        case True, False:
            sides = f"the downstream requires {code(theirs)}, which {candidate(b)} rules out"
        case False, True:
            sides = f"{candidate(b)} requires {code(ours)}, which the downstream rules out"
        case _:
            sides = f"{candidate(b)} and the downstream can no longer be installed together"
    return with_detail(b, sides, "; ")


def _witness(b: Break) -> str | None:
    return None


RULE = Rule(
    id="requirement-conflict",
    rank=150,
    title="Candidate and downstream cannot be installed together",
    severity="warning",
    summary="The candidate and the downstream require versions of a third package that exclude each other.",
    why="""\
A resolver finds no environment that holds both. Where the upstream is not pinned it quietly takes an older
release; where the candidate is asked for (a lock file, a security update, a shared environment) it takes an
older downstream, or fails.
""",
    repair="""\
**Downstream**: widen the bound on the third package, if it works with the newer one.

```toml
dependencies = ["upstream", "packaging>=22"]
```

**Release**: raise a minimum only where the code needs it; a minimum that is raised for tidiness costs
downstreams a release.
""",
    example=Example(
        old="""\
# file: pyproject.toml
[project]
name = "upstream"
version = "1"
dependencies = ["packaging>=20"]
# file: upstream/__init__.py
VERSION = 1
""",
        new="""\
# file: pyproject.toml
[project]
name = "upstream"
version = "2"
dependencies = ["packaging>=22"]
# file: upstream/__init__.py
VERSION = 2
""",
        downstream="""\
# file: pyproject.toml
[project]
name = "downstream"
version = "1"
dependencies = ["upstream", "packaging<22"]
# file: downstream/__init__.py
from upstream import VERSION
""",
        near_miss="""\
# file: pyproject.toml
[project]
name = "downstream"
version = "1"
dependencies = ["upstream", "packaging>=20"]
# file: downstream/__init__.py
from upstream import VERSION
""",
    ),
    message=_message,
    witness=_witness,
)
