"""Collects what the statements of one module bind: names, stars, `__all__`, `sys.modules`."""

from __future__ import annotations

import ast
from collections.abc import Sequence

import msgspec

from tailrace.python.bindings import is_namespace_call, is_overload, makes_member, value_binding, with_members
from tailrace.python.deprecations import call_deprecation, module_deprecation
from tailrace.python.facts import Binding, ModuleFacts
from tailrace.python.parsing import Parsed
from tailrace.python.text import dotted, literal_string, source_of, string_items


class Namespace:
    """The names of one module while it is read."""

    def __init__(self, name: str, file: str, is_package: bool) -> None:
        self.name, self.file, self.is_package = name, file, is_package
        self.bindings: dict[str, list[Binding]] = {}
        self.deleted: dict[str, list[Binding]] = {}
        self.stars: list[str] = []
        self.all_names: list[str] | None = None
        self.all_open = False
        self.getattr_hook = self.open_names = self.replaced = False
        self.raises: str | None = None
        self.aliases: list[tuple[str, str]] = []
        self.imports: list[str] = []
        self.calls: list[str] = []
        self.needs: list[tuple[str, str]] = []
        self.module_class: str | None = None
        self.handed_to: list[str] = []
        # Variables that hold the module object itself.
        self.itself: set[str] = set()
        # Variables that hold what was made of it, with what made them.
        self.holders: dict[str, str] = {}
        self.class_updates: dict[str, dict[str, Binding]] = {}
        # Names that a call was given as texts, and that nothing else need bind.
        self.given: dict[str, Binding] = {}
        self.tables: dict[str, frozenset[str]] = {}
        self.looped: dict[str, frozenset[str]] = {}
        # Variables of loops that stand for each of some classes, and for each member of them.
        self.each_class: dict[str, tuple[str, ...]] = {}
        self.each_member: dict[str, tuple[str, ...]] = {}

    def facts(self, parsed: Parsed) -> ModuleFacts:
        """Everything that was noted, with what only the whole file shows."""
        bindings = {name: tuple(found) for name, found in self.bindings.items() if found}
        for name, made in self.given.items():
            bindings.setdefault(name, (made,))
        for owner, extra in self.class_updates.items():
            bindings[owner] = tuple(with_members(b, extra) for b in bindings.get(owner, ()))
        return ModuleFacts(
            name=self.name,
            file=self.file,
            is_package=self.is_package,
            bindings=bindings,
            stars=tuple(dict.fromkeys(self.stars)),
            all_names=None if self.all_names is None else tuple(self.all_names),
            all_open=self.all_open,
            getattr_hook=self.getattr_hook,
            open_names=self.open_names,
            raises=self.raises,
            replaced=self.replaced,
            aliases=tuple(self.aliases),
            imports=tuple(dict.fromkeys(self.imports)),
            calls=tuple(self.calls),
            needs=tuple(self.needs),
            module_class=self.module_class,
            handed_to=tuple(dict.fromkeys(self.handed_to)),
            python2=parsed.python2,
            deprecation=module_deprecation(parsed.tree),
            lines=parsed.text.count("\n") + 1,
            deleted={name: tuple(found) for name, found in self.deleted.items()},
        )

    def delete(self, name: str) -> None:
        """Note `del name`."""
        if found := self.bindings.pop(name, None):
            self.deleted[name] = found

    def bind(self, name: str, binding: Binding) -> None:
        """Note one binding of a name."""
        if name == "__getattr__":
            self.getattr_hook = self.getattr_hook or binding.runtime
        known = self.bindings.setdefault(name, [])
        if not binding.conditional and binding.runtime:
            # An unconditional binding replaces the earlier ones; type-checking ones stay out of the way.
            # Of `@overload`s without an implementation, as in a stub, the last one stands for all.
            overloads = [b for b in known if b.runtime and is_overload(b)] if is_overload(binding) else []
            known[:] = [b for b in known if not b.runtime]
            known += [msgspec.structs.replace(b, runtime=False) for b in overloads]
        known.append(binding)

    def extend_all(self, value: ast.expr | None) -> None:
        """`__all__ = value`, `__all__ += value`."""
        items = string_items(value)
        if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
            self.extend_all(value.left)
            self.extend_all(value.right)
        elif items is None:
            self.all_open = True
        else:
            self.all_names = [*(self.all_names or []), *items]

    def subscript_target(self, target: ast.Subscript, value: ast.expr | None, line: int, runtime: bool) -> None:
        """`sys.modules[…] = value`, `globals()[…] = value`."""
        key = literal_string(target.slice) or self._below_itself(target.slice)
        if dotted(target.value) == "sys.modules":
            if _is_own_name(target.slice):
                self.replaced = True
            elif key is not None:
                self.aliases.append((key, dotted(value) or "?"))
        elif is_namespace_call(target.value) or self._is_own_dictionary(target.value):
            names = self._member_names(target.slice) if key is None else (key,)
            self._bind_each(names, value, line, runtime)

    def attribute_target(self, target: ast.Attribute, value: ast.expr | None, line: int, runtime: bool) -> None:
        """`sys.modules[__name__].__class__ = value`, `Class.name = value`."""
        if target.attr == "__class__" and "sys.modules" in source_of(target.value):
            self.module_class = dotted(value)
            self.open_names = self.open_names or self.module_class is None
            return
        if self.is_itself(target.value):
            self.bind(target.attr, value_binding(value, line, True, runtime, None))
            return
        owner = dotted(target.value)
        if owner is not None and "." not in owner and owner in self.bindings:
            binding = value_binding(value, line, True, runtime, None)
            self.class_updates.setdefault(owner, {})[target.attr] = binding

    def expression(self, node: ast.expr, conditional: bool, runtime: bool) -> None:
        """An expression that stands as a statement: calls that change the namespace."""
        if not isinstance(node, ast.Call):
            return
        callee = node.func
        name = dotted(callee) or ""
        if name and runtime and not conditional:
            self.calls.append(name)
        if runtime:
            self._note_handing(node)
        if isinstance(callee, ast.Attribute) and callee.attr == "update" and self._is_own_namespace(callee.value):
            given = node.args[0] if len(node.args) == 1 and not node.keywords else None
            table = given if isinstance(given, ast.Attribute) and given.attr == "__members__" else None
            names = self._members((dotted(table.value) or "",), repeated=True) if table is not None else None
            self._bind_each(names, given, node.lineno, runtime)
        elif isinstance(callee, ast.Attribute) and dotted(callee.value) == "__all__" and node.args:
            if callee.attr == "extend":
                self.extend_all(node.args[0])
            elif callee.attr == "append":
                self.extend_all(ast.List(elts=[node.args[0]], ctx=ast.Load()))
        elif name == "setattr" and len(node.args) == 3:
            self._setattr(node, runtime)
        elif name == "exec" or any(self._is_namespace(argument) for argument in node.args):
            self.open_names = True  # generated protobuf modules hand it to the builder
        elif runtime and name and not name.endswith("__all__.remove"):
            self._given(node, name)

    def _note_handing(self, node: ast.Call) -> None:
        """Note what is called with the module: `register(__name__)`, `Loader(__name__).register(…)`."""
        current: ast.expr = node
        while isinstance(current, ast.Call | ast.Attribute):
            if isinstance(current, ast.Call):
                self.hand(current)
            current = current.func if isinstance(current, ast.Call) else current.value
        if isinstance(current, ast.Name) and current.id in self.holders:
            self.handed_to.append(f"{self.holders[current.id]}()")

    def hand(self, call: ast.Call, holder: str | None = None) -> None:
        """A call that may be given the module; `holder`: the name that its result is bound to."""
        name = dotted(call.func)
        given = (*call.args, *(keyword.value for keyword in call.keywords))
        texts = (text for value in given if (text := literal_string(value)) is not None)
        if any(text.isidentifier() and text != self.name for text in texts):
            return  # it says which name is set: see `_given`
        if name and name != "setattr" and any(self._stands_for_module(value) for value in given):
            if holder is None:
                self.handed_to.append(name)
            else:
                self.holders[holder] = name

    def is_itself(self, node: ast.expr | None) -> bool:
        """`sys.modules[__name__]`, or a name that was bound to it."""
        if isinstance(node, ast.Name):
            return node.id in self.itself
        if isinstance(node, ast.Subscript) and dotted(node.value) in {"sys.modules", "modules"}:
            return _is_own_name(node.slice) or literal_string(node.slice) == self.name
        called = dotted(node.func) if isinstance(node, ast.Call) and len(node.args) == 1 else None
        if called is None or called.rsplit(".", 1)[-1] not in {"import_module", "__import__"}:
            return False
        return isinstance(node, ast.Call) and dotted(node.args[0]) == "__name__"

    def _stands_for_module(self, node: ast.expr) -> bool:
        """The module object, or its name."""
        return dotted(node) == "__name__" or literal_string(node) == self.name or self.is_itself(node)

    def _is_own_dictionary(self, node: ast.expr) -> bool:
        """`vars(sys.modules[__name__])`, `sys.modules[__name__].__dict__`."""
        if isinstance(node, ast.Attribute):
            return node.attr == "__dict__" and self.is_itself(node.value)
        return isinstance(node, ast.Call) and dotted(node.func) == "vars" and any(map(self.is_itself, node.args))

    def _is_own_namespace(self, node: ast.expr) -> bool:
        return is_namespace_call(node) or self._is_own_dictionary(node) or self._is_namespace(node)

    def _is_namespace(self, node: ast.expr) -> bool:
        """`globals()`, or a name that was bound to it."""
        if is_namespace_call(node):
            return True
        bound = self.bindings.get(node.id, ()) if isinstance(node, ast.Name) else ()
        return any(b.called and b.target in {"globals", "locals", "vars"} for b in bound)

    def _given(self, node: ast.Call, name: str) -> None:
        """`deprecated.constant("1", "2", "NAME", value)`: a function that may set the name on the calling module."""
        mark = call_deprecation(node) if "deprecat" in name.lower() else None
        for value in (*node.args, *(keyword.value for keyword in node.keywords)):
            text = literal_string(value)
            texts = self.looped.get(value.id, frozenset()) if isinstance(value, ast.Name) else frozenset({text or ""})
            for each in texts:
                if each.isidentifier():
                    made = Binding("value", node.lineno, conditional=True, deprecation=mark, made_by=name)
                    self.given.setdefault(each, made)

    def keep_table(self, node: ast.Assign) -> None:
        """Note the words of a list or the keys of a table that the module may loop over."""
        words = _words(node.value)
        for target in node.targets if words else ():
            if isinstance(target, ast.Name):
                self.tables[target.id] = words

    def loop(self, node: ast.For | ast.AsyncFor) -> None:
        """Note what the variables of a loop over literals, or over the members of enumerations, stand for."""
        given: ast.expr = node.iter
        if isinstance(node.target, ast.Name):
            self._loop_over_classes(node.target.id, given)
        if (
            isinstance(given, ast.Call)
            and isinstance(given.func, ast.Attribute)
            and given.func.attr in {"items", "keys"}
        ):
            given = given.func.value
        words = self.tables.get(given.id, frozenset()) if isinstance(given, ast.Name) else _words(given)
        target = (
            node.target.elts[0] if isinstance(node.target, ast.Tuple | ast.List) and node.target.elts else node.target
        )
        if isinstance(target, ast.Name):
            self.looped[target.id] = words

    def _loop_over_classes(self, target: str, given: ast.expr) -> None:
        """`for enum in (Shape, Colour)`, and `for member in enum` or `for member in Shape`."""
        self.each_class.pop(target, None)
        self.each_member.pop(target, None)
        if isinstance(given, ast.Tuple | ast.List):
            listed = tuple(item.id for item in given.elts if isinstance(item, ast.Name))
            if listed and len(listed) == len(given.elts):
                self.each_class[target] = listed
        elif isinstance(given, ast.Name):
            self.each_member[target] = self.each_class.get(given.id, (given.id,))

    def _bind_each(self, names: Sequence[str] | None, value: ast.expr | None, line: int, runtime: bool) -> None:
        """Note names that are bound at run time; `None` where they are not known."""
        self.open_names = self.open_names or names is None
        for name in names or ():
            self.bind(name, value_binding(value, line, True, runtime, None))

    def _member_names(self, node: ast.expr) -> tuple[str, ...] | None:
        """The names that `member.name` stands for in a loop; `None` where they are not known."""
        if isinstance(node, ast.Attribute) and node.attr in {"name", "_name_"} and isinstance(node.value, ast.Name):
            return self._members(self.each_member.get(node.value.id, ()))
        return None

    def _members(self, classes: Sequence[str], *, repeated: bool = False) -> tuple[str, ...] | None:
        """The names of the members of enumerations of this module. `repeated`: with further names of a member, which
        stand in its table and which a loop passes over.
        """
        found: list[str] = []
        for name in classes:
            bound = self.bindings.get(name, ())
            cls = bound[0].cls if len(bound) == 1 else None
            if cls is None or cls.open_class or not cls.bases:
                return None
            values: set[str] = set()
            for member, bindings in cls.members.items():
                last = bindings[-1]
                is_other_name = last.target in cls.members and last.has_value and not member.startswith("_")
                if not makes_member(cls, member) and not (repeated and is_other_name):
                    continue
                if repeated or last.literal is None or last.literal not in values:
                    found.append(member)
                values |= {last.literal} if last.literal is not None else set()
        return tuple(found) or None

    def _below_itself(self, node: ast.expr) -> str | None:
        """`__name__ + ".part"` and `f"{__name__}.part"`."""
        match node:
            case ast.BinOp(left=ast.Name(id="__name__"), op=ast.Add(), right=ast.Constant(value=str() as rest)):
                return self.name + rest
            case ast.JoinedStr(
                values=[ast.FormattedValue(value=ast.Name(id="__name__")), ast.Constant(value=str() as rest)]
            ):
                return self.name + rest
            case _:
                return None

    def _setattr(self, node: ast.Call, runtime: bool) -> None:
        owner, key = node.args[0], literal_string(node.args[1])
        if "sys.modules" in source_of(owner) or self.is_itself(owner):
            names = self._member_names(node.args[1]) if key is None else (key,)
            self._bind_each(names, node.args[2], node.lineno, runtime)
        elif isinstance(owner, ast.Name) and owner.id in self.bindings:
            binding = value_binding(node.args[2], node.lineno, True, runtime, None)
            # A computed name on a class makes its surface open; `?` marks that.
            self.class_updates.setdefault(owner.id, {})[key or "?"] = binding


def _words(node: ast.expr) -> frozenset[str]:
    """The identifiers of a literal list, or of the first elements of its tuples, or the keys of a literal table."""
    elements = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", ())
    firsts = [e.elts[0] if isinstance(e, ast.Tuple | ast.List) and e.elts else e for e in elements if e is not None]
    return frozenset(text for first in firsts if (text := literal_string(first)) is not None and text.isidentifier())


def _is_own_name(node: ast.expr) -> bool:
    return dotted(node) in {"__name__", "__package__"}
