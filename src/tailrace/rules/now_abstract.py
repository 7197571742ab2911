"""`now-abstract`: a base has a new abstract method. Texts only; judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, code, runnable_call, with_detail


def _message(b: Break) -> str:
    return with_detail(b, f"this class cannot be instantiated with {candidate(b)}: {code(b.path)} is abstract")


def _witness(b: Break) -> str | None:
    return runnable_call(b)


RULE = Rule(
    id="now-abstract",
    rank=95,
    title="A method is abstract now",
    severity="error",
    summary="The candidate has a new abstract method, so that a class that does not define it cannot be instantiated.",
    why="""\
The subclass is defined and imported without an error. Creating an instance raises `TypeError`.
""",
    repair="""\
**Downstream**: define the method; with the older release nothing calls it.

```python
class River(upstream.Source):
    def read(self):
        return "water"

    def close(self):
        return None
```

**Release**: give the new method a body instead of `@abstractmethod`.

If the release is out already, downstreams need the bound `upstream<2`.
""",
    example=Example(
        old="""\
import abc


class Source(abc.ABC):
    @abc.abstractmethod
    def read(self): ...
""",
        new="""\
import abc


class Source(abc.ABC):
    @abc.abstractmethod
    def read(self): ...

    @abc.abstractmethod
    def close(self): ...
""",
        downstream="""\
import upstream


class River(upstream.Source):
    def read(self):
        return "water"


def main():
    return River().read()
""",
        near_miss="""\
import upstream


class River(upstream.Source):
    def read(self):
        return "water"

    def close(self):
        return None


def main():
    return River().read()
""",
    ),
    message=_message,
    witness=_witness,
)
