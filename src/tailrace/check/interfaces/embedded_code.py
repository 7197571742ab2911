"""Python code in texts: `python -c "import up; up.f()"` in scripts, Makefiles, workflows, and lists of arguments."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from textwrap import dedent

from tailrace.check.breakage import Breakage
from tailrace.check.breakages.find import judge_use
from tailrace.check.interfaces.view import Finder, View
from tailrace.model import Confidence
from tailrace.python.parsing import Parsed
from tailrace.python.text import descendants, literal_string
from tailrace.python.usages import collect_usage

_LARGEST = 200_000
_MOST_CODE = 5_000
_FILES = re.compile(
    r"(?:^|/)(?:makefile|gnumakefile|justfile|jenkinsfile|dockerfile|containerfile)[^/]*$"
    r"|\.(?:sh|bash|zsh|mk|ya?ml|toml|cfg|ini|bat|cmd|ps1|dockerfile)$",
    re.IGNORECASE,
)
# `python -c "code"`, `$(PYTHON) -Wc 'code'`
_COMMAND = re.compile(
    r"python[\w.})\"]{0,60}(?:[ \t]{1,20}-[A-Za-z]{1,20}){0,8}?[ \t]{1,20}-[A-Za-z]{0,20}c[ \t]{1,20}"
    r"(?P<quote>[\"'])(?P<code>(?:\\.|(?!(?P=quote))[^\\]){0,5000})(?P=quote)",
    re.IGNORECASE | re.DOTALL,
)
# `python - <<'END'`
_HEREDOC = re.compile(
    r"python[\w.})\"]{0,60}(?:[ \t]{1,20}-[A-Za-z]{0,20}){0,8}[ \t]{1,20}<<-?[ \t]{0,20}[\"']?(?P<end>\w{1,60})[\"']?"
    r"[^\n]{0,200}\n(?P<code>.{0,5000}?)\n[ \t]{0,80}(?P=end)\b",
    re.IGNORECASE | re.DOTALL,
)
_COMMENT = re.compile(r"[ \t]*(?:#|;|//|::)")


def find(view: View) -> Iterator[Breakage]:
    """What a name or a call raises in such a code; of a file outside the package only `possible`."""
    roots = tuple(sorted(view.pair.roots))
    for file in view.downstream.other_files:
        if _FILES.search(file) is None:
            continue
        data = view.data(file)
        if len(data) > _LARGEST or b"python" not in data.lower() or not any(root.encode() in data for root in roots):
            continue
        text = data.decode("utf-8", "replace")
        for code, line in _in_text(text):
            for hit in _judge(view, file, code, line):
                yield replace(hit, use=None, confidence="possible")
    for file in view.matching(re.compile(rb"[\"']-[A-Za-z]*c[\"']\s*,")):
        parsed = view.tree(file)
        for node in _arguments(parsed.tree) if parsed is not None else ():
            code = literal_string(node) or ""
            for hit in _judge(view, file, code, node.lineno):
                sure: Confidence = "likely" if hit.confidence == "certain" else hit.confidence
                yield replace(hit, line=node.lineno, use=view.use_at(file, node), confidence=sure)


def _in_text(text: str) -> Iterator[tuple[str, int]]:
    """The codes in a script or a configuration file, with the line on which each begins."""
    for pattern in (_COMMAND, _HEREDOC):
        for match in pattern.finditer(text):
            begin = text.rfind("\n", 0, match.start()) + 1
            code = match["code"]
            if _COMMENT.match(text, begin) is not None:
                continue
            if pattern is _COMMAND and match["quote"] == '"':
                code = code.replace('\\"', '"').replace("\\$", "$")
            yield code, text.count("\n", 0, match.start("code")) + 1


def _arguments(tree: ast.Module) -> Iterator[ast.expr]:
    """The texts that stand after a `-c` in a list or a call."""
    for node in descendants(tree):
        items = node.elts if isinstance(node, ast.List | ast.Tuple) else node.args if isinstance(node, ast.Call) else []
        for flag, code in pairwise(items):
            option = literal_string(flag) or ""
            text = literal_string(code) or ""
            if re.fullmatch(r"-[A-Za-z]*c", option) and len(text) <= _MOST_CODE:
                yield code


def _judge(view: View, file: str, code: str, line: int) -> Iterator[Breakage]:
    """The breaks of a code that begins at a line of a file."""
    if not any(re.search(rf"\b{re.escape(root)}\b", code) for root in view.pair.roots):
        return
    text = dedent(code)
    try:
        statements = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    # As the body of a function: what it binds is known in the code alone.
    around = ast.parse("def code(): pass")
    function = around.body[0]
    if not statements or not isinstance(function, ast.FunctionDef):
        return
    function.body = statements
    usage = collect_usage(Parsed(around, text), "", file, is_package=False)
    for use in usage.uses:
        if use.root.kind in {"import", "from"}:
            for hit in judge_use(view.pair, usage, use):
                yield replace(hit, line=line + hit.line - 1, how="string")


FINDER = Finder(find)
