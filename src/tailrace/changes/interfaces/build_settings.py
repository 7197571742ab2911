"""What a build tool offers to those who build with it: keywords of `setup()`, commands, keys of setup.cfg."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator

from tailrace.changes.interfaces.files import holding
from tailrace.changes.interfaces.interface import InterfaceKind
from tailrace.model import Artifact, Change
from tailrace.python.modules import Surface
from tailrace.python.text import literal_string
from tailrace.toml.parse import parse_toml

KEYWORDS = "distutils.setup_keywords"
COMMANDS = "distutils.commands"
DASHED, UPPERCASE = "setup.cfg:dashed-key", "setup.cfg:uppercase-key"
_CONFIG = re.compile(rb"setup\.cfg|setupcfg|parse_config_files")
_COMMAND = re.compile(r"(?:^|/)(?:setuptools|distutils)/command/([a-z][a-z0-9_]*)\.py\Z")


def compare_build_settings(baseline: Surface, candidate: Surface) -> Iterator[Change]:
    """`build-setting-removed`, where the baseline registers keywords or commands of the build, or reads setup.cfg."""
    in_baseline, in_candidate = baseline.artifact.metadata, candidate.artifact.metadata
    if in_candidate.entry_points or declares_all(candidate.artifact):
        for group, form in ((KEYWORDS, "setup({}=)"), (COMMANDS, "setup.py {}")):
            kept = {name for name, _ in in_candidate.entry_point_group(group)}
            for name, target in in_baseline.entry_point_group(group):
                if name in kept and group == KEYWORDS:
                    yield from _refused_keyword(baseline, candidate, name, form)
                if name not in kept and not (group == COMMANDS and name in _commands(candidate)):
                    yield Change(rule="build-setting-removed", symbol=form.format(name), detail=f"it was {target}")
    for symbol, place in refused_keys(candidate).items():
        if symbol not in refused_keys(baseline):
            yield Change(rule="build-setting-removed", symbol=symbol, file=place[0], line=place[1], in_candidate=True)


def declares_all(artifact: Artifact) -> bool:
    """Whether metadata without an entry point means that there is none: of a wheel, or of a static project table."""
    if artifact.kind in {"wheel", "conda"}:
        return True
    try:
        data = parse_toml((artifact.root / "pyproject.toml").read_text("utf-8", errors="replace"))
    except (OSError, tomllib.TOMLDecodeError):
        return False
    project = data.get("project")
    return isinstance(project, dict) and "entry-points" not in project.get("dynamic", ())


def _commands(surface: Surface) -> set[str]:
    return {match[1] for file in surface.artifact.python_files if (match := _COMMAND.search(file))}


def _refused_keyword(baseline: Surface, candidate: Surface, name: str, form: str) -> Iterator[Change]:
    """A keyword that is registered still, with a check that refuses every value (`invalid_unless_false`)."""
    place = _refusing(candidate, dict(candidate.artifact.metadata.entry_point_group(KEYWORDS))[name])
    if (
        place is not None
        and _refusing(baseline, dict(baseline.artifact.metadata.entry_point_group(KEYWORDS))[name]) is None
    ):
        file, line = place
        yield Change(
            rule="build-setting-removed",
            symbol=form.format(name),
            file=file,
            line=line,
            in_candidate=True,
            detail="it is refused",
        )


def _refusing(surface: Surface, target: str) -> tuple[str, int] | None:
    """The place of a function that raises for everything but what is false."""
    module, _, function = target.partition("[")[0].strip().partition(":")
    source = surface.source(module.strip())
    parsed = surface.tree(source.file) if source is not None else None
    if source is None or parsed is None:
        return None
    for node in parsed.tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == function.strip() and isinstance(node.body[-1], ast.Raise):
            before = [s for s in node.body[:-1] if not isinstance(s, ast.Expr)]
            if all(isinstance(s, ast.If) and _returns_for_false(s) for s in before):
                return source.file, node.lineno
    return None


def _returns_for_false(node: ast.If) -> bool:
    """`if not value: return`."""
    negated = isinstance(node.test, ast.UnaryOp) and isinstance(node.test.op, ast.Not)
    return negated and len(node.body) == 1 and isinstance(node.body[0], ast.Return) and not node.orelse


def refused_keys(surface: Surface) -> dict[str, tuple[str, int]]:
    """Forms of keys in setup.cfg for which a function raises: those with a dash, those in upper case."""
    found: dict[str, tuple[str, int]] = {}
    for file in holding(surface.artifact, _CONFIG):
        parsed = surface.tree(file)
        for node in ast.walk(parsed.tree) if parsed is not None else ():
            if isinstance(node, ast.FunctionDef):
                for test in _refusals(node):
                    if _asks_for_dash(test):
                        found.setdefault(DASHED, (file, node.lineno))
                    elif "islower" in ast.dump(test):
                        found.setdefault(UPPERCASE, (file, node.lineno))
    return found


def _refusals(function: ast.FunctionDef) -> Iterator[ast.expr]:
    """The tests of a function that lead to an exception: before a final `raise`, and of a raising branch."""
    tests = [node for node in function.body if isinstance(node, ast.If)]
    if isinstance(function.body[-1], ast.Raise):
        yield from (node.test for node in tests)
    elif any(argument.arg in {"opt", "option", "key", "name"} for argument in function.args.args):
        yield from (node.test for node in tests if isinstance(node.body[-1], ast.Raise))


def _asks_for_dash(test: ast.expr) -> bool:
    return any(
        isinstance(node, ast.Compare)
        and literal_string(node.left) == "-"
        and any(isinstance(operator, ast.In | ast.NotIn) for operator in node.ops)
        for node in ast.walk(test)
    )


KIND = InterfaceKind(frozenset({"build-setting-removed"}), compare_build_settings)
