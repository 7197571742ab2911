"""`module-removed`: a module or package is gone. Texts only; judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, code, import_line, reference, with_detail


def _message(b: Break) -> str:
    module = b.facts.get("note", "").removeprefix("importing ").removesuffix(" raises")
    if module and module != b.facts.get("note"):
        # It is there, and only says that it cannot be had: moved, or in want of another package.
        raised = code(b.facts.get("raises") or "an exception")
        return with_detail(b, f"{reference(b)} fails: importing {code(module)} raises {raised} in {candidate(b)}")
    return with_detail(b, f"{reference(b)} fails: {candidate(b)} no longer has the module {code(b.module or b.path)}")


def _witness(b: Break) -> str | None:
    return import_line(b)


RULE = Rule(
    id="module-removed",
    rank=10,
    title="A module is gone",
    severity="error",
    summary="The candidate no longer has a module that the downstream imports.",
    why="""\
The import statement raises `ModuleNotFoundError`, and so does every import of the module around it. At the top of a
file, the whole file cannot be imported. Inside a function, the error occurs when the function is called, so import
tests pass.

`except ImportError` and `except ModuleNotFoundError` both catch it.
""",
    repair="""\
**Downstream**: import from the new place first, and fall back while the old release is still supported.

```python
try:
    from upstream.encoders import encode
except ModuleNotFoundError:  # upstream < 2
    from upstream.codec import encode
```

**Release**: keep the old module for one deprecation cycle. Three lines are enough.

```python
# upstream/codec.py
import warnings
from upstream.encoders import *
warnings.warn("upstream.codec is now upstream.encoders", DeprecationWarning, stacklevel=2)
```

If the release is out already, downstreams need the bound `upstream<2`.
""",
    example=Example(
        old="""\
# file: upstream/__init__.py
# file: upstream/codec.py
def encode(text):
    return text.encode()
""",
        new="""\
# file: upstream/__init__.py
# file: upstream/encoders.py
def encode(text):
    return text.encode()
""",
        downstream="""\
import upstream.codec


def main():
    return upstream.codec.encode("water")
""",
        near_miss="""\
try:
    from upstream.encoders import encode
except ModuleNotFoundError:
    from upstream.codec import encode


def main():
    return encode("water")
""",
    ),
    message=_message,
    witness=_witness,
)
