"""`base-changed`: a class no longer inherits from a base. Texts only; judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, code, is_path, local_name, program, runnable_call, with_detail


def _message(b: Break) -> str:
    path = b.path.partition("(")[0]
    base = b.facts.get("base", "")
    lost = f"no longer inherits from {code(base)}" if base else "has other base classes"
    if attribute := b.facts.get("attribute"):
        owner = path.removesuffix(f".{attribute}")
        return with_detail(b, f"{code(path)} fails: in {candidate(b)} {code(owner)} {lost}", ", ")
    if clause := b.facts.get("clause"):
        return f"{code(f'except {clause}')} no longer catches {code(path)}: in {candidate(b)} it {lost}"
    return with_detail(b, f"this use of {code(path)} fails: in {candidate(b)} it {lost}", ", ")


def _witness(b: Break) -> str | None:
    base = b.facts.get("base", "")
    module, _, last = base.rpartition(".")
    if "attribute" in b.facts:
        return program(b, local_name(b))
    if not is_path(base) or not is_path(local_name(b)):
        return runnable_call(b)
    if module in ("", "builtins"):
        return program(b, f"assert issubclass({local_name(b)}, {last})")
    return program(b, f"assert issubclass({local_name(b)}, {base})", f"import {module}")


RULE = Rule(
    id="base-changed",
    rank=90,
    title="A class lost a base",
    severity="error",
    summary="The candidate's class no longer inherits from a base that the downstream relies on.",
    why="""\
Methods that came from the lost base raise `AttributeError`. `isinstance` and `issubclass` with the base return false.
An exception that no longer derives from `KeyError` is not caught by `except KeyError`.
""",
    repair="""\
**Downstream**: use only methods that the class itself defines.

```python
settings.set("debug", True)
```

**Release**: keep the base, or keep the methods that came from it, for one deprecation cycle. For an
exception, name both bases.

```python
class NotFound(UpstreamError, KeyError):
    ...
```

If the release is out already, downstreams need the bound `upstream<2`.
""",
    example=Example(
        old="""\
class Settings(dict):
    def set(self, name, value):
        self[name] = value
        return value
""",
        new="""\
class Settings:
    def __init__(self):
        self.values = {}

    def set(self, name, value):
        self.values[name] = value
        return value
""",
        downstream="""\
from upstream import Settings


def main():
    settings = Settings()
    settings.update(debug=True)
    return settings
""",
        near_miss="""\
from upstream import Settings


def main():
    settings = Settings()
    settings.set("debug", True)
    return settings
""",
    ),
    message=_message,
    witness=_witness,
)
