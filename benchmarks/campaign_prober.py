"""Tries what the modules of one installed distribution use of an upstream, and writes whether it works as JSON lines.

Runs inside the sandbox, once in each environment, with the interpreter of the environment (3.6 or later): it imports
foreign code. It reads its task from the file that is named first and writes its lines to stdout.

A *site* is one use of the upstream at one place: an import, a dotted path, a call, a base class, an attribute of `self`
in a subclass. Each is tried for real: imported, looked up, bound to the signature, subclassed. A try ends as `ok`,
`unsure` (a signature that accepts everything, or that a wrapper may not be held to), or the error.
"""

import ast
import importlib
import inspect
import json
import os
import signal
import sys
import types
import warnings

PATIENCE = 90  # seconds that one import may take


class Site:
    """One use. `path`: dotted, from the upstream's root. `guard`: what may catch or avoid its failure, else empty."""

    def __init__(self, kind, node, path, guard, scope, call=None):
        self.kind, self.path, self.guard, self.scope, self.call = kind, path, guard, scope, call
        self.line, self.end = node.lineno, getattr(node, "end_lineno", None) or node.lineno

    def row(self):
        """As it is written: kind, first line, last line, path, guard, scope, shape of the call."""
        return [self.kind, self.line, self.end, self.path, self.guard, self.scope, self.call]


_CATCHING = {
    "ImportError", "ModuleNotFoundError", "AttributeError", "TypeError", "NameError", "Exception", "BaseException",
    "RuntimeError", "ValueError", "KeyError", "NotImplementedError", "LookupError", "StandardError", "Error",
}  # fmt: skip
_TESTS = ("version", "TYPE_CHECKING", "hasattr", "find_spec", "HAS_", "has_", "_available", "installed", "PY", "IS_",
          "getattr", "GTE", "_LT", "_GE", "sys.modules", "signature", "callable")  # fmt: skip


def collect(source, prefixes):
    """The sites of one file, in order. `prefixes`: dotted names of the upstream's packages, `google.cloud.storage`."""
    tree = ast.parse(source)
    roots = {prefix.split(".")[0] for prefix in prefixes}
    collector = Collector(roots)
    collector.names = bound_names(tree, roots)
    collector.prefixes = tuple(prefixes)
    collector.body(tree.body, "", "import")
    return [site for site in collector.sites if site.kind in _OF_CLASSES or belongs(site.path, prefixes)]


_OF_CLASSES = ("class", "self", "super")


def belongs(path, prefixes):
    """Whether a path lies in one of the packages, and not beside them in a namespace that others share."""
    dotted = path.replace("|", ".").replace(":", ".") + "."
    return any(dotted.startswith(prefix + ".") for prefix in prefixes)


def bound_names(tree, roots):
    """Name to dotted path, for names that nothing but one and the same import of the upstream binds in the file."""
    found, spoiled = {}, set()

    def bind(name, path):
        if path is None or found.get(name, path) != path:
            spoiled.add(name)
        else:
            found[name] = path

    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.split(".")[0]
                target = alias.name if alias.asname else root
                bind(alias.asname or root, target if root in roots else None)
        elif isinstance(node, ast.ImportFrom):
            ours = not node.level and (node.module or "").split(".")[0] in roots
            for alias in node.names:
                bind(alias.asname or alias.name, node.module + "." + alias.name if ours else None)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            spoiled.add(node.name)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            spoiled.add(node.id)
        elif isinstance(node, ast.arg):
            spoiled.add(node.arg)
        elif (isinstance(node, ast.ExceptHandler) and node.name) or (
            type(node).__name__ in ("MatchAs", "MatchStar") and node.name
        ):
            spoiled.add(node.name)
    return {name: path for name, path in found.items() if name not in spoiled}


