"""`value-removed`: the downstream passes a string that the candidate no longer knows as a value. Texts only."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, code, with_detail


def _message(b: Break) -> str:
    value = b.facts.get("value") or b.path
    if b.facts.get("kind") == "key":
        return f"the key {code(value)} is read from {code(b.facts['base'])}, which {candidate(b)} declares without it"
    where = b.facts.get("call")
    said = f"the value {code(value)} that is passed to {code(where)}" if where else f"the value {code(value)}"
    return with_detail(b, f"{said} is not known any more: {candidate(b)} spells it out nowhere", "; ")


def _witness(b: Break) -> str | None:
    return None


RULE = Rule(
    id="value-removed",
    rank=134,
    title="A value that is passed by name is gone",
    severity="error",
    summary="The downstream passes or compares a string that the baseline spells out and the candidate nowhere.",
    why="""\
Names of styles, modes, formats and handlers are strings, so neither an import nor a type check notices when one is
gone. The call raises `ValueError`, `KeyError` or an error of the library's own, and a comparison is silently never true
again.
""",
    repair="""\
**Downstream**: pass the value that replaces it.

```python
upstream.use("seaborn-v0_8-deep")
```

**Release**: keep the value as an alias for a deprecation period, and warn.

If the release is out already, downstreams need the bound `upstream<2`.
""",
    example=Example(
        old="""\
_STYLES = {"plain": 1, "seaborn-deep": 2}


def use(style):
    return _STYLES[style]
""",
        new="""\
_STYLES = {"plain": 1, "seaborn-v0_8-deep": 2}


def use(style):
    return _STYLES[style]
""",
        downstream="""\
import upstream


def main():
    return upstream.use("seaborn-deep")
""",
        near_miss="""\
import upstream


def main():
    return upstream.use("plain")
""",
    ),
    message=_message,
    witness=_witness,
)
