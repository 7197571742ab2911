"""Phrases and import statements that the texts of several rules share."""

from __future__ import annotations

import ast
import builtins
import keyword

from tailrace.rules.interface import Break

_LONGEST = 120


def clip(text: str, limit: int = _LONGEST) -> str:
    """One line of at most `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def code(text: str) -> str:
    """The text as inline code, on one line, unable to end the code early."""
    return f"`{clip(text.replace('`', chr(39)))}`"


def candidate(b: Break) -> str:
    """`MarkupSafe 2.1.0`."""
    return f"{clip(b.upstream)} {clip(b.candidate_version)}".strip() or "the candidate"


def baseline(b: Break) -> str:
    """`MarkupSafe 2.0.1`."""
    return f"{clip(b.upstream)} {clip(b.baseline_version)}".strip() or "the baseline"


def with_detail(b: Break, sentence: str, joint: str = ": ") -> str:
    """The sentence, and after it the clause on what the candidate does instead, where there is one."""
    detail = " ".join(b.detail.split()).rstrip(".")
    return f"{sentence}{joint}{detail}" if detail else sentence


def is_path(text: str) -> bool:
    """Whether the text is a dotted path of identifiers, fit for an import statement."""
    return bool(text) and all(part.isidentifier() and not keyword.iskeyword(part) for part in text.split("."))


def split_parameter(b: Break) -> tuple[str, str]:
    """`(path of the callable, name of the parameter)`; either may be empty."""
    path, _, rest = b.path.partition("(")
    parameter = b.facts.get("parameter") or rest.partition("=")[0].rstrip(")")
    return path, parameter.strip("* ")


def split_option(b: Break) -> tuple[str, str]:
    """`(command, option or subcommand)` of a symbol such as `conda clean -l`; either may be empty."""
    command, _, option = b.path.rpartition(" ")
    return b.facts.get("command") or command, b.facts.get("option") or option


def local_name(b: Break) -> str:
    """The part of the symbol below its module, without a parameter: `Option.__init__`."""
    return b.name.partition("(")[0]


def reference(b: Break) -> str:
    """How the downstream says the name in its source, as inline code."""
    path = b.path.partition("(")[0]
    name = local_name(b)
    match b.how:
        case "import":
            return code(f"import {path}")
        case "from-import" if b.module and name:
            first, _, rest = name.partition(".")
            return code(f"{first}.{rest}") if rest else code(f"from {b.module} import {first}")
        case "from-import" if "." in path:
            parent, _, last = path.rpartition(".")
            return code(f"from {parent} import {last}")
        case "call":
            return code(b.facts.get("call") or f"{path}()")
        case "string":
            return code(f'"{path}"')
        case "requirement":
            return code(b.facts.get("requirement") or path)
        case _:
            return code(path)


def import_line(b: Break) -> str | None:
    """The statement that binds the first name below the module, or imports the module; `None` if there is none."""
    if not is_path(b.module):
        return None
    first = local_name(b).partition(".")[0]
    if not first:
        return f"import {b.module}"
    return f"from {b.module} import {first}" if is_path(first) else None


def program(b: Break, last: str, *imports: str) -> str | None:
    """`imports`, the import of the symbol, then `last`; `None` when the symbol cannot be imported or named."""
    line = import_line(b)
    if line is None or not is_path(local_name(b)):
        return None
    return "\n".join([*imports, line, last])


def runnable_call(b: Break) -> str | None:
    """The fact `call` as a program, when it stands alone: full dotted path of the callable, literal arguments."""
    call = b.facts.get("call", "")
    root = b.module.partition(".")[0]
    if not is_path(b.module) or len(call) > 10 * _LONGEST:
        return None
    try:
        tree = ast.parse(call.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    if not isinstance(tree.body, ast.Call) or root not in names or names - {root} - set(dir(builtins)):
        return None
    return f"import {b.module}\n{call.strip()}"
