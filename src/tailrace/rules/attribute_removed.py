"""`attribute-removed`: a method or attribute of a class or of its instances is gone. Texts only; judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, code, local_name, program, reference, runnable_call, with_detail


def _message(b: Break) -> str:
    owner, _, attribute = b.path.partition("(")[0].rpartition(".")
    on = f" on {code(owner)}" if owner else ""
    return with_detail(b, f"{reference(b)} fails: {candidate(b)} no longer has {code(attribute)}{on}")


def _witness(b: Break) -> str | None:
    # An attribute that only instances have cannot be seen on the class, not even in the baseline.
    if "instance" in b.facts.get("old_kind", "") or "." not in local_name(b):
        return runnable_call(b)
    return program(b, local_name(b))


RULE = Rule(
    id="attribute-removed",
    rank=30,
    title="A method or attribute is gone",
    severity="error",
    summary="The candidate no longer has a method or attribute of a class or instance that the downstream uses.",
    why="""\
The expression raises `AttributeError` when the line runs. Nothing fails at import time, so import tests pass, and
only a test that runs this line detects it.

`hasattr(thing, "name")` and `getattr(thing, "name", default)` are guards; `except ImportError` is not.
""",
    repair="""\
**Downstream**: use the new name, and test for it while the old release is still supported.

```python
close = session.close if hasattr(session, "close") else session.shutdown
```

**Release**: keep the old name for one deprecation cycle.

```python
class Session:
    def shutdown(self):
        warnings.warn("Session.shutdown is now Session.close", DeprecationWarning, stacklevel=2)
        return self.close()
```

If the release is out already, downstreams need the bound `upstream<2`.
""",
    example=Example(
        old="""\
class Session:
    def close(self):
        return "closed"

    def shutdown(self):
        return self.close()
""",
        new="""\
class Session:
    def close(self):
        return "closed"
""",
        downstream="""\
from upstream import Session


def main():
    session = Session()
    return session.shutdown()
""",
        near_miss="""\
from upstream import Session


def main():
    session = Session()
    if hasattr(session, "shutdown"):
        return session.shutdown()
    return session.close()
""",
    ),
    message=_message,
    witness=_witness,
)
