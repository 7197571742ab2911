"""`parameter-removed`: a callable no longer takes a parameter. Texts only; judges nothing."""

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
    if not parameter:
        return with_detail(b, f"the call of {code(path)} fails: {candidate(b)} no longer takes one of its arguments")
    return with_detail(
        b, f"passing {code(parameter + '=')} to {code(path)} fails: {candidate(b)} no longer takes it", "; "
    )


def _witness(b: Break) -> str | None:
    call = runnable_call(b)
    _, parameter = split_parameter(b)
    # The signature of a callable that hands its `**kwargs` on says nothing.
    if call or not is_path(parameter) or "forwarded" in b.facts:
        return call
    return program(b, f"inspect.signature({local_name(b)}).bind_partial({parameter}=None)", "import inspect")


RULE = Rule(
    id="parameter-removed",
    rank=40,
    title="A parameter is gone",
    severity="error",
    summary="The candidate's function, method or class no longer takes an argument that the downstream passes.",
    why="""\
The call raises `TypeError: … got an unexpected keyword argument`. Where the callable hands its `**kwargs` on, the error
comes from deeper down, but it comes.

It strikes when the line runs; nothing fails at import time.
""",
    repair="""\
**Downstream**: stop passing the argument, or pass what replaces it.

```python
fetch("index.html")
```

**Release**: go on taking the argument, and say that it no longer does anything.

```python
def fetch(url, *, retries=None):
    if retries is not None:
        warnings.warn("fetch() no longer retries; retries= is ignored", DeprecationWarning, stacklevel=2)
    ...
```

If the release is out already, downstreams need the bound `upstream<2`.
""",
    example=Example(
        old="""\
def fetch(url, retries=3):
    return f"{url}, at most {retries} times"
""",
        new="""\
def fetch(url):
    return url
""",
        downstream="""\
import upstream


def main():
    return upstream.fetch("index.html", retries=5)
""",
        near_miss="""\
import upstream


def main():
    return upstream.fetch("index.html")
""",
    ),
    message=_message,
    witness=_witness,
)
