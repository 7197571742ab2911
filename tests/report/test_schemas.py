"""Everything that carries a `schema` key has a schema file, which the real output of its command obeys."""

from __future__ import annotations

import json
import subprocess
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tailrace.cli.app import app
from tailrace.cli.failure import run
from tailrace.report.kinds import KINDS
from tailrace.report.schema import load_schema, schema_class, schema_file, schema_names, schema_text

SCHEMAS = Path(__file__).parents[2] / "src" / "tailrace" / "report" / "schemas"
UP_1 = "def old(): ...\nclass Base: ...\n"
UP_2 = "class Base: ...\n"
DOWN = "import up\nup.old()\ndef f():\n    from up import old\n    return old()\n"
INCIDENT = "-c incident/conda-forge -c incident/defaults --subdir linux-64 --report incident/check.json --client conda"
HOTFIX = "incident/hotfixes/2022-05-30-conda-forge.yaml"

#: The name of a schema, and what writes it: a command that prints it, or one after which files hold it.
COMMANDS = [
    ("rule", "explain name-removed -f json"),
    ("lint-rule", "lint --explain defaults-mixed -f json"),
    ("check", "check ./up2 -b ./up1 -d ./down -d ./nosuch -f json"),
    ("check", "verify check.json --sandbox none --level probe --python 2.7 -f json"),
    ("diff", "diff ./up1 ./up2 -f json"),
    ("deprecations", "deprecations ./up1 ./up2 --downstream ./down -f json"),
    ("config", "config show -f json"),
    ("config", "config show --config allow.toml -f json"),
    ("lint", "lint policy -f json"),
    ("nightly", "nightly run --candidate ./up2 --baseline ./up1 --with ./down --level check --sandbox none -f json"),
    ("nightly", "nightly run --config nightly.toml --ledger nights --level check --sandbox none -f json"),
    ("nightly-plan", "nightly plan --config nightly.toml -f json"),
    ("channel-check", "channel check incident/conda-forge -f json"),
    ("channel-check", "channel check incident/conda-forge --against incident/defaults --no-files -f json"),
    ("exposure", f"exposure conda-smithy {INCIDENT} --as-of 2022-05-26 -f json"),
    ("exposure", f"exposure conda-smithy {INCIDENT} --since 2022-05-19 --until 2022-06-12 --priority strict -f json"),
    ("exposure", "exposure conda-smithy<1 -c incident/conda-forge --subdir linux-64 --client conda -f json"),
    ("hotfix-diff", f"hotfix diff {HOTFIX} --repodata incident/conda-forge -f json"),
    ("hotfix-proof", f"hotfix prove {HOTFIX} {INCIDENT} --as-of 2022-05-26 --priority strict -f json"),
    ("hotfix-reach", f"hotfix reach {HOTFIX} -c incident/conda-forge --subdir linux-64 -f json"),
    ("replay", "replay conda-23.9 -f json"),
    ("incident", "incident render --ledger ./incidents -f json"),
    ("matrix", "matrix up down --find-links wheels --offline -f json"),
    ("bounds", "bounds down==1 --find-links wheels --offline -f json"),
    ("tests", "tests ./down -f json"),
    ("tests", "tests ./down --coverage coverage.json -f json"),
    ("scan", "scan ./down ./nosuch --store ./facts -f json"),
    ("scan-failures", "scan ./nosuch --store ./facts --failures failures.json"),
    ("uses", "uses up.old --store ./store -f json"),
    ("uses", "uses up --by file --store ./store -f json"),
    ("dependents", "dependents up --store ./store -f json"),
    ("store-info", "store info --store ./store -f json"),
    ("store-verify", "store verify --store ./store -f json"),
    ("store-gc", "store gc --store ./store -f json"),
    ("cache", "cache info --cache-dir cache -f json"),
    ("cache", "cache clean --cache-dir cache -f json"),
    ("store-generation", "scan ./down --store ./other"),
    ("channel", "channel init ./own"),
    ("decision", "gate evaluate up==2 --target pypi --at 2026-03-03 -f json"),
    ("agenda", "gate calendar --at 2026-03-03 --ledger conda -f json"),
    ("decision", "gate why up==2 --at 2026-03-03 -f json"),
    ("calendar-history", "gate calendar --history --repo tags --ledger conda -f json"),
    ("gate-replay", "gate replay --repo up=tags -f json"),
    ("channel-state", "gate collect conda==4.13.0 --ledger states --no-check"),
    ("evidence", "gate evidence add check.json --made-at 2026-03-03"),
    ("notify-changes", "notify send check.json --ledger other-notify -f json"),
    ("notify-state", "notify status -f json"),
    ("approval", "gate approve up==2 --role release-manager --by ana --at 2026-03-03"),
]

#: What people write, what is put together from channels, and what is sent to others.
TESTED_ELSEWHERE = {"scenario", "nightly-config", "policy", "calendar", "notify", "message"}


