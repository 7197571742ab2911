"""`hook-argument-removed`: a hook implementation asks for an argument that the hook no longer has. Judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, code, split_parameter, with_detail


def _message(b: Break) -> str:
    hook, argument = split_parameter(b)
    sentence = f"the implementation of the hook {code(hook)} asks for {code(argument)}"
    return with_detail(b, f"{sentence}, which {candidate(b)} no longer gives", "; ")


def _witness(b: Break) -> str | None:
    return None


_SPEC = """\
# file: upstream/__init__.py
import pluggy

hookspec = pluggy.HookspecMarker("upstream")
hookimpl = pluggy.HookimplMarker("upstream")


class Specs:
    @hookspec
    def upstream_collect({parameters}):
        \"\"\"Collect what is at a path.\"\"\"


def load(*plugins):
    manager = pluggy.PluginManager("upstream")
    manager.add_hookspecs(Specs)
    for plugin in plugins:
        manager.register(plugin)
"""

RULE = Rule(
    id="hook-argument-removed",
    rank=102,
    title="A plug-in hook no longer has an argument",
    severity="error",
    summary="The downstream implements a plug-in hook with an argument that the candidate's hook no longer has.",
    why="""\
When a plug-in is registered, pluggy compares the parameters of each implementation with the specification. It raises
`PluginValidationError: Argument(s) {'path'} are declared in the hookimpl but can not be found in the hookspec`, and the
host does not start while the plug-in is installed, whether or not the plug-in is used.
""",
    repair="""\
**Downstream**: ask for the argument that replaces it. Where both releases are supported, choose by version.

```python
if upstream_version >= (2,):
    @hookimpl
    def upstream_collect(file_path): ...
```

**Release**: keep the old argument for a deprecation period, with `warn_on_impl_args`.

If the release is out already, downstreams need the bound `upstream<2`.
""",
    example=Example(
        old=_SPEC.format(parameters="self, file_path, path"),
        new=_SPEC.format(parameters="self, file_path"),
        downstream="""\
import sys

from upstream import hookimpl, load


@hookimpl
def upstream_collect(path):
    return path


def main():
    load(sys.modules[__name__])
""",
        near_miss="""\
import sys

from upstream import hookimpl, load


@hookimpl
def upstream_collect(file_path):
    return file_path


def main():
    load(sys.modules[__name__])
""",
    ),
    message=_message,
    witness=_witness,
)