class Collector:
    """Walks one file. `names`: see `bound_names`."""

    def __init__(self, roots):
        self.roots, self.names, self.sites, self.prefixes = roots, {}, [], ()
        self.classes = []  # (qualified name, whether it has a base of the upstream)

    def body(self, statements, guard, scope):
        """Statements one after the other; what follows a test of a version that may leave is guarded by it."""
        for statement in statements:
            self.statement(statement, guard, scope)
            if isinstance(statement, ast.If) and _leaves(statement.body) and _is_test(statement.test):
                guard = guard or "after a test"

    def statement(self, node, guard, scope):
        """One statement and all below it."""
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for part in [*node.decorator_list, node.args, *([node.returns] if node.returns else [])]:
                self.expressions(part, guard, scope)
            inner = [*self.classes]
            self.body(node.body, guard, "function")
            self.classes = inner
        elif isinstance(node, ast.ClassDef):
            self.class_definition(node, guard, scope)
        elif type(node).__name__ in ("Try", "TryStar"):
            caught = guard or _caught(node)
            self.body(node.body, caught, scope)
            self.body(node.orelse, guard or ("else of a try" if caught else ""), scope)
            for handler in node.handlers:
                if handler.type is not None:
                    self.expressions(handler.type, guard, scope)
                self.body(handler.body, guard or "handler", scope)
            self.body(node.finalbody, guard, scope)
        elif isinstance(node, ast.If):
            self.expressions(node.test, guard, scope)
            test = guard or ("test" if _is_test(node.test) else "")
            self.body(node.body, test, scope)
            self.body(node.orelse, test, scope)
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            for part in (getattr(node, "test", None), getattr(node, "iter", None), getattr(node, "target", None)):
                if part is not None:
                    self.expressions(part, guard, scope)
            self.body(node.body, guard, scope)
            self.body(node.orelse, guard, scope)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                self.expressions(item.context_expr, guard, scope)
            names = [ast.dump(item.context_expr) for item in node.items]
            caught = guard or ("suppress" if any("suppress" in n or "raises" in n for n in names) else "")
            self.body(node.body, caught, scope)
        elif type(node).__name__ == "Match":
            self.expressions(node.subject, guard, scope)
            for case in node.cases:
                self.body(case.body, guard, scope)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] in self.roots:
                    self.sites.append(Site("import", node, alias.name, guard, scope))
        elif isinstance(node, ast.ImportFrom):
            if not node.level and (node.module or "").split(".")[0] in self.roots:
                for alias in node.names:
                    self.sites.append(Site("from", node, node.module + ":" + alias.name, guard, scope))
        else:
            self.expressions(node, guard, scope)

    def class_definition(self, node, guard, scope):
        """A class: its bases, and uses of `self` in it where one of them is of the upstream."""
        for part in [*node.decorator_list, *[keyword.value for keyword in node.keywords]]:
            self.expressions(part, guard, scope)
        ours = False
        for base in node.bases:
            path = self.path(base)
            if path is not None and belongs(path, self.prefixes):
                self.sites.append(Site("base", node, path, guard, scope))
                self.sites[-1].end = node.lineno
                ours = True
            self.expressions(base, guard, scope)
        outer = [*self.classes]
        self.classes.append((node.name, ours))
        if scope == "import":
            name = ".".join(name for name, _ in self.classes)
            if ours:
                self.sites.append(Site("class", node, name, guard, scope))
                self.sites[-1].end = node.lineno
                self.self_uses(node, name, guard)
        self.body(node.body, guard, scope)
        self.classes = outer

    def self_uses(self, node, name, guard):
        """`self.x` and `super().x` in the methods of a class."""
        for method in node.body:
            if not isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)) or not method.args.args:
                continue
            first = method.args.args[0].arg
            for part, caught in _walk(method, guard):
                if not isinstance(part, ast.Attribute) or not isinstance(part.ctx, ast.Load):
                    continue
                if isinstance(part.value, ast.Name) and part.value.id == first:
                    self.sites.append(Site("self", part, name + ":" + part.attr, caught, "function"))
                elif (
                    isinstance(part.value, ast.Call)
                    and isinstance(part.value.func, ast.Name)
                    and part.value.func.id == "super"
                ):
                    self.sites.append(Site("super", part, name + ":" + part.attr, caught, "function"))

    def expressions(self, node, guard, scope):
        """Every chain and every call in an expression."""
        if isinstance(node, ast.Lambda):
            self.expressions(node.args, guard, scope)
            self.expressions(node.body, guard, "function")
            return
        if isinstance(node, ast.IfExp):
            self.expressions(node.test, guard, scope)
            test = guard or ("test" if _is_test(node.test) else "")
            self.expressions(node.body, test, scope)
            self.expressions(node.orelse, test, scope)
            return
        if isinstance(node, ast.BoolOp):
            # What stands behind `hasattr(...) and` only runs where that is true.
            for index, value in enumerate(node.values):
                self.expressions(value, guard or ("test" if index and _is_test(node.values[0]) else ""), scope)
            return
        if isinstance(node, ast.Call):
            path = self.path(node.func)
            if path is not None:
                self.sites.append(Site("call", node, path, guard, scope, _shape(node)))
        if isinstance(node, ast.Attribute):
            path = self.path(node)
            if path is not None:
                if isinstance(node.ctx, ast.Load):
                    self.sites.append(Site("path", node, path, guard, scope))
                return
        for child in ast.iter_child_nodes(node):
            self.expressions(child, guard, scope)

    def path(self, node):
        """`root.a.b` of a chain that starts at a name of the upstream, else None."""
        parts = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self.names:
            return None
        return self.names[node.id] + "".join("|" + part for part in reversed(parts))


