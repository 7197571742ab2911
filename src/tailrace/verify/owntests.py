"""Makes the program that runs a downstream's own tests, and parses the outcome of each test from its output."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from configparser import ConfigParser
from configparser import Error as ConfigError
from dataclasses import dataclass, field
from pathlib import Path

from tailrace.toml.parse import parse_toml
from tailrace.verify.programs import Result

_MARK = "tailrace-tests:"
_EXTRAS = ("test", "tests", "testing", "dev", "develop")
_LISTS = (
    "requirements/tests.txt",
    "requirements/test.txt",
    "requirements/tests.in",
    "requirements/test.in",
    "requirements/dev.txt",
    "requirements-test.txt",
    "requirements-tests.txt",
    "requirements_test.txt",
    "requirements-dev.txt",
    "requirements_dev.txt",
    "dev-requirements.txt",
    "test-requirements.txt",
    "tests/requirements.txt",
    "test/requirements.txt",
)
_LARGEST_TEXT = 1 << 18
_MOST_REQUIREMENTS = 80
#: Tests whose failures are shown one by one; the rest is counted.
MOST_SHOWN = 20
# Copies the files to where they may be written, and runs pytest there. Neither the network nor a plug-in of ours is
# needed to learn the outcome of each test.
_PROGRAM = """\
import json, os, shutil, sys, tempfile, traceback
tree = os.path.join(tempfile.mkdtemp(), "tree")
shutil.copytree({source!r}, tree, symlinks=True, ignore=shutil.ignore_patterns(".git", ".venv", ".tox", "node_modules"))
for left_out in {left_out!r}:
    shutil.rmtree(os.path.join(tree, left_out), ignore_errors=True)
os.chdir(tree)
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", os.defpath)
import pytest
seen, errors = {{}}, {{}}
def note(error):
    if type(error).__name__ == "CollectError" and error.__cause__ is not None:
        error = error.__cause__
    return "".join(traceback.format_exception(type(error), error, error.__traceback__))[-6000:]
class Outcomes(object):
    def pytest_runtest_logreport(self, report):
        if report.failed or (report.when == "call" or report.skipped) and report.nodeid not in seen:
            seen[report.nodeid] = report.outcome
    def pytest_collectreport(self, report):
        if report.failed:
            seen[report.nodeid or "collection"] = "failed"
            errors.setdefault(report.nodeid or "collection", str(report.longrepr)[-6000:])
    def pytest_exception_interact(self, node, call, report):
        if call.excinfo is not None:
            errors[report.nodeid or "collection"] = note(call.excinfo.value)
status = 4
for more in ([], ["-o", "addopts="]):
    status = int(pytest.main({arguments!r} + more, plugins=[Outcomes()]))
    if status != 4:
        break
sys.stdout.flush()
failed = [name for name in seen if seen[name] == "failed"][:{most}]
print("\\n{mark}" + json.dumps({{"status": status, "seen": seen, "errors": {{n: errors.get(n, "") for n in failed}}}}))
"""
_COMMAND = """\
import os, shutil, subprocess, sys, tempfile
tree = os.path.join(tempfile.mkdtemp(), "tree")
source = {source!r}
if source:
    shutil.copytree(source, tree, symlinks=True, ignore=shutil.ignore_patterns(".git", ".venv", ".tox", "node_modules"))
else:
    os.makedirs(tree)
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", os.defpath)
os.environ.update(PYTHONUNBUFFERED="1", SRC_DIR=tree, PREFIX=sys.prefix)
status = subprocess.call(["/bin/sh", "-ec", {command!r}], cwd=tree)
sys.stdout.flush()
if status:
    raise RuntimeError("exit status %s" % (status,))
