"""`kind-changed`: a function became a property, a coroutine or a value, or the other way. Texts only."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, clip, code, local_name, program, runnable_call, with_detail

_CALLABLE = ("function", "method", "class")


def _kinds(b: Break) -> tuple[str, str]:
    return clip(b.facts.get("old_kind", "")).lower(), clip(b.facts.get("new_kind", "")).lower()


def _is_async(kind: str) -> bool:
    return "async" in kind or "coroutine" in kind


def _message(b: Break) -> str:
    old, new = _kinds(b)
    path = b.path.partition("(")[0]
    became = f" in {candidate(b)}"
    match old, new:
        case "", "":
            became = f": in {candidate(b)} it is another kind of thing"
        case "", _:
            became = f": in {candidate(b)} it is {_article(new)}"
        case _, "":
            became = f": in {candidate(b)} it is no longer {_article(old)}"
        case _:
            became = f": in {candidate(b)} it is {_article(new)}, no longer {_article(old)}"
    return with_detail(b, f"this use of {code(path)} fails{became}", "; ")


def _article(kind: str) -> str:
    return f"{'an' if kind[:1] in 'aeiou' else 'a'} {kind}"


def _witness(b: Break) -> str | None:
    old, new = _kinds(b)
    name = local_name(b)
    if call := runnable_call(b):
        return call
    if not old or not new or not name:
        return None
    if new.startswith("read-only") and "." in name:
        owner, _, attribute = name.rpartition(".")
        return program(b, f'assert getattr(getattr({owner}, "{attribute}", None), "fset", True)')
    if _is_async(old) != _is_async(new) and old.endswith(_CALLABLE) and new.endswith(_CALLABLE):
        negation = "" if _is_async(old) else "not "
        return program(b, f"assert {negation}inspect.iscoroutinefunction({name})", "import inspect")
    if old.endswith(_CALLABLE) and not new.endswith(_CALLABLE):
        return program(b, f"assert callable({name})")
    if new.endswith(_CALLABLE) and not old.endswith(_CALLABLE) and "instance" not in old:
        return program(b, f"assert not callable({name})")
    return None


RULE = Rule(
    id="kind-changed",
    rank=80,
    title="A function, property or value became another kind of thing",
    severity="error",
    summary="The downstream calls, awaits or reads something that is of another kind in the candidate.",
    why="""\
When a method becomes a property, its value is called: `TypeError: 'str' object is not callable`. When a property
becomes a method, `thing.name` is a bound method instead of a value, which often fails only later. A function that
became a coroutine function returns something that is not awaited: `RuntimeWarning: coroutine … was never awaited`.
""",
    repair="""\
**Downstream**: support both forms while both releases are supported.

```python
url = client.url() if callable(client.url) else client.url
```

**Release**: give the new kind a new name, and leave the old name as it was.

```python
class Client:
    @property
    def address(self):
        return "index.html"

    def url(self):
        warnings.warn("use Client.address", DeprecationWarning, stacklevel=2)
        return self.address
```

If the release is out already, downstreams need the bound `upstream<2`.
""",
    example=Example(
        old="""\
class Client:
    def url(self) -> str:
        return "index.html"

    def get(self) -> bytes:
        return b""
""",
        new="""\
class Client:
    @property
    def url(self) -> str:
        return "index.html"

    def get(self) -> bytes:
        return b""
""",
        downstream="""\
from upstream import Client


def main():
    return Client().url()
""",
        near_miss="""\
from upstream import Client


def main():
    return Client().get()
""",
    ),
    message=_message,
    witness=_witness,
)
