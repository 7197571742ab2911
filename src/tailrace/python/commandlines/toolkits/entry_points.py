"""Entry points that a program loads of its own distribution: `for point in entry_points(group="up.commands")`."""

from __future__ import annotations

import ast

from tailrace.python.commandlines.core import Core
from tailrace.python.commandlines.toolkits.interface import Toolkit
from tailrace.python.commandlines.values import Site
from tailrace.python.interpreter.frames import Frame
from tailrace.python.interpreter.values import (
    UNKNOWN,
    Arguments,
    Class,
    Instance,
    Items,
    ModuleValue,
    Partial,
    Value,
    text_of,
)

_POINT = ast.ClassDef(name="EntryPoint", bases=[], keywords=[], body=[], decorator_list=[])


class EntryPoints(Toolkit):
    """Other distributions may add to each group: a list of entry points is never closed."""

    name = "entry_points"
    roots = frozenset({"importlib", "importlib_metadata", "pkg_resources"})

    def call(self, machine: Core, path: str, arguments: Arguments, site: Site, frame: Frame) -> Value:
        """`entry_points(group=...)` and `iter_entry_points(...)`."""
        last = path.rpartition(".")[2]
        if last == "entry_points":
            group = text_of(arguments.get(None, "group"))
        elif last == "iter_entry_points":
            group = text_of(arguments.get(0, "group"))
        else:
            return UNKNOWN
        if group is None or machine.metadata is None:
            return UNKNOWN
        points = machine.metadata.entry_point_group(group)
        return Items([_point(machine, name, target, frame) for name, target in points]) if points else UNKNOWN


def _point(machine: Core, name: str, target: str, frame: Frame) -> Instance:
    module, _, path = target.partition("[")[0].partition(":")
    value: Value = ModuleValue(module.strip())
    for part in filter(None, path.strip().split(".")):
        value = machine.attribute(value, part)
    return Instance(Class(_POINT, frame), {"name": name, "value": target, "load": Partial("value", value)})


TOOLKIT = EntryPoints()
