"""The recipes of CONTRIBUTING.md, followed in a copy of the project: new files alone add things."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RECIPES = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
TEMPLATES = Path(__file__).parent / "templates"
# Paths of the recipes that their example would make.
_MADE = re.compile(r"base[-_]changed|golden\.json")


def section(title: str) -> str:
    """The text below a heading."""
    return RECIPES.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def folder(title: str, below: str) -> str:
    """The one folder or file below a folder of the sources or the tests that a section names."""
    named = [path for path in re.findall(r"`((?:src|tests|docs)/[\w./-]+)`", section(title)) if path.startswith(below)]
    assert named, f"{title!r} names nothing below {below}"
    return named[0]


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:src|tests|docs)/[\w./-]+)`", RECIPES))))
def test_a_path_that_a_recipe_names_exists(path: str) -> None:
    assert _MADE.search(path) or (ROOT / path).exists()


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in which each recipe was followed: new files, and no line of another one changed."""
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "src", root / "src")  # with what is compiled, so that not every process compiles it again
    for part in ("tests/support", "tests/rules_texts", "tests/rules", "tests/lint"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "tests/conftest.py", "CONTRIBUTING.md"):
        shutil.copy(ROOT / file, root / file)

    texts = Path(folder("Add a rule", "src/tailrace/rules/")).parent
    changes, finders, fixtures = (
        folder("Add a rule", below)
        for below in ("src/tailrace/changes/interfaces", "src/tailrace/check/breakages", "tests/rules/")
    )
    add(root, "rule.py", texts / "limit_lowered.py")
    add(root, "change.py", f"{changes}/limit_lowered.py")
    add(root, "finder.py", f"{finders}/limit_lowered.py")
    packages = Path(fixtures).parent / "limit-lowered"
    for name, package, version, source in FIXTURES:
        write(root / packages / name / "pyproject.toml", f'[project]\nname = "{package}"\nversion = "{version}"\n')
        write(root / packages / name / package / "__init__.py", source)
    lint = "Add a lint rule, or a kind of file"
    add(root, "lint_rule.py", folder(lint, "src/tailrace/lint/rules") + "/made_up.py")
    add(root, "format.py", folder("Add an output format, or a report", "src/tailrace/report/formats") + "/shout.py")
    toolkits = folder("Add a toolkit for command lines", "src/tailrace/python/commandlines/toolkits")
    assert not (root / toolkits / "opts.py").exists()
    write(root / toolkits / "opts.py", toolkit_of_the_test())
    clients = folder("Add a client", "src/tailrace/solvers/clients")
    add(root, "client.py", f"{clients}/boa.py")
    return root


def toolkit_of_the_test() -> str:
    """A module with the toolkit that the test named by the recipe makes."""
    source = (ROOT / folder("Add a toolkit for command lines", "tests/")).read_text("utf-8")
    tree = ast.parse(source)
    imports = [
        ast.unparse(node)
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        and str(node.module).startswith("tailrace.python")
        and node.module not in ("tailrace.python.commandlines", "tailrace.python.commandlines.program")
    ]
    (toolkit,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Opts")
    return "\n".join([*imports, ast.unparse(toolkit), "TOOLKIT = Opts()"]) + "\n"


FIXTURES = (
    ("old", "upstream", "1.0", "LIMIT = 10\nOTHER = 1\n"),
    ("new", "upstream", "2.0", "LIMIT = 5\nOTHER = 1\n"),
    ("downstream", "downstream", "0.1", "import upstream\n\nassert upstream.LIMIT > 9\n"),
    ("near_miss", "downstream", "0.1", "import upstream\n\nassert upstream.OTHER\n"),
)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def add(root: Path, template: str, place: str | Path) -> None:
    """A new file from a template; the folder must be there, and the file must not."""
    target = root / place
    assert target.parent.is_dir(), f"CONTRIBUTING.md names {target.parent.relative_to(root)}, which is not there"
    assert not target.exists()
    shutil.copy(TEMPLATES / f"{template}.txt", target)


def run(root: Path, *command: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(
        [sys.executable, "-P", *command],
        cwd=cwd or root,
        env={**inherited, "PYTHONPATH": str(root / "src"), "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_rule_is_found_explained_and_printed(copy: Path) -> None:
    fixtures = copy / "tests" / "rules" / "limit-lowered"
    # As the recipe says: the golden is written, then all tests of rules hold for the new one.
    tests = ("-m", "pytest", "-q", "-p", "no:randomly", "tests/rules", "tests/rules_texts", "-k", "limit")
    made = run(copy, *tests, TAILRACE_UPDATE_GOLDENS="1")
    assert made.returncode == 0, made.stdout + made.stderr
    (finding,) = json.loads((fixtures / "golden.json").read_text())
    assert (finding["rule"], finding["symbol"], finding["file"], finding["line"]) == (
        *("limit-lowered", "upstream.LIMIT"),
        *("downstream/__init__.py", 3),
    )
    again = run(copy, *tests)
    assert again.returncode == 0, again.stdout
    assert int(re.findall(r"(\d+) passed", again.stdout)[0]) >= 6
    changed = run(copy, "-m", "tailrace", "diff", str(fixtures / "old"), str(fixtures / "new"), "--format", "json")
    assert ("limit-lowered", "upstream.LIMIT") in {
        (change["rule"], change["symbol"]) for change in json.loads(changed.stdout)["changes"]
    }
    assert "A limit is lower" in run(copy, "-m", "tailrace", "explain", "limit-lowered").stdout


def test_a_lint_rule_is_found_and_its_examples_are_its_tests(copy: Path) -> None:
    tested = run(copy, "-m", "pytest", "-q", "-p", "no:randomly", "tests/lint/test_lint_rules.py", "-k", "made-up")
    assert tested.returncode == 0, tested.stdout
    assert "passed" in tested.stdout
    write(copy / "place" / "environment.yml", "name: x\nchannels: [made-up]\ndependencies: [python]\n")
    found = run(copy, "-m", "tailrace", "lint", "environment.yml", "-f", "json", cwd=copy / "place")
    assert "made-up" in {finding["rule"] for finding in json.loads(found.stdout)["findings"]}


def test_a_format_is_offered_by_every_command_whose_reports_it_serves(copy: Path) -> None:
    for command in ("check", "matrix", "uses"):
        assert "shout" in run(copy, "-m", "tailrace", command, "--help").stdout
    said = run(copy, "-m", "tailrace", "explain", "name-removed", "--format", "shout")
    assert said.stdout == "RULE\n"


def test_a_toolkit_reads_command_lines(copy: Path, tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", '[project]\nname = "up"\nversion = "1"\n[project.scripts]\nup = "up:main"\n')
    write(
        tmp_path / "up.py",
        "import opts\n\ndef main():\n    p = opts.OptionParser()\n    p.add_option('--name')\n    p.parse_args()\n",
    )
    script = (
        "from tailrace.artifacts import open_release\nfrom tailrace.python.commandlines import read_commandlines\n"
        "from tailrace.sources import Sources\n"
        f"(line,) = read_commandlines(open_release({str(tmp_path)!r}, Sources()))\n"
        "print(line.toolkit, [option.strings for option in line.options])\n"
    )
    assert run(copy, "-c", script).stdout == "opts [('--name',)]\n"


def test_a_client_is_offered(copy: Path) -> None:
    assert "boa, conda, conda-libmamba" in run(copy, "-m", "tailrace", "exposure", "--help").stdout
