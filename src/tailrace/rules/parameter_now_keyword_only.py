"""`parameter-now-keyword-only`: an argument may no longer be given by position. Texts only; judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import (
    candidate,
    code,
    is_path,
    local_name,
    program,
    runnable_call,
    split_parameter,
    with_detail,
)


def _message(b: Break) -> str:
    path, parameter = split_parameter(b)
    what = code(parameter) if parameter else "an argument"
    return with_detail(b, f"passing {what} to {code(path)} by position fails: {candidate(b)} takes it by keyword only")


def _witness(b: Break) -> str | None:
    call = runnable_call(b)
    _, parameter = split_parameter(b)
    if call or not is_path(parameter):
        return call
    line = f"parameter = inspect.signature({local_name(b)}).parameters[{parameter!r}]"
    return program(b, f"{line}\nassert parameter.kind is not parameter.KEYWORD_ONLY", "import inspect")


RULE = Rule(
    id="parameter-now-keyword-only",
    rank=60,
    title="A parameter may only be given by keyword",
    severity="error",
    summary="The downstream passes by position an argument that the candidate takes by keyword only.",
    why="""\
The call raises `TypeError: … takes 1 positional argument but 2 were given` when the line runs. Nothing fails
at import time. Calls that name the argument go on working.
""",
    repair="""\
**Downstream**: name the argument; this works with both releases.

```python
dump(data, indent=2)
```

**Release**: take the argument by position for one deprecation cycle, and warn.

```python
def dump(data, *args, indent=0):
    if args:
        warnings.warn("pass indent= by keyword", DeprecationWarning, stacklevel=2)
        (indent,) = args
    ...
```

If the release is out already, downstreams need the bound `upstream<2`.
""",
    example=Example(
        old="""\
def dump(data, indent=0):
    return " " * indent + str(data)
""",
        new="""\
def dump(data, *, indent=0):
    return " " * indent + str(data)
""",
        downstream="""\
from upstream import dump


def main():
    return dump({}, 2)
""",
        near_miss="""\
from upstream import dump


def main():
    return dump({}, indent=2)
""",
    ),
    message=_message,
    witness=_witness,
)