def _walk(node, guard):
    """All nodes below a function with what may catch the failure of each."""
    for child in ast.iter_child_nodes(node):
        caught = guard
        if type(node).__name__ in ("Try", "TryStar") and child in node.body:
            caught = guard or _caught(node)
        elif isinstance(node, ast.If) and child is not node.test:
            caught = guard or ("test" if _is_test(node.test) else "")
        yield child, caught
        yield from _walk(child, caught)


def _caught(node):
    for handler in node.handlers:
        if handler.type is None:
            return "try"
        types_ = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        for one in types_:
            name = getattr(one, "attr", getattr(one, "id", ""))
            if name in _CATCHING:
                return "try"
    return ""


def _is_test(node):
    text = ast.dump(node)
    return any(word in text for word in _TESTS)


def _leaves(body):
    return bool(body) and isinstance(body[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break))


def _shape(call):
    """Number of positional arguments, names of keywords, whether more may come from `*` and `**`."""
    star = any(isinstance(a, ast.Starred) for a in call.args)
    names = [keyword.arg for keyword in call.keywords if keyword.arg is not None]
    return [
        sum(not isinstance(a, ast.Starred) for a in call.args),
        names,
        star,
        any(k.arg is None for k in call.keywords),
    ]


# --- trying -----------------------------------------------------------------------------------------------------------


class TooLongError(BaseException):
    """An import took too long."""


def say_error(error):
    """Type and message of an error, short."""
    return (type(error).__name__ + ": " + " ".join(str(error).split()))[:300]


def limited(action):
    """Runs something with a time limit: its value, or the error as text in a tuple."""

    def alarm(number, frame):
        raise TooLongError("it took more than %d seconds" % PATIENCE)

    signal.signal(signal.SIGALRM, alarm)
    signal.alarm(PATIENCE)
    try:
        return action(), None
    except BaseException as error:  # foreign code may raise anything
        return None, error
    finally:
        signal.alarm(0)


def resolve(path):
    """The object at `a.b|c|d`: imported as `a.b`, or `b` from `a`, then looked up. Raises what a program would meet."""
    head, *rest = path.split("|")
    value = load(head)
    for name in rest:
        value = getattr(value, name)
    return value


def load(head):
    """A dotted name as an import statement finds it: a module, or a name of one."""
    if head in sys.modules:
        return sys.modules[head]
    parent, _, name = head.rpartition(".")
    if not parent:
        return importlib.import_module(head)
    module = importlib.import_module(parent)
    try:
        return getattr(module, name)
    except AttributeError:
        return importlib.import_module(head)


def try_from(path):
    """`from a import b`."""
    module_name, name = path.split(":")
    module = importlib.import_module(module_name)
    if name == "*":
        for one in getattr(module, "__all__", ()):
            getattr(module, one)
        return "ok"
    try:
        getattr(module, name)
    except AttributeError:
        try:
            importlib.import_module(module_name + "." + name)
        except ModuleNotFoundError as error:
            if error.name != module_name + "." + name:
                raise
            raise ImportError("cannot import name %r from %r" % (name, module_name)) from None
    return "ok"


def try_call(path, shape):
    """Binds a call to the signature of what it calls."""
    target = resolve(path)
    count, names, star, double = shape
    if not callable(target):
        raise TypeError("%r object is not callable" % type(target).__name__)
    try:
        inner = inspect.signature(target)
        outer = inspect.signature(target, follow_wrapped=False)
    except (ValueError, TypeError):
        return "unsure"
    error = refusal(inner, count, names, star, double)
    if error is None:
        return "unsure" if swallows(inner, count, names) else "ok"
    if hasattr(target, "__signature__") or (isinstance(target, type) and own_call(target)):
        return "unsure"
    if refusal(outer, count, names, star, double) is None:
        return "unsure"
    raise error


def own_call(cls):
    """Whether the metaclass of a class takes the call, so that the signature may be another's."""
    return "__call__" in {
        name for meta in type(cls).__mro__ if meta is not type and meta is not object for name in vars(meta)
    }


def refusal(signature, count, names, star, double):
    """The error of binding, None where it binds."""
    arguments = [None] * count
    keywords = dict.fromkeys(names)
    try:
        if star or double:
            signature.bind_partial(*arguments, **keywords)
        else:
            signature.bind(*arguments, **keywords)
    except TypeError as error:
        return error
    return None


def swallows(signature, count, names):
    """Whether some argument only goes into `*args` or `**kwargs`."""
    parameters = list(signature.parameters.values())
    positional = sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)
    named = {p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)}
    return count > positional or bool(set(names) - named)


def try_base(path):
    """Makes an empty subclass."""
    base = resolve(path)
    if not isinstance(base, type):
        return "unsure"
    types.new_class("Probe", (base,))
    return "ok"


