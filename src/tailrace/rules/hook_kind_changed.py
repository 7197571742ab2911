"""`hook-kind-changed`: a hook became historic or gives its first result only, or no longer. Judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, code, with_detail


def _message(b: Break) -> str:
    hook = b.symbol.partition("[")[0]
    return with_detail(b, f"{candidate(b)} calls the hook {code(hook)} in another way", ": ")


def _witness(b: Break) -> str | None:
    return None


_SPEC = """\
# file: upstream/__init__.py
import pluggy

hookspec = pluggy.HookspecMarker("upstream")
hookimpl = pluggy.HookimplMarker("upstream")


class Specs:
    @hookspec{options}
    def upstream_start(self, config):
        \"\"\"Start.\"\"\"


def load(*plugins):
    manager = pluggy.PluginManager("upstream")
    manager.add_hookspecs(Specs)
    for plugin in plugins:
        manager.register(plugin)
"""

_DOWNSTREAM = """\
import sys

from upstream import hookimpl, load


@hookimpl{options}
def upstream_start(config):
    {body}


def main():
    load(sys.modules[__name__])
"""

RULE = Rule(
    id="hook-kind-changed",
    rank=104,
    title="A plug-in hook is called in another way",
    severity="error",
    summary="A plug-in hook that the downstream implements or calls became historic or `firstresult`, or no longer is.",
    why="""\
A historic hook is called with `call_historic` and cannot have wrappers: pluggy raises `PluginValidationError` when a
plug-in with one is registered, and `AssertionError` when the hook is called as an ordinary function. The call of a hook
with `firstresult` gives one result or `None`; without it, it gives the list of all results.
""",
    repair="""\
**Downstream**: implement the hook without a wrapper, and call it as the candidate specifies it. Where both releases are
supported, choose by version.

**Release**: announce the change, and let the old hook stay beside a new one for a deprecation period.

If the release is out already, downstreams need the bound `upstream<2`.
""",
    example=Example(
        old=_SPEC.format(options=""),
        new=_SPEC.format(options="(historic=True)"),
        downstream=_DOWNSTREAM.format(options="(hookwrapper=True)", body="yield"),
        near_miss=_DOWNSTREAM.format(options="", body="return config"),
    ),
    message=_message,
    witness=_witness,
)
