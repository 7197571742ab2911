"""`call-raises`: a name is still there, and calling it always raises. Texts only; judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, code, is_path, runnable_call, with_detail


def _message(b: Break) -> str:
    return with_detail(b, f"calling {code(b.path)} fails with {candidate(b)}")


def _witness(b: Break) -> str | None:
    module = b.facts.get("imported", "")  # of the downstream, which makes the call when it is imported
    return f"import {module}" if is_path(module) else runnable_call(b)


RULE = Rule(
    id="call-raises",
    rank=75,
    title="Calling it always raises",
    severity="error",
    summary="The candidate still has the name, but every call of it raises: it stands for something that was removed.",
    why="""\
The name is imported and looked up without an error, so that imports and type checkers see nothing. The call raises,
directly or through a helper that only raises.
""",
    repair="""\
**Downstream**: call what the message of the exception names instead.

```python
upstream.merge(a, b)
```

**Release**: warn for one deprecation cycle before the name raises.

If the release is out already, downstreams need the bound `upstream<2`.
""",
    example=Example(
        old="""\
def merge(first, second):
    return first + second


def old_merge(first, second):
    return merge(first, second)
""",
        new="""\
def merge(first, second):
    return first + second


def _removed(name, replacement):
    raise RuntimeError(f"{name} was removed, use {replacement}")


def old_merge(first, second):
    _removed("old_merge", "merge")
    return merge(first, second)
""",
        downstream="""\
import upstream


def main():
    return upstream.old_merge(1, 2)
""",
        near_miss="""\
import upstream


def main():
    return upstream.merge(1, 2)
""",
    ),
    message=_message,
    witness=_witness,
)
