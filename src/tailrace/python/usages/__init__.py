"""Collects what one file needs of others: dotted chains with their place, scope and the tests around them."""

from tailrace.python.usages.alike import number_alike
from tailrace.python.usages.around import surroundings_of
from tailrace.python.usages.collect import collect_usage
from tailrace.python.usages.ends import attempt_of
from tailrace.python.usages.values import (
    AfterTry,
    Attempt,
    CallShape,
    Condition,
    Construction,
    FileUsage,
    ImportSite,
    Indirection,
    InHandler,
    InTry,
    Kept,
    OwnClass,
    Refusal,
    Root,
    Step,
    Surrounding,
    Use,
)

__all__ = [
    "AfterTry",
    "Attempt",
    "CallShape",
    "Condition",
    "Construction",
    "FileUsage",
    "ImportSite",
    "InHandler",
    "InTry",
    "Indirection",
    "Kept",
    "OwnClass",
    "Refusal",
    "Root",
    "Step",
    "Surrounding",
    "Use",
    "attempt_of",
    "collect_usage",
    "number_alike",
    "surroundings_of",
]
