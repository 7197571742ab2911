"""`hook-removed`: the downstream implements a plug-in hook that the candidate no longer has. Judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, code, with_detail


def _message(b: Break) -> str:
    if b.how == "attribute":
        return with_detail(b, f"calling the hook {code(b.path)} fails: {candidate(b)} no longer has it")
    return with_detail(b, f"the implementation of the hook {code(b.path)} has no hook: {candidate(b)} no longer has it")


def _witness(b: Break) -> str | None:
    return None


_SPEC = """\
# file: upstream/__init__.py
import pluggy

hookspec = pluggy.HookspecMarker("upstream")
hookimpl = pluggy.HookimplMarker("upstream")


class Specs:
{hooks}

def load(*plugins):
    manager = pluggy.PluginManager("upstream")
    manager.add_hookspecs(Specs)
    for plugin in plugins:
        manager.register(plugin)
    manager.check_pending()
"""
_KEPT = """\
    @hookspec
    def upstream_collect(self, path):
        \"\"\"Collect what is at a path.\"\"\"
"""
_GONE = """
    @hookspec
    def upstream_namespace(self):
        \"\"\"Add names.\"\"\"
"""

RULE = Rule(
    id="hook-removed",
    rank=101,
    title="A plug-in hook is gone",
    severity="error",
    summary="The downstream implements or calls a plug-in hook that the candidate no longer has.",
    why="""\
A host that checks its plug-ins, such as pytest, refuses to start:
`PluginValidationError: unknown hook 'pytest_namespace'`. Other hosts never call the implementation again, and report
nothing. A plug-in that calls the hook itself fails with `AttributeError`.
""",
    repair="""\
**Downstream**: implement the hook that replaces it. While the older release is supported, mark the implementation
as optional.

```python
@hookimpl(optionalhook=True)
def upstream_namespace(): ...
```

**Release**: keep the specification for a deprecation period, with `warn_on_impl=DeprecationWarning(...)`.

If the release is out already, downstreams need the bound `upstream<2`.
""",
    example=Example(
        old=_SPEC.format(hooks=_KEPT + _GONE),
        new=_SPEC.format(hooks=_KEPT),
        downstream="""\
import sys

from upstream import hookimpl, load


@hookimpl
def upstream_namespace():
    return {"answer": 42}


def main():
    load(sys.modules[__name__])
""",
        near_miss="""\
import sys

from upstream import hookimpl, load


@hookimpl
def upstream_collect(path):
    return path


@hookimpl(optionalhook=True)
def upstream_namespace():
    return {"answer": 42}


def main():
    load(sys.modules[__name__])
""",
    ),
    message=_message,
    witness=_witness,
)