def try_class(cls):
    """Whether a class of the downstream has methods that its abstract bases still want."""
    missing = sorted(getattr(cls, "__abstractmethods__", ()))
    if missing:
        raise TypeError(
            "Can't instantiate abstract class %s with abstract methods %s" % (cls.__name__, ", ".join(missing))
        )
    return "ok"


def try_member(cls, name, *, above):
    """An attribute of `self`, or with `above` of `super()`, in a class of the downstream."""
    found = any(name in vars(one) for one in (cls.__mro__[1:] if above else cls.__mro__))
    if found or hasattr(cls, name):
        return "ok"
    if any(hasattr(one, "__getattr__") for one in cls.__mro__) or mentions(cls, name):
        return "unsure"
    raise AttributeError("type object %r has no attribute %r" % (cls.__name__, name))


def mentions(cls, name):
    """Whether a method of the class or of one of its bases has the name in its code: it may set it."""
    for one in cls.__mro__:
        slots = getattr(one, "__annotations__", {})
        if name in slots:
            return True
        for value in vars(one).values():
            code = getattr(getattr(value, "__func__", value), "__code__", None)
            if code is not None and one.__module__ != cls.__module__ and name in code.co_names + code.co_consts:
                return True
    return False


def try_site(site, module):
    """`ok`, `unsure` or raises."""
    if site.kind == "import":
        importlib.import_module(site.path)
        return "ok"
    if site.kind == "from":
        return try_from(site.path)
    if site.kind == "path":
        resolve(site.path)
        return "ok"
    if site.kind == "call":
        return try_call(site.path, site.call)
    if site.kind == "base":
        return try_base(site.path)
    if module is None:
        return "unsure"
    name, _, member = site.path.partition(":")
    cls = module
    for part in name.split("."):
        cls = getattr(cls, part, None)
    if not isinstance(cls, type):
        return "unsure"
    if site.kind == "class":
        return try_class(cls)
    return try_member(cls, member, above=site.kind == "super")


def frames_of(error, site_packages):
    """(file relative to site-packages, line) of each frame, outermost first."""
    found, trace = [], error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.startswith(site_packages):
            found.append([file[len(site_packages) + 1 :], trace.tb_lineno])
        trace = trace.tb_next
    return found[-12:]


def main():
    """Reads the task, tries everything, writes a line for each thing when it is known."""
    with open(sys.argv[1], encoding="utf-8") as file:
        task = json.load(file)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    sys.argv[:] = ["probe"]
    sys.setrecursionlimit(5000)
    warnings.simplefilter("ignore")

    def tell(*parts):
        out.write(json.dumps(parts) + "\n")
        out.flush()

    import_modules(task, tell)
    for name, statement in task["loads"]:
        tell("start", name)
        _, error = limited(lambda s=statement: exec(s, {"__name__": "__program__"}))
        tell(
            "load",
            name,
            None if error is None else say_error(error),
            [] if error is None else frames_of(error, task["site"]),
        )
    try_sites(task, tell)
    tell("end")
    os._exit(0)


def import_modules(task, tell):
    """Every module of the downstream; those that fail twice, since a first failure may be that of the order."""
    failed = import_once([name for name, _ in task["modules"]], task, tell)
    import_once(failed, task, tell)


def import_once(names, task, tell):
    """The names of the modules that failed."""
    failed = []
    for name in names:
        tell("start", name)
        _, error = limited(lambda n=name: importlib.import_module(n))
        if error is None:
            tell("module", name, None, [])
        else:
            tell("module", name, say_error(error), frames_of(error, task["site"]))
            failed.append(name)
            del error
    return failed


def try_sites(task, tell):
    """Every site of every file: the imports of all files first, as a program that uses them all would run them."""
    collected = []
    for name, file in task["modules"]:
        if not file.endswith(".py"):
            continue
        try:
            with open(os.path.join(task["site"], file), "rb") as opened:
                collected.append((name, file, collect(opened.read(), task["prefixes"])))
        except (OSError, SyntaxError, ValueError, RecursionError):
            tell("unread", file)
    kinds = (("import", "from"), ("path", "base", "call", "class", "self", "super"))
    for chosen in kinds:
        known = {}
        for name, file, sites in collected:
            module = sys.modules.get(name)
            for site in sites:
                if site.kind not in chosen:
                    continue
                own = name if site.kind in ("class", "self", "super") else ""
                key = (site.kind, site.path, json.dumps(site.call), own)
                if key not in known:
                    tell("start", site.path)
                    outcome, error = limited(lambda s=site, m=module: try_site(s, m))
                    known[key] = outcome if error is None else say_error(error)
                tell("site", file, site.row(), known[key])


if __name__ == "__main__":
    main()
