"""What stands around a use, as one of a few words and the text of the test. Decides nothing."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from tailrace.python.text import children, dotted, source_of
from tailrace.python.usages import Attempt, Condition, InHandler, InTry, Surrounding
from tailrace.store.rows import Guard

_CATCHES = frozenset(
    {"ImportError", "ModuleNotFoundError", "AttributeError", "TypeError", "Exception", "BaseException", "NameError"}
)
_PLATFORM = frozenset({"platform", "os", "WINDOWS", "IS_WINDOWS", "WIN", "LINUX", "MACOS", "IS_MAC", "DARWIN"})
_VERSION_WORDS = ("version", "py2", "py3", "hexversion")


class Guards:
    """The guards of one file; each test is looked at once. `asks`: whether one may be about a version, a platform or an
    attribute."""

    def __init__(self, *, asks: bool = True) -> None:
        self._asks = asks
        self._known: dict[int, tuple[Guard, str]] = {}
        # What stands around the uses of one block is one and the same value.
        self._around: dict[int, tuple[Sequence[Surrounding], tuple[Guard, str]]] = {}

    def of(self, around: Sequence[Surrounding]) -> tuple[Guard, str]:
        """The innermost guard, and the text of the innermost test of version, platform or attribute."""
        if not around:
            return "", ""
        found = self._around.get(id(around))
        if found is None:
            found = self._around[id(around)] = around, self._judge(around)
        return found[1]

    def _judge(self, around: Sequence[Surrounding]) -> tuple[Guard, str]:
        guard: Guard = ""
        condition = ""
        for surrounding in reversed(around):
            if surrounding.__class__ is Condition and not self._asks:  # most of what there is
                continue
            if isinstance(surrounding, InHandler):
                guard = guard or "except"
            elif isinstance(surrounding, InTry):
                if _catches(surrounding.statement):
                    guard = guard or "try"
            elif isinstance(surrounding, Condition):
                kind, text = self._test(surrounding)
                if kind:
                    guard = guard or kind
                    condition = condition or (text if surrounding.polarity else f"not ({text})")
            if guard and condition:
                break
        return guard, condition

    def _test(self, condition: Condition) -> tuple[Guard, str]:
        found = self._known.get(id(condition.test))
        if found is None:
            kind = kind_of_test(condition.test)
            found = self._known[id(condition.test)] = (kind, source_of(condition.test, 120) if kind else "")
        return found


def _catches(statement: Attempt) -> bool:
    for handler in statement.handlers:
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        if any(kind is None or (dotted(kind) or "").rsplit(".", 1)[-1] in _CATCHES for kind in kinds):
            return True
    return False


def kind_of_test(test: ast.expr) -> Guard:
    """What a test asks about: an attribute, a version, a platform, or something else."""
    version = platform = False
    stack: list[ast.AST] = [test]
    for _ in range(60):
        if not stack:
            break
        node = stack.pop()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "hasattr":
            return "hasattr"
        if isinstance(node, ast.Attribute):
            word = node.attr.lower()
            base = node.value.id if isinstance(node.value, ast.Name) else ""
            version = version or any(part in word for part in _VERSION_WORDS)
            platform = platform or word == "platform" or (base, word) == ("os", "name") or base == "platform"
            stack.append(node.value)
        elif isinstance(node, ast.Name):
            version = version or any(part in node.id.lower() for part in _VERSION_WORDS)
            platform = platform or node.id in _PLATFORM - {"os", "platform"}
        else:
            stack += [child for child in children(node) if isinstance(child, ast.expr)]
    return "version" if version else "platform" if platform else ""
