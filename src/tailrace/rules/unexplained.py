"""`unexplained`: a new diagnostic with no change found behind it. Texts only; judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, clip, code, import_line, runnable_call


def _message(b: Break) -> str:
    diagnostic = clip(b.facts.get("diagnostic") or b.detail, 300).rstrip(".")
    what = f": {diagnostic}" if diagnostic else ""
    path = b.path.partition("(")[0]
    subject = f"this use of {code(path)}" if path else "this line"
    return f"{subject} fits {clip(b.baseline_version) or 'the baseline'} but not {candidate(b)}{what}"


def _witness(b: Break) -> str | None:
    return import_line(b) if b.how in ("import", "from-import") else runnable_call(b)


RULE = Rule(
    id="unexplained",
    rank=160,
    title="A new failure without a change that explains it",
    severity="error",
    summary="A type checker sees this line fail with the candidate only, but no change in the upstream explains it.",
    why="""\
Only half of the evidence is there: the effect without the cause. Often a function now returns another type
although its own code is the same, or a value that was a `str` may be `None`; the line then raises
`AttributeError` or `TypeError`. It is reported as *possible*, never as *certain*.
""",
    repair="""\
**Downstream**: read the line against the candidate. If it fails, change it so that it works with both releases.

```python
text = load()
if isinstance(text, bytes):  # upstream >= 2
    text = text.decode()
```

If it does not fail, allow it, with the reason:

```toml
[[tool.tailrace.allow]]
rule = "unexplained"
symbol = "upstream.load"
reason = "always a str on the paths we take"
```

**Release**: a return type is part of the interface; change it under a new name.
""",
    example=Example(
        old="""\
_SOURCES = ["water"]


def load() -> str:
    return _SOURCES[0]
""",
        new="""\
_SOURCES = [b"water"]


def load() -> bytes:
    return _SOURCES[0]
""",
        downstream="""\
from upstream import load


def main():
    return load().encode()
""",
        near_miss="""\
from upstream import load


def main():
    return load().upper()
""",
    ),
    message=_message,
    witness=_witness,
)
