"""`now-deprecated`: the downstream uses what the candidate marks as deprecated. Texts only; judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, clip, code, import_line, runnable_call


def _message(b: Break) -> str:
    removed = b.facts.get("removed_in", "")
    until = f", to be removed in {clip(removed)}" if removed else ""
    said = clip(b.detail or b.facts.get("message", ""), 300).rstrip(".")
    return f"{code(b.path)} works but is deprecated in {candidate(b)}{until}{': ' + said if said else ''}"


def _witness(b: Break) -> str | None:
    program = runnable_call(b) or (import_line(b) if b.how == "import" else None)
    if program is None:
        return None
    return f'import warnings\nwarnings.simplefilter("error", DeprecationWarning)\n{program}'


RULE = Rule(
    id="now-deprecated",
    rank=170,
    title="Deprecated since this release",
    severity="note",
    summary="The downstream uses something that still works but is marked as deprecated in the candidate.",
    why="""\
Nothing breaks today. A `DeprecationWarning` is issued (hidden by default outside `__main__` and test
runners), and a test suite that turns warnings into errors fails. It is the break of a later release, seen
early.
""",
    repair="""\
**Downstream**: move to what the warning names while there is time.

```python
from upstream import soft_str
```

**Release**: there is nothing to fix. Inform the downstreams that are listed here, and remove the name once none is
left.
""",
    example=Example(
        old="""\
def soft_str(value):
    return str(value)


def soft_unicode(value):
    return soft_str(value)
""",
        new="""\
import warnings


def soft_str(value):
    return str(value)


def soft_unicode(value):
    warnings.warn("soft_unicode is now soft_str", DeprecationWarning, stacklevel=2)
    return soft_str(value)
""",
        downstream="""\
from upstream import soft_unicode


def main():
    return soft_unicode(1)
""",
        near_miss="""\
from upstream import soft_str


def main():
    return soft_str(1)
""",
    ),
    message=_message,
    witness=_witness,
)
