"""Finds the texts that a variable stands for, so that `getattr(x, name)` is a use of each of them."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Mapping

from tailrace.python.memo import remembered
from tailrace.python.text import descendants, literal_string
from tailrace.python.usages.values import Condition, Surrounding

_MOST_WORDS = 40
# Name of a variable → the texts that it goes through, none where they are not known.
Words = Mapping[str, tuple[str, ...]]


def words_of_loop(target: ast.expr, iterated: ast.expr) -> Words:
    """`for name in ("a", "b")`: what the name stands for in turn; of other names of the target, nothing."""
    names = [node.id for node in descendants(target) if isinstance(node, ast.Name)]
    found: dict[str, tuple[str, ...]] = dict.fromkeys(names, ())
    if isinstance(target, ast.Name) and isinstance(iterated, ast.Tuple | ast.List | ast.Set):
        texts = [literal_string(item) for item in iterated.elts[: _MOST_WORDS + 1]]
        if len(texts) <= _MOST_WORDS and all(text is not None and text.isidentifier() for text in texts):
            found[target.id] = tuple(text for text in texts if text is not None)
    return found


@remembered
def constants(tree: ast.Module) -> Words:
    """`NAME = "text"` at the top of a module, for names that nothing else in the file binds."""
    found = {
        node.targets[0].id: (text,)
        for node in tree.body
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
        if (text := literal_string(node.value)) is not None and text.isidentifier()
    }
    if not found:
        return {}
    bound = Counter(
        node.id for node in descendants(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    )
    return {name: words for name, words in found.items() if bound[name] == 1}


def is_asked_before(name: str, around: Iterable[Surrounding]) -> bool:
    """Whether a test around a use is about the variable: `if hasattr(x, name)`."""
    return any(
        isinstance(inner, ast.Name) and inner.id == name
        for item in around
        if isinstance(item, Condition)
        for inner in descendants(item.test)
    )
