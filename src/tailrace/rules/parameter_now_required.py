"""`parameter-now-required`: a callable needs an argument that callers do not pass. Texts only; judges nothing."""

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
    needed = code(parameter) if parameter else "an argument that is not passed"
    return with_detail(b, f"the call of {code(path)} fails: {candidate(b)} requires {needed}")


def _witness(b: Break) -> str | None:
    call = runnable_call(b)
    _, parameter = split_parameter(b)
    if call or not is_path(parameter):
        return call
    line = f"parameter = inspect.signature({local_name(b)}).parameters.get({parameter!r})"
    check = "assert parameter is None or parameter.default is not parameter.empty"
    return program(b, f"{line}\n{check}", "import inspect")


RULE = Rule(
    id="parameter-now-required",
    rank=50,
    title="A parameter must now be given",
    severity="error",
    summary="The candidate's function, method or class requires an argument that the downstream does not pass.",
    why="""\
The call raises `TypeError: … missing 1 required positional argument` (or `keyword-only argument`) when the line runs. A
parameter that lost its default does this, and so does a new one that never had a default.

A subclass that calls `super().__init__()` is a caller too.
""",
    repair="""\
**Downstream**: pass the argument; by keyword, it works with both releases if the old one knew it.

```python
connect("db.example", port=5432)
```

**Release**: give the parameter a default for one deprecation cycle, and warn where it is missing.

```python
def connect(host, port=None):
    if port is None:
        warnings.warn("connect() will require port=", DeprecationWarning, stacklevel=2)
        port = 5432
    ...
```

If the release is out already, downstreams need the bound `upstream<2`.
""",
    example=Example(
        old="""\
def connect(host, port=5432):
    return f"{host}:{port}"
""",
        new="""\
def connect(host, port):
    return f"{host}:{port}"
""",
        downstream="""\
import upstream


def main():
    return upstream.connect("db.example")
""",
        near_miss="""\
import upstream


def main():
    return upstream.connect("db.example", 5432)
""",
    ),
    message=_message,
    witness=_witness,
)