def write_wheel(folder: Path, name: str, version: str, module: str) -> None:
    folder.mkdir(exist_ok=True)
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" + "Requires-Dist: up\n" * (name == "down")
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}/__init__.py", module)
        wheel.writestr(f"{name}-{version}.dist-info/METADATA", metadata)
        wheel.writestr(f"{name}-{version}.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{name}-{version}.dist-info/RECORD", "")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two releases and a downstream, a recorded incident, a store, and files that break a policy."""
    folder = tmp_path_factory.mktemp("world")
    for name, version, module in (("up1", "1", UP_1), ("up2", "2", UP_2), ("down", "1", DOWN)):
        package = folder / name / name.rstrip("12")
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(module)
        metadata = f'[project]\nname = "{package.name}"\nversion = "{version}"\n'
        (folder / name / "pyproject.toml").write_text(metadata + 'dependencies = ["up"]\n' * (name == "down"))
        write_wheel(folder / "wheels", package.name, version, module)
    (folder / "policy").mkdir()
    (folder / "policy" / "environment.yml").write_text("channels: [conda-forge, defaults]\ndependencies: [python]\n")
    (folder / "policy" / "conda-lock.yml").write_text("version: [\n")
    (folder / "coverage.json").write_text('{"files": {}, "meta": {}}')
    (folder / "allow.toml").write_text('[[allow]]\nrule = "name-removed"\nsymbol = "up.old"\nreason = "known"\n')
    (folder / "nightly.toml").write_text(
        'schema = "tailrace.nightly-config/1"\n[[projects]]\nname = "up"\ncanary = "./up2"\nreleases = ["./up1"]\n'
        '[[projects]]\nname = "down"\nreleases = ["./down"]\n'
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert run(app, ["replay", "conda-4.13", "--save", "incident"]) == 0
        assert run(app, ["check", "./up2", "-b", "./up1", "-d", "./down", "-f", "json:check.json"]) == 1
        assert run(app, ["scan", "./down", "--store", "./store"]) == 0
        assert run(app, ["incident", "open", "up 2 breaks down", "--ledger", "./incidents"]) == 0
        assert run(app, ["notify", "send", "check.json"]) == 0
        assert run(app, ["gate", "init"]) == 0
        assert run(app, ["gate", "init", "--profile", "conda", "--ledger", "conda"]) == 0
        assert run(app, ["gate", "init", "--profile", "index", "--ledger", "states"]) == 0
        policy = (folder / "states/policy.toml").read_text()
        (folder / "states/policy.toml").write_text(policy.replace("# index =", 'index = "incident/defaults" #'))
        subprocess.run(["git", "init", "-q", "tags"], check=True)
    return folder


@pytest.mark.parametrize("name", sorted(schema_names()))
def test_every_schema_that_the_source_names_has_its_file(name: str) -> None:
    """Written with `python docs/generate.py`, from the struct that has the schema."""
    assert (SCHEMAS.parent / schema_file(name)).is_file()
    assert load_schema(name) == json.loads(schema_text(name))
    jsonschema.Draft202012Validator.check_schema(load_schema(name))


def test_no_schema_file_is_left_over() -> None:
    assert {path.name for path in SCHEMAS.glob("*.json")} == {Path(schema_file(name)).name for name in schema_names()}


#: A list of rules is a JSON array, which has no place for a schema's name.
_ARRAYS = {"rules", "lint-rules"}
#: A rule holds functions; what is written of it is another class.
_DOCUMENTS = {"rule": "RuleDocument", "lint-rule": "LintRuleDocument"}


@pytest.mark.parametrize("name", sorted(KINDS.keys() - _ARRAYS))
def test_every_kind_of_report_has_a_schema(name: str) -> None:
    assert KINDS[name].lines or schema_class(name).__name__ == _DOCUMENTS.get(name, KINDS[name].report)


def documents(value: Any) -> Iterator[dict[str, Any]]:
    """Every JSON object in it that names its schema."""
    if isinstance(value, dict):
        if str(value.get("schema", "")).startswith("tailrace."):
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from documents(one)


@pytest.mark.parametrize(("name", "line"), COMMANDS)
def test_the_output_of_a_command_obeys_its_schema(
    world: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, line: str
) -> None:
    monkeypatch.chdir(world)
    there = set(world.rglob("*.json"))
    status = run(app, line.split())
    out = capsys.readouterr()
    assert status in (0, 1, 3), out.err
    texts = [out.out] if line.endswith("-f json") else [p.read_text() for p in set(world.rglob("*.json")) - there]
    found = [document for text in texts for document in documents(json.loads(text))]
    found = [document for document in found if document["schema"] == f"tailrace.{name}/1"]
    assert found
    for document in found:
        jsonschema.Draft202012Validator(load_schema(name)).validate(document)


def test_every_schema_is_tested_on_real_output() -> None:
    assert {name for name, _ in COMMANDS} | TESTED_ELSEWHERE == set(schema_names())


@pytest.mark.parametrize("name", ["conda-4.13", "conda-23.9"])
def test_the_scenarios_obey_their_schema(name: str) -> None:
    file = SCHEMAS.parents[1] / "replay" / "scenarios" / name / "scenario.toml"
    jsonschema.Draft202012Validator(load_schema("scenario")).validate(tomllib.loads(file.read_text("utf-8")))


@pytest.mark.parametrize("name", sorted(schema_names()))
def test_a_schema_refuses_a_document_of_another_version(name: str) -> None:
    errors = jsonschema.Draft202012Validator(load_schema(name)).iter_errors({"schema": f"tailrace.{name}/2"})
    assert any(list(error.path) == ["schema"] for error in errors)