"""


@dataclass(frozen=True, slots=True)
class Suite:
    """What of a downstream's source can be tested. `folder`: its files. `arguments`: for pytest. `requirements`: what
    its tests need besides, as it says itself. `left_out`: the packages that are installed, which must not be imported
    from the source instead.
    """

    folder: Path
    arguments: tuple[str, ...]
    requirements: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tested:
    """What pytest said. `outcomes`: test → `passed`, `failed` or `skipped`. `errors`: failed test → its traceback.
    `status`: the exit status.
    """

    status: int
    outcomes: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def passed(self) -> frozenset[str]:
        """The tests that passed."""
        return frozenset(name for name, outcome in self.outcomes.items() if outcome == "passed")

    @property
    def failed(self) -> tuple[str, ...]:
        """The tests and test files that failed, in the order in which they ran."""
        return tuple(name for name, outcome in self.outcomes.items() if outcome == "failed")


def find_suite(folder: Path, roots: frozenset[str], installed: frozenset[str]) -> Suite | None:
    """The tests in a source tree, `None` where there are none.

    `roots`: top-level modules of the downstream. `installed`: its installed files, relative to site-packages.
    """
    requirements = read_test_requirements(folder)
    left_out = tuple(name for name in sorted(roots) if (folder / name).is_dir())
    outside = [name for name in ("tests", "test", "testing") if (folder / name).is_dir() and name not in roots]
    outside += sorted(path.name for path in folder.glob("test_*.py"))
    if outside:
        return Suite(folder, tuple(outside), requirements, left_out)
    shipped = sorted({root for root in roots if any(_is_test(file, root) for file in installed)})
    if shipped:
        return Suite(folder, ("--pyargs", *shipped), requirements, left_out)
    inside = [
        root
        for root in sorted(roots)
        if any(_is_test(path.relative_to(folder).as_posix(), root) for path in (folder / root).rglob("test*.py"))
    ]
    return Suite(folder, tuple(inside), requirements) if inside else None


def _is_test(file: str, root: str) -> bool:
    return file.startswith(f"{root}/") and re.search(r"/(test_[^/]+|[^/]+_test)\.py\Z", file) is not None


def suite_program(suite: Suite, only: Sequence[str] = ()) -> str:
    """The program that runs the tests, or only some of them."""
    arguments = [*(only or suite.arguments), "-q", "--tb=no", "-p", "no:cacheprovider", "-p", "no:randomly"]
    return _PROGRAM.format(
        source=str(suite.folder), left_out=suite.left_out, arguments=arguments, most=MOST_SHOWN, mark=_MARK
    )


def command_line_program(command: str, folder: Path | None) -> str:
    """The program that runs a shell command in a copy of the source."""
    return _COMMAND.format(source=str(folder) if folder is not None else "", command=command)


def read_tested(result: Result) -> Tested | None:
    """What each test did; `None` where the run did not get to its end."""
    _, mark, text = result.stdout.rpartition(f"\n{_MARK}")
    if not mark:
        return None
    try:
        raw = json.loads(text.splitlines()[0])
        outcomes = {str(key): str(value) for key, value in raw["seen"].items()}
        return Tested(int(raw["status"]), outcomes, {str(key): str(value) for key, value in raw["errors"].items()})
    except (ValueError, IndexError, TypeError, KeyError, AttributeError):
        return None


def read_test_requirements(folder: Path) -> tuple[str, ...]:
    """The requirements of the tests, from the places where projects keep them; lines that are no requirement are left
    out.
    """
    from packaging.requirements import InvalidRequirement, Requirement

    found: dict[str, None] = {}
    for line in (*_from_project(folder), *_from_lists(folder), *_from_tox(folder)):
        text = line.partition(" #")[0].strip()
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.url is None:
            found.setdefault(str(requirement))
    return tuple(found)[:_MOST_REQUIREMENTS]


def _from_project(folder: Path) -> list[str]:
    try:
        project = parse_toml(_text(folder / "pyproject.toml"))
    except ValueError:
        return []
    metadata = project.get("project", {})
    extras = metadata.get("optional-dependencies", {}) if isinstance(metadata, dict) else {}
    found: list[str] = []
    for table in (extras, project.get("dependency-groups", {})):
        for name in _EXTRAS if isinstance(table, dict) else ():
            lines = table.get(name)
            found += [line for line in lines if isinstance(line, str)] if isinstance(lines, list) else []
    return found


def _from_lists(folder: Path) -> list[str]:
    for name in _LISTS:
        text = _text(folder / name)
        if text:
            return [line for line in text.splitlines() if not line.strip().startswith(("-", "#"))]
    return []


def _from_tox(folder: Path) -> list[str]:
    parser = ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(_text(folder / "tox.ini"))
    except ConfigError:
        return []
    deps = parser.get("testenv", "deps", fallback="")
    return [
        line
        for line in deps.splitlines()
        if line.strip() and not line.strip().startswith(("-", "{")) and ":" not in line
    ]


def _text(file: Path) -> str:
    try:
        if file.is_symlink() or not file.is_file() or file.stat().st_size > _LARGEST_TEXT:
            return ""
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""
