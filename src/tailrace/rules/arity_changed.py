"""`arity-changed`: a callable takes another number of positional arguments. Texts only; judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, code, runnable_call, with_detail


def _message(b: Break) -> str:
    path = b.path.partition("(")[0]
    if b.how == "override":
        return with_detail(
            b, f"the override of {code(path)} no longer fits: {candidate(b)} calls it with other arguments"
        )
    if moved := b.facts.get("moved"):
        return f"the call of {code(path)} passes {moved} by position, which stands elsewhere in {candidate(b)}"
    sentence = f"the call of {code(path)} fails: {candidate(b)} does not take this number of positional arguments"
    return with_detail(b, sentence, "; ") if b.detail else sentence


RULE = Rule(
    id="arity-changed",
    rank=70,
    title="The number of positional arguments changed",
    severity="error",
    summary="The downstream passes more (or fewer) positional arguments than the candidate takes.",
    why="""\
The call raises `TypeError: … takes from 1 to 2 positional arguments but 3 were given` when the line runs. Causes are
a removed `*args`, a function that became a method, or a hook that is now called with one argument more than the
downstream's own definition takes.
""",
    repair="""\
**Downstream**: pass arguments that both releases accept.

```python
join(join("river", "lake"), "sea")
```

**Release**: accept the old form for one deprecation cycle.

```python
def join(first, second="", *rest):
    if rest:
        warnings.warn("join() will take two arguments", DeprecationWarning, stacklevel=2)
    ...
```

If the release is out already, downstreams need the bound `upstream<2`.
""",
    example=Example(
        old="""\
def join(first, *rest):
    return "/".join((first, *rest))
""",
        new="""\
def join(first, second=""):
    return "/".join((first, second))
""",
        downstream="""\
from upstream import join


def main():
    return join("river", "lake", "sea")
""",
        near_miss="""\
from upstream import join


def main():
    return join("river", "lake")
""",
    ),
    message=_message,
    witness=runnable_call,
)
