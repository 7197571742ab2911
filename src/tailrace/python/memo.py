"""Answers that are kept as long as the value they were worked out from."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

_Owner = TypeVar("_Owner")
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Memo(Generic[_Owner, _Key, _Value]):
    """One table of answers for each owner, which is not kept alive by it."""

    def __init__(self) -> None:
        self._tables: WeakKeyDictionary[_Owner, dict[_Key, _Value]] = WeakKeyDictionary()

    def of(self, owner: _Owner) -> dict[_Key, _Value]:
        """The answers of one owner, empty at first; to be filled by the caller."""
        table = self._tables.get(owner)
        if table is None:
            table = self._tables[owner] = {}
        return table


def remembered(make: Callable[[_Owner], _Value]) -> Callable[[_Owner], _Value]:
    """A function of one value whose answers are kept as long as the value; they must not hold the value itself."""
    known: WeakKeyDictionary[_Owner, _Value] = WeakKeyDictionary()

    @wraps(make)
    def answer(owner: _Owner) -> _Value:
        if owner not in known:
            known[owner] = make(owner)
        return known[owner]

    return answer
