"""`override-orphaned`: an overridden hook is never called again. Texts only; judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, code, local_name, program, with_detail


def _message(b: Break) -> str:
    path = b.path.partition("(")[0]
    lost = "no longer calls it" if _still_there(b) else "no longer has it"
    return with_detail(b, f"the override of {code(path)} is silently never called again: {candidate(b)} {lost}")


def _still_there(b: Break) -> bool:
    return bool(b.facts.get("new_kind"))


def _witness(b: Break) -> str | None:
    if _still_there(b) or "." not in local_name(b):
        return None
    return program(b, local_name(b))


RULE = Rule(
    id="override-orphaned",
    rank=100,
    title="An overridden hook is never called again",
    severity="error",
    summary="A subclass overrides a method that the candidate's base class no longer has or calls.",
    why="""\
Nothing raises. The subclass still defines its method, and the base class now goes another way: the
downstream's behaviour is lost without a word. This is the kind of break that tests of either project alone
cannot see.
""",
    repair="""\
**Downstream**: override the new hook, and keep the old name while the old release is still supported.

```python
class QuietLoader(Loader):
    def _read_store(self):
        return "quiet"

    _read_cache = _read_store  # upstream < 2
```

**Release**: call the old hook where a subclass still defines it.

```python
def load(self):
    hook = getattr(self, "_read_cache", None)  # deprecated name
    text = hook() if hook else self._read_store()
    return self._parse(text)
```

If the release is out already, downstreams need the bound `upstream<2`.
""",
    example=Example(
        old="""\
class Loader:
    def load(self):
        return self._parse(self._read_cache())

    def _read_cache(self):
        return "loud"

    def _parse(self, text):
        return text.upper()
""",
        new="""\
class Loader:
    def load(self):
        return self._parse(self._read_store())

    def _read_store(self):
        return "loud"

    def _parse(self, text):
        return text.upper()
""",
        downstream="""\
from upstream import Loader


class QuietLoader(Loader):
    def _read_cache(self):
        return "quiet"


def main():
    assert QuietLoader().load() == "QUIET"
""",
        near_miss="""\
from upstream import Loader


class QuietLoader(Loader):
    def _parse(self, text):
        return "QUIET"


def main():
    assert QuietLoader().load() == "QUIET"
""",
    ),
    message=_message,
    witness=_witness,
)
