"""`result-changed`: a function gives a value of another type. Texts only; judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, code, with_detail

_ASKED = {
    "__iter__": "iterating over",
    "__enter__": "entering",
    "__aenter__": "entering",
    "__len__": "the length of",
    "__getitem__": "a subscript of",
    "__contains__": "a membership test on",
    "__await__": "awaiting",
}


def _message(b: Break) -> str:
    asked = b.facts.get("asked", "")
    if b.facts.get("moved"):
        return with_detail(b, f"taking the fields of {code(b.path)} by their place gives others with {candidate(b)}")
    if asked in _ASKED:
        use = f"{_ASKED[asked]} what {code(b.path)} gives"
    elif asked.startswith("__"):
        use = f"an operator on what {code(b.path)} gives"
    else:
        use = f"{code(f'.{asked}')} of what {code(b.path)} gives" if asked else f"this use of {code(b.path)}"
    return with_detail(b, f"{use} fails with {candidate(b)}")


def _witness(b: Break) -> str | None:
    return None


RULE = Rule(
    id="result-changed",
    rank=85,
    title="A result is of another type",
    severity="error",
    summary="What a function, method or property gives is of another type and lacks what is asked of it.",
    why="""\
The call itself works in both releases. What follows fails: an attribute that the new type does not have raises
`AttributeError`, an operator or a `with` statement `TypeError`, and unpacking into another number of names
`ValueError`.
""",
    repair="""\
**Downstream**: use what both types offer, or ask for the type.

```python
result = upstream.find_root(".")
root = result[0] if isinstance(result, tuple) else result
```

**Release**: keep the type of the result, and offer the new one under another name or a new parameter.

```python
def find_root_and_method(path):
    return path, "found"


def find_root(path):
    return find_root_and_method(path)[0]
```

If the release is out already, downstreams need the bound `upstream<2`.
""",
    example=Example(
        old="""\
from pathlib import Path


def find_root(start) -> Path:
    return Path(start)
""",
        new="""\
from pathlib import Path
from typing import Tuple


def find_root(start) -> Tuple[Path, str]:
    return Path(start), "file system root"
""",
        downstream="""\
import upstream


def main():
    root = upstream.find_root(".")
    return root.joinpath("pyproject.toml")
""",
        near_miss="""\
import upstream


def main():
    return str(upstream.find_root("."))
""",
    ),
    message=_message,
    witness=_witness,
)
