"""`name-removed`: a function, class or constant of a module is gone. Texts only; judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, code, import_line, is_path, local_name, reference, with_detail


def _message(b: Break) -> str:
    gone = local_name(b) or b.path.rpartition(".")[2] or b.path
    where = "" if b.how == "from-import" or not b.module else f" in {code(b.module)}"
    return with_detail(b, f"{reference(b)} fails: {candidate(b)} no longer has {code(gone)}{where}")


def _witness(b: Break) -> str | None:
    name = local_name(b)
    if name and not is_path(name):
        return None
    return import_line(b)


RULE = Rule(
    id="name-removed",
    rank=20,
    title="A name is gone from a module",
    severity="error",
    summary="The candidate no longer has a function, class or constant that the downstream takes from a module.",
    why="""\
`from upstream import name` raises `ImportError`; `upstream.name` raises `AttributeError`. The first usually fails
when the downstream is imported, the second when the line runs.

`except ImportError` catches the first but not the second; `except ModuleNotFoundError` catches neither.
""",
    repair="""\
**Downstream**: use the replacement, and fall back to the old name while the old release is still supported.

```python
try:
    from upstream import soft_str
except ImportError:  # upstream < 2
    from upstream import soft_unicode as soft_str
```

**Release**: keep the name for one deprecation cycle.

```python
# upstream/__init__.py
def __getattr__(name):
    if name == "soft_unicode":
        warnings.warn("soft_unicode is now soft_str", DeprecationWarning, stacklevel=2)
        return soft_str
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
```

If the release is out already, downstreams need the bound `upstream<2`.
""",
    example=Example(
        old="""\
def soft_str(value):
    return value if isinstance(value, str) else str(value)


def soft_unicode(value):
    return soft_str(value)
""",
        new="""\
def soft_str(value):
    return value if isinstance(value, str) else str(value)
""",
        downstream="""\
from upstream import soft_unicode


def main():
    return soft_unicode(1)
""",
        near_miss="""\
try:
    from upstream import soft_unicode
except ImportError:
    from upstream import soft_str as soft_unicode


def main():
    return soft_unicode(1)
""",
    ),
    message=_message,
    witness=_witness,
)
