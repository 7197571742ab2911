"""Every example is run for real: the downstream breaks with the new upstream only, the near-miss with neither."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tailrace.rules import RULES, Break, Rule, example_files

# Run as a user of the downstream would: import every module, then call `main()` where there is one.
_RUN = """
import importlib, pathlib, warnings
warnings.simplefilter("error")
module = importlib.import_module("downstream")
for path in sorted(pathlib.Path("downstream").glob("[!_]*.py")):
    importlib.import_module(f"downstream.{path.stem}")
getattr(module, "main", lambda: None)()
"""
_METADATA_RULES = {
    "python-dropped",
    "syntax-refused",
    "requirement-conflict",
    "dependency-dropped",
    "extra-removed",
    "build-setting-removed",
    "binary-interface-changed",
}
_RUN_TIME_RULES = sorted(RULES.keys() - _METADATA_RULES)


def _write(root: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def _install_scripts(root: Path) -> None:
    pyproject = root / "pyproject.toml"
    if not pyproject.exists():
        return
    scripts = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"].get("scripts", {})
    for name, target in scripts.items():
        module, _, function = target.partition(":")
        script = root / "bin" / name
        script.parent.mkdir(exist_ok=True)
        script.write_text(f"#!{sys.executable}\nimport sys\nfrom {module} import {function}\nsys.exit({function}())\n")
        script.chmod(0o755)


def _run(root: Path, upstream: str, program: str, downstream: str = "") -> subprocess.CompletedProcess[str]:
    _write(root, example_files(upstream, "upstream"))
    _install_scripts(root)
    if downstream:
        _write(root, example_files(downstream, "downstream"))
    env = os.environ | {
        "PYTHONPATH": str(root),
        "PATH": f"{root / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        [sys.executable, "-c", program], cwd=root, env=env, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("rule_id", _RUN_TIME_RULES)
def test_the_downstream_works_with_the_old_upstream_and_fails_with_the_new_one(rule_id: str, tmp_path: Path) -> None:
    example = RULES[rule_id].example
    before = _run(tmp_path / "old", example.old, _RUN, example.downstream)
    after = _run(tmp_path / "new", example.new, _RUN, example.downstream)
    assert before.returncode == 0, before.stderr
    assert after.returncode != 0


@pytest.mark.parametrize("rule_id", _RUN_TIME_RULES)
def test_the_near_miss_works_with_both(rule_id: str, tmp_path: Path) -> None:
    example = RULES[rule_id].example
    for name, upstream in (("old", example.old), ("new", example.new)):
        result = _run(tmp_path / name, upstream, _RUN, example.near_miss)
        assert result.returncode == 0, (name, result.stderr)


def _project(text: str, package: str) -> dict[str, object]:
    project: dict[str, object] = tomllib.loads(example_files(text, package)["pyproject.toml"])["project"]
    return project


@pytest.mark.parametrize(("text", "broken"), [("downstream", True), ("near_miss", False)])
def test_python_dropped_is_shown_by_the_metadata(text: str, broken: bool) -> None:
    example = RULES["python-dropped"].example
    supported = SpecifierSet(str(_project(getattr(example, text), "downstream")["requires-python"]))
    lowest = next(f"3.{minor}" for minor in range(30) if f"3.{minor}" in supported)
    assert lowest in SpecifierSet(str(_project(example.old, "upstream")["requires-python"]))
    assert (lowest not in SpecifierSet(str(_project(example.new, "upstream")["requires-python"]))) is broken


@pytest.mark.parametrize(("text", "broken"), [("downstream", True), ("near_miss", False)])
def test_requirement_conflict_is_shown_by_the_metadata(text: str, broken: bool) -> None:
    def admitted(*projects: dict[str, object]) -> list[str]:
        third = SpecifierSet()
        for project in projects:
            lines = project["dependencies"]
            assert isinstance(lines, list)
            third &= next(r.specifier for r in map(Requirement, lines) if r.name == "packaging")
        return [str(version) for version in range(15, 30) if str(version) in third]

    example = RULES["requirement-conflict"].example
    downstream = _project(getattr(example, text), "downstream")
    assert admitted(_project(example.old, "upstream"), downstream)
    assert (not admitted(_project(example.new, "upstream"), downstream)) is broken


def _break(rule: str, symbol: str, module: str, how: str, **facts: str) -> Break:
    return Break(
        rule=rule,
        symbol=symbol,
        module=module,
        name=symbol.removeprefix(module).removeprefix("."),
        how=how,  # type: ignore[arg-type]
        upstream="upstream",
        candidate_version="2",
        baseline_version="1",
        facts=facts,
    )


_WITNESSED = [
    _break("module-removed", "upstream.codec", "upstream.codec", "import"),
    _break("name-removed", "upstream.soft_unicode", "upstream", "from-import"),
    _break("attribute-removed", "upstream.Session.shutdown", "upstream", "attribute"),
    _break("parameter-removed", "upstream.fetch(retries=)", "upstream", "call"),
    _break("parameter-removed", "upstream.fetch(retries=)", "upstream", "call", call='upstream.fetch("x", retries=5)'),
    _break("parameter-now-required", "upstream.connect(port=)", "upstream", "call"),
    _break("parameter-now-required", "upstream.connect(port=)", "upstream", "call", call='upstream.connect("x")'),
    _break("parameter-now-keyword-only", "upstream.dump(indent=)", "upstream", "call"),
    _break("parameter-now-keyword-only", "upstream.dump(indent=)", "upstream", "call", call="upstream.dump({}, 2)"),
    _break("arity-changed", "upstream.join", "upstream", "call", call='upstream.join("a", "b", "c")'),
    _break("kind-changed", "upstream.Client.url", "upstream", "call", old_kind="function", new_kind="property"),
    _break("base-changed", "upstream.Settings", "upstream", "attribute", base="builtins.dict"),
    _break("override-orphaned", "upstream.Loader._read_cache", "upstream", "override"),
    _break("option-removed", "upstream-build --fast", "", "process"),
    _break("now-deprecated", "upstream.soft_unicode", "upstream", "call", call="upstream.soft_unicode(1)"),
    _break("unexplained", "upstream.load", "upstream", "call", call="upstream.load().encode()"),
]


@pytest.mark.parametrize("b", _WITNESSED, ids=lambda b: f"{b.rule}-{'call' if 'call' in b.facts else 'plain'}")
def test_the_witness_works_with_the_old_upstream_and_fails_with_the_new_one(b: Break, tmp_path: Path) -> None:
    rule: Rule = RULES[b.rule]
    witness = rule.witness(b)
    assert witness is not None
    assert len(witness.splitlines()) <= 5
    before = _run(tmp_path / "old", rule.example.old, witness)
    after = _run(tmp_path / "new", rule.example.new, witness)
    assert before.returncode == 0, before.stderr
    assert after.returncode != 0


@pytest.mark.parametrize(
    ("upstream", "symbol", "called"),
    [
        ("pytest", "pytest --lf", "parser.addoption('--lf')"),
        ("Django", "test --pdb", ".add_argument('--pdb')"),
        # A program of another upstream is not known, and one without it would fail with the baseline too.
        ("upstream", "upstream --lock", None),
        ("pytest", "pytest lock", None),
        ("pytest", "pytest --l\x1bf", None),
    ],
)
def test_the_witness_of_an_option_conflict_is_added_to_the_parser_of_its_host(
    upstream: str, symbol: str, called: str | None
) -> None:
    broken = replace(_break("option-conflict", symbol, "", "call"), upstream=upstream)
    witness = RULES["option-conflict"].witness(broken)
    assert (witness is None) if called is None else (called in (witness or ""))


def test_the_witness_of_an_option_of_pytest_fails_where_pytest_has_it(tmp_path: Path) -> None:
    for option, fails in (("--lf", True), ("--no-such-option", False)):
        broken = replace(_break("option-conflict", f"pytest {option}", "", "call"), upstream="pytest")
        witness = RULES["option-conflict"].witness(broken)
        command = [sys.executable, "-c", witness or ""]
        result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert ("--lf" in result.stderr) == fails, result.stderr
        assert (result.returncode != 0) == fails


@pytest.mark.parametrize(
    ("symbol", "used", "fails"),
    [
        ("setup.cfg:dashed-key", "description-file", "description-file = README"),
        ("setup.cfg:dashed-key", "a-b'; x", None),
        ("setup(use_2to3=)", "", None),
    ],
)
def test_the_witness_of_a_key_of_setup_cfg_reads_such_a_file(symbol: str, used: str, fails: str | None) -> None:
    broken = replace(_break("build-setting-removed", symbol, "", "string"), upstream="setuptools", used=used)
    witness = RULES["build-setting-removed"].witness(broken)
    assert (witness is None) if fails is None else (fails in (witness or ""))
