"""Settings in a downstream's setup.py and setup.cfg, and commands of setup.py, that the candidate refuses."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tailrace.changes.interfaces.build_settings import DASHED, UPPERCASE
from tailrace.check.breakage import Breakage
from tailrace.check.interfaces.view import Finder, View
from tailrace.model import Change, Confidence
from tailrace.python.commandlines.callers import is_caller
from tailrace.python.text import literal_string

_RUN = re.compile(rb"setup\.py\s+(?:-\S+\s+)*([a-z][a-z0-9_]*)")
# Sections whose keys are names of the project's own.
_OWN_KEYS = frozenset(
    {
        *("options.extras_require", "options.data_files", "options.entry_points", "options.package_data"),
        *("options.exclude_package_data",),
    }
)
_BACKEND = re.compile(rb"^build-backend\s*=\s*['\"]([\w.:]+)['\"]", re.MULTILINE)
# Hook of a build backend → whether a frontend cannot do without it.
_HOOKS = {
    "build_wheel": True,
    "build_sdist": True,
    "build_editable": False,
    "prepare_metadata_for_build_wheel": False,
    "get_requires_for_build_wheel": False,
}
_RAISED = frozenset({"DistutilsSetupError", "SystemExit", "Exception", "BaseException"})


def find(view: View) -> Iterator[Breakage]:
    """`build-setting-removed`, where the downstream is a source tree."""
    yield from _backend_hooks(view)
    changes = view.changes("build-setting-removed")
    if not changes:
        return
    yield from _keywords(view, changes)
    yield from _commands(view, changes)
    yield from _keys(view, changes)


def _keywords(view: View, changes: dict[str, Change]) -> Iterator[Breakage]:
    gone = {s.removeprefix("setup(").removesuffix("=)"): c for s, c in changes.items() if s.startswith("setup(")}
    parsed = view.tree("setup.py") if gone and "setup.py" in view.downstream.python_files else None
    for node in ast.walk(parsed.tree) if parsed is not None else ():
        match node:
            case ast.keyword(arg=str() as name) if name in gone and not _is_off(node.value):
                yield _hit(gone[name], "setup.py", node.lineno, view=view, node=node.value)
            case ast.Dict():
                for key, value in zip(node.keys, node.values, strict=True):
                    name = literal_string(key) or ""
                    if key is not None and name in gone and not _is_off(value):
                        yield _hit(gone[name], "setup.py", key.lineno, view=view, node=key)
            case ast.Subscript(ctx=ast.Store()):
                name = literal_string(node.slice) or ""
                if name in gone:
                    yield _hit(gone[name], "setup.py", node.lineno, view=view, node=node)
            case _:
                pass


def _backend_hooks(view: View) -> Iterator[Breakage]:
    """Hooks that the backend of pyproject.toml has in the baseline only."""
    data = view.data("pyproject.toml")
    named = _BACKEND.search(data)
    if named is None:
        return
    module, _, attribute = named[1].decode().partition(":")
    if not view.pair.upstream(module) or view.pair.candidate.import_module(module).state != "present":
        return  # a backend that is gone is a module that is gone
    path = f"{module}.{attribute}" if attribute else module
    for hook, needed in _HOOKS.items():
        baseline, candidate = (r.path(f"{path}.{hook}").state for r in (view.pair.baseline, view.pair.candidate))
        if (baseline, candidate) == ("present", "absent"):
            change = Change(rule="build-setting-removed", symbol=f"{path}.{hook}")
            line = data.count(b"\n", 0, named.start(1)) + 1
            yield _hit(change, "pyproject.toml", line, confidence="certain" if needed else "possible", kind="hook")


def _is_off(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value


def _commands(view: View, changes: dict[str, Change]) -> Iterator[Breakage]:
    gone = {s.removeprefix("setup.py ").encode(): c for s, c in changes.items() if s.startswith("setup.py ")}
    for file in view.downstream.other_files if gone else ():
        data = view.data(file) if is_caller(file) else b""
        for match in _RUN.finditer(data):
            if match[1] in gone:
                line = data.count(b"\n", 0, match.start()) + 1
                yield _hit(gone[match[1]], file, line, confidence="possible", kind="command")


def _keys(view: View, changes: dict[str, Change]) -> Iterator[Breakage]:
    """Keys of setup.cfg in a form that is refused, in the sections of setuptools."""
    refused = {symbol: changes[symbol] for symbol in (DASHED, UPPERCASE) if symbol in changes}
    if not refused or "setup.cfg" not in view.downstream.other_files:
        return
    section = ""
    for number, line in enumerate(view.data("setup.cfg").decode("utf-8", "replace").splitlines(), 1):
        head = re.match(r"\[([^\]]+)\]", line)
        if head is not None:
            section = head[1].strip()
            continue
        key = re.match(r"([A-Za-z][\w.-]*)\s*[:=]", line)
        if key is None or section in _OWN_KEYS or not (section == "metadata" or section.split(".")[0] == "options"):
            continue
        for symbol, bad in ((DASHED, "-" in key[1]), (UPPERCASE, not key[1].islower())):
            if bad and symbol in refused:
                yield _hit(refused[symbol], "setup.cfg", number, used=key[1])
                break


def _hit(
    change: Change,
    file: str,
    line: int,
    *,
    view: View | None = None,
    node: ast.AST | None = None,
    used: str = "",
    confidence: Confidence = "certain",
    kind: str = "",
) -> Breakage:
    return Breakage(
        rule="build-setting-removed",
        symbol=change.symbol,
        used=used,
        module="",
        name=change.symbol,
        how="string",
        file=file,
        line=line,
        use=view.use_at(file, node) if view is not None and node is not None else None,
        confidence=confidence,
        raises=_RAISED,
        facts={"kind": kind} if kind else {},
        cause_file=change.file,
        cause_line=change.line,
        cause_in_candidate=change.in_candidate,
    )


FINDER = Finder(find)
