"""What griffe sees statically in real packages, our reader sees too: functions, classes, parameters."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tailrace.model import Artifact, Metadata, Release
from tailrace.python.facts import FunctionFacts
from tailrace.python.modules import Surface

griffe = pytest.importorskip("griffe")

PACKAGES = ("click", "rich", "packaging", "hypothesis", "jinja2", "yaml")
KINDS = {
    "positional-only": "positional",
    "positional or keyword": "normal",
    "variadic positional": "var-positional",
    "keyword-only": "keyword",
    "variadic keyword": "var-keyword",
}


def installed(package: str) -> Artifact:
    """One installed package as an artifact."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        pytest.skip(f"{package} is not installed here")
    folder = Path(spec.submodule_search_locations[0])
    files = tuple(sorted(p.relative_to(folder.parent).as_posix() for p in folder.rglob("*.py")))
    release = Release(name=package, version="0", spec=package, source="environment")
    return Artifact(release, Metadata(package, "0"), folder.parent, "environment", python_files=files)


@pytest.mark.parametrize("package", PACKAGES)
def test_functions_and_classes_are_seen_alike(package: str) -> None:
    artifact = installed(package)
    surface = Surface(artifact)
    # Our reader keeps what a module holds when it has run; griffe keeps the last definition in the text.
    loaded = griffe.load(package, search_paths=[artifact.root], allow_inspection=False, resolve_aliases=False)
    seen, differing = 0, []
    stack = [loaded]
    while stack:
        module = stack.pop()
        # A file such as `unicode4-1-0.py` cannot be imported by name.
        stack.extend(m for m in module.modules.values() if not m.is_alias and m.name.isidentifier())
        facts = surface.module(module.path)
        assert facts is not None, module.path
        for name, function in module.functions.items():
            if not function.is_alias:
                seen += 1
                ours = [b.function for b in facts.bindings.get(name, ()) if b.function is not None]
                deleted = not ours and f"\ndel {name}\n" in (artifact.root / facts.file).read_text(encoding="utf-8")
                if not deleted and not any(same(function, one) for one in ours):
                    differing.append(function.path)
        for name, cls in module.classes.items():
            if cls.is_alias:
                continue
            seen += 1
            classes = [b.cls for b in facts.bindings.get(name, ()) if b.cls is not None]
            if not classes:
                differing.append(cls.path)
                continue
            for method, function in cls.members.items():
                if function.is_alias or not function.is_function:
                    continue
                if method == "__init__" and "dataclass" in cls.labels:
                    continue  # written by the decorator, not in the source
                bound = [b.function for c in classes for b in c.members.get(method, ()) if b.function is not None]
                seen += 1
                if not any(same(function, one) for one in bound):
                    differing.append(function.path)
    assert seen > 50
    assert differing == []


def same(theirs: object, ours: FunctionFacts) -> bool:
    listed = [(p.name, KINDS[p.kind.value], p.default is None) for p in theirs.parameters]  # type: ignore[attr-defined]
    mine = [(p.name, p.kind, p.default is None or p.kind.startswith("var-")) for p in ours.params]
    return [(n, k, True if k.startswith("var-") else d) for n, k, d in listed] == mine
