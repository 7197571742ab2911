# ruff: noqa: E501 - a row of a table stays on its line
"""Kinds of files beside those that conda itself reads: what is found in each, and near-misses that stay silent."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from lint_helpers import ANACONDA, CONDA, findings, read, rules, write_tree

from tailrace.lint import files as lint_files
from tailrace.lint import rules as lint_rules
from tailrace.lint.engine import report_of, run_lint
from tailrace.lint.errors import UnreadableFileError
from tailrace.lint.files import file_kinds, may_matter, read_file
from tailrace.lint.fix import apply_fixes, fix_document, write

CI = ".github/workflows/ci.yml"
MIXED = ["defaults-mixed"]
INSTALL = "conda install --strict-channel-priority -c conda-forge"


def notebook(*cells: list[str], kind: str = "code") -> str:
    return json.dumps({"cells": [{"cell_type": kind, "source": cell, "outputs": []} for cell in cells]}, indent=1)


def job(*steps: str) -> str:
    return "jobs:\n  a:\n    steps:\n" + "".join(f"      - {step}\n" for step in steps)


def micromamba(*inputs: str) -> str:
    given = "".join(f"          {line}\n" for line in inputs)
    return f"jobs:\n  a:\n    steps:\n      - uses: mamba-org/setup-micromamba@v2\n        with:\n{given}"


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        # construct.yaml
        ("construct.yaml", "name: X\nchannels: [conda-forge, defaults]\nspecs: [python]\n", MIXED),
        (
            "construct.yaml",
            "{% set v = '1' %}\nname: X\nversion: {{ v }}\nchannels:\n  - conda-forge\n  - main  # [win]\nspecs: [python]\n",
            MIXED,
        ),
        (
            "construct.yml",
            f"name: X\nchannels: [conda-forge]\nchannels_remap:\n  - src: {ANACONDA}/pkgs/main\n    dest: a\nspecs: [a]\n",
            [],
        ),
        ("construct.yaml", "name: X\nchannels: [conda-forge]\nspecs: ['defaults::mkl']\n", ["channel-leak"]),
        (
            "construct.yaml",
            "name: X\nchannels: [a]\nspecs: [b]\nextra_envs:\n  e:\n    channels: [bioconda, defaults]\n    specs: [c]\n",
            MIXED,
        ),
        ("construct.yaml", "name: X\nchannels: [conda-forge]\nspecs: [python]\n", []),
        # conda-lock, pixi.lock and explicit lists
        (
            "conda-lock.yml",
            "version: 1\nmetadata:\n  channels:\n  - url: conda-forge\n    used_env_vars: []\n  - url: defaults\npackage: []\n",
            MIXED,
        ),
        (
            "env.conda-lock.yaml",
            f"version: 1\nmetadata:\n  channels:\n  - url: conda-forge\npackage:\n- url: {ANACONDA}/pkgs/main/noarch/a-1-0.conda\n",
            MIXED,
        ),
        (
            "conda-lock.yml",
            f"version: 1\nmetadata:\n  channels:\n  - url: {CONDA}/conda-forge\npackage:\n- url: {CONDA}/conda-forge/noarch/a-1-0.conda\n",
            [],
        ),
        (
            "conda-lock.yml",
            f"version: 1\nmetadata:\n  channels:\n  - url: conda-forge\n  - url: nodefaults\npackage:\n- url: {CONDA}/conda-forge/noarch/a-1-0.conda\n",
            [],
        ),
        (
            "pixi.lock",
            f"version: 6\nenvironments:\n  default:\n    channels:\n    - url: {CONDA}/conda-forge/\n    - url: {ANACONDA}/pkgs/main/\n",
            MIXED,
        ),
        ("explicit.txt", f"@EXPLICIT\n{CONDA}/conda-forge/noarch/a-1-0.conda\n{ANACONDA}/pkgs/r/noarch/b-1-0.conda\n", MIXED),
        ("conda-linux-64.lock", f"# x\n@EXPLICIT\n{CONDA}/conda-forge/label/broken/noarch/a-1-0.conda#00\n", ["canary-label"]),
        ("e.lock", "@EXPLICIT\nhttps://h.example/t/tk-1-2/c/noarch/a-1-0.conda\n", ["channel-credentials"]),
        ("e.txt", f"@EXPLICIT\n{CONDA}/conda-forge/noarch/a-1-0.conda\n{CONDA}/bioconda/noarch/b-1-0.conda\n", []),
        (
            "conda-lock.yml",
            '{"version": 1, "metadata": {"channels": [{"url": "conda-forge", "used_env_vars": []}, {"url": "defaults"}]}}',
            MIXED,
        ),
        ("conda-lock.yml", "version: 1\nmetadata:\n  channels: [conda-forge, defaults]\npackage: []\n", MIXED),
        ("conda-lock.yml", "metadata:\n  channels:\n  - conda-forge\n  - main\n  platforms: [a]\nversion: 0\n", MIXED),
        # project files of other tools
        ("anaconda-project.yml", "name: p\nchannels: [conda-forge, defaults]\npackages: [a]\n", MIXED),
        ("anaconda-project.yml", "channels: [conda-forge]\nenv_specs:\n  e:\n    channels: [defaults]\n", MIXED),
        ("anaconda-project.yml", "channels: [conda-forge]\nenv_specs:\n  e: {}\n  f:\n    packages: [a]\n", []),
        (
            "dependencies.yaml",
            "channels:\n  - conda-forge\n  - defaults\nfiles: {}\ndependencies:\n  a:\n    common:\n"
            "      - output_types: conda\n        packages: [a]\n",
            MIXED,
        ),
        (
            "dependencies.yaml",
            "channels: [conda-forge]\nfiles: {}\ndependencies:\n  a:\n    common:\n      - output_types: [conda]\n"
            "        packages: ['defaults::b']\n      - output_types: pyproject\n        packages: ['main::c']\n",
            ["channel-leak"],
        ),
        ("tox.ini", "[testenv]\nconda_channels = conda-forge, defaults\n", MIXED),
        ("tox.ini", "[testenv:a]\nconda_channels =\n    py312: conda-forge\n    defaults  # why\n", MIXED),
        ("tox.ini", "[testenv]\ncommands =\n    - conda install -c conda-forge \\\n      -c main a\n", MIXED),
        ("tox.ini", "[testenv]\nsetenv =\n    CONDA_CHANNEL_PRIORITY = flexible\n", ["priority-not-strict"]),
        ("tox.ini", "[testenv]\nconda_channels = defaults\n    conda-canary/label/dev\n", ["canary-label"]),
        ("tox.ini", "[testenv]\nconda_channels = conda-forge\nconda_deps =\n    conda-forge::a\n", []),
        ("tox.ini", "[flake8]\n# conda\nconda_channels = conda-forge, defaults\n", []),
        ("setup.cfg", "[tox:testenv]\nconda_channels = conda-forge, defaults\n", MIXED),
        ("config.toml", 'default-channels = ["conda-forge", "main"]\n', MIXED),
        ("pixi-global.toml", '[envs.a]\nchannels = ["conda-forge", "defaults"]\n', MIXED),
        ("pyproject.toml", '[tool.conda-lock]\nchannels = ["conda-forge", "defaults"]\n', MIXED),
        ("nextflow.config", 'conda.channels = ["conda-forge", "bioconda", "defaults"]\n', MIXED),
        ("nextflow.config", "conda {\n  enabled = true\n  channels = 'conda-forge,defaults' // why\n}\n", MIXED),
        ("noxfile.py", 'def t(s):\n    s.conda_install("a", channel=["conda-forge", "defaults"])\n', MIXED),
        ("noxfile.py", 'def t(s):\n    s.run("conda", "install", "-c", "conda-forge", "-c", "main", "a")\n', MIXED),
        ("noxfile.py", 'def t(s):\n    s.conda_install("a", channel="conda-forge")\n    x = ["defaults"]\n', []),
        # scripts inside other formats
        ("Makefile", f"a:\n\t@{INSTALL} -c defaults b\n", MIXED),
        ("Makefile", f"a:\n\t-$(CONDA) {INSTALL[6:]} \\\n\t\t-c defaults b\n", MIXED),
        ("GNUmakefile", "export CONDA_CHANNEL_PRIORITY := flexible\n", ["priority-not-strict"]),
        ("a.mk", f"# {INSTALL} -c defaults b\nX = {INSTALL} -c defaults\na:\n\t@echo '{INSTALL} -c defaults'\n", []),
        ("justfile", f"a:\n    {INSTALL} -c defaults b\n", MIXED),
        ("Jenkinsfile", f"sh '{INSTALL} -c defaults a'\n", MIXED),
        ("Jenkinsfile.release", f'sh """\n  {INSTALL} \\\\\n    -c defaults a\n"""\n', MIXED),
        ("Jenkinsfile", f"sh(script: '{INSTALL} -c defaults a', returnStdout: true)\n", MIXED),
        ("Jenkinsfile", f"// sh '{INSTALL} -c defaults a'\necho '{INSTALL} -c defaults a'\n", []),
        ("Jenkinsfile", "environment { CONDA_CHANNEL_PRIORITY = 'flexible' }\n", ["priority-not-strict"]),
        ("Singularity", f"Bootstrap: docker\nFrom: a\n%post\n  {INSTALL} -c defaults b\n", MIXED),
        ("images/tool.def", "BootStrap: docker\nFrom: condaforge/miniforge3\n%post\n conda install -c conda-forge b\n", []),
        ("a.def", "Bootstrap: docker\nFrom: condaforge/mambaforge\n", ["retired-option"]),
        ("a.def", f"Bootstrap: docker\nFrom: a\n%help\n  {INSTALL} -c defaults b\n", []),
        ("postBuild", f"{INSTALL} -c defaults b\n", MIXED),
        (
            ".devcontainer/devcontainer.json",
            f'{{\n\t// conda\n\t"postCreateCommand": "{INSTALL} -c defaults a", /* x */\n}}\n',
            MIXED,
        ),
        (
            ".devcontainer.json",
            '{"onCreateCommand": {"a": ["conda", "install", "--strict-channel-priority", "-c", "conda-forge",\n'
            '"-c", "defaults", "b"]}}\n',
            MIXED,
        ),
        (".devcontainer.json", f'{{"name": "{INSTALL} -c defaults a"}}\n', []),
        (".devcontainer.json", '{"containerEnv": {"CONDA_CHANNEL_PRIORITY": "flexible"}}\n', ["priority-not-strict"]),
        ("a.ipynb", notebook([f"!{INSTALL} -c defaults a"]), MIXED),
        ("a.ipynb", notebook(["import a\n", f"%{INSTALL} -c defaults a\n", "a.b()"]), MIXED),
        ("a.ipynb", notebook(["%%bash\n", f"{INSTALL} \\\n", '  -c "defaults" a\n']), MIXED),
        ("a.ipynb", notebook([f"!{{sys.executable}} -m {INSTALL} -c defaults a"]), MIXED),
        ("a.ipynb", notebook([f"x = '{INSTALL} -c defaults a'\n", "!conda info"]), []),
        ("a.ipynb", notebook(["!conda install -c conda-forge \\\n", "a\n"], ["%%html\n", "-c defaults"]), ["override-channels-missing"]),
    ],
)  # fmt: skip
def test_what_is_found(path: str, text: str, expected: list[str]) -> None:
    assert may_matter(path)
    assert rules(path, text, notes=False) == expected


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("construct.yaml", "name: x\nkind: skill\nsteps: []\n"),
        ("dependencies.yaml", "dependencies:\n  - name: chart\n    version: 1\n"),
        ("config.toml", "[server]\nport = 1\n"),
        ("yarn.lock", "a@1:\n  version 1\n"),
        ("requirements.txt", "conda\nnumpy\n"),
        ("notes.txt", "a line that ends with @EXPLICIT\n"),
        ("Cargo.lock", "version = 3\n"),
        ("pubspec-lock.yaml", "packages:\n  conda: 1\n"),
        ("exports.def", "EXPORTS\n  conda_init\n"),
        ("pyproject.toml", "[project]\nname = 'conda-lock'\n"),
        ("a.ipynb", notebook(["print('conda')"])),
        ("a.ipynb", notebook([f"!{INSTALL} -c defaults a"], kind="markdown")),
        ("a.config", "// conda\nprocess.cpus = 1\n"),
    ],
)
def test_what_is_another_file_of_the_same_name(path: str, text: str) -> None:
    assert read_file(path, text.encode()) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (micromamba("condarc: |", "  channels:", "    - conda-forge", "    - defaults"), ["defaults-mixed", "priority-unset"]),
        (micromamba('condarc: "channels: [conda-forge, main]\\nchannel_priority: strict"'), MIXED),
        (micromamba("condarc: 'channel_priority: flexible'"), ["priority-not-strict"]),
        (micromamba("condarc: |", "  channels: [conda-forge, nodefaults]", "  channel_priority: strict"), []),
        (micromamba("condarc: ${{ inputs.condarc }}"), []),
        (micromamba("create-args: >-", "  python", "  --channel-priority=flexible"), ["priority-not-strict"]),
        (micromamba("create-args: |", "  -c conda-forge", "  -c defaults", "  python"), MIXED),
        (micromamba("create-args: --no-channel-priority a"), ["priority-not-strict"]),
        (micromamba("create-args: -c conda-forge -c nodefaults --strict-channel-priority a"), []),
        (
            job("uses: conda-incubator/setup-miniconda@v3\n        with: {installer-url: 'https://h.example/Mambaforge-23.sh'}"),
            ["retired-option"],
        ),
        (job("run: conda create --channel-priority flexible -n a b"), ["priority-not-strict"]),
        (job("run: mamba create --channel-priority=strict -c conda-forge b"), []),
        (job("run: conda create --channel-priority=${{ matrix.p }} b"), []),
        (job("run: micromamba config set channel_priority flexible"), ["priority-not-strict"]),
        (
            "jobs:\n  a:\n    steps:\n      - run: conda config --set channel_priority strict\n"
            "  b:\n    steps:\n      - run: conda install -c conda-forge a\n",
            ["override-channels-missing"],
        ),
        (
            "env:\n  CONDA_CHANNEL_PRIORITY: strict\njobs:\n  b:\n    steps:\n      - run: conda install -c conda-forge a\n",
            [],
        ),
        (
            "jobs:\n  a:\n    steps: &s\n      - run: conda config --set channel_priority strict\n"
            "  b:\n    steps:\n      - *s\n      - run: conda install -c conda-forge a\n",
            [],
        ),
        (
            "jobs:\n  a:\n    steps:\n      - run: conda config --add channels defaults\n"
            "  b:\n    steps:\n      - run: conda config --add channels conda-forge\n",
            [],
        ),
        (
            job("run: conda config --add channels defaults", "run: conda config --add channels conda-forge"),
            MIXED,
        ),
    ],
)  # fmt: skip
def test_inputs_options_and_jobs_of_a_workflow(text: str, expected: list[str]) -> None:
    assert rules(CI, text, notes=False) == expected


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            ".gitlab-ci.yml",
            ".setup:\n  before_script: [conda config --set channel_priority strict]\n"
            "a:\n  extends: .setup\n  script: [conda install -c conda-forge a]\n"
            "b:\n  script: [conda install -c conda-forge a]\n",
            [7],
        ),
        (
            "azure-pipelines.yml",
            "jobs:\n- job: a\n  steps:\n  - bash: conda config --set channel_priority strict\n"
            "- job: b\n  steps:\n  - bash: conda install -c conda-forge a\n",
            [7],
        ),
        (
            "Dockerfile",
            "FROM a AS base\nRUN conda config --set channel_priority strict\nFROM base\nRUN conda install -c conda-forge a\n"
            "FROM b\nRUN conda install -c conda-forge a\n",
            [6],
        ),
        (
            "Dockerfile",
            "FROM a AS x\nRUN conda config --system --set channel_priority strict\nFROM b\nCOPY --from=x /opt /opt\n"
            "COPY --from=nowhere /a /a\nRUN conda install -c conda-forge a\n",
            [],
        ),
    ],
)
def test_a_setting_counts_on_its_own_machine_only(path: str, text: str, expected: list[int]) -> None:
    assert [f.line for f in findings(path, text) if f.rule == "override-channels-missing"] == expected


def test_nodefaults_is_known_to_setup_miniconda() -> None:
    step = (
        "      - uses: conda-incubator/setup-miniconda@v3\n        with:\n          channels: conda-forge,nodefaults\n"
    )
    (found,) = findings(CI, f"jobs:\n  a:\n    steps:\n{step}          channel-priority: strict\n")
    assert (found.rule, found.severity) == ("retired-option", "note")


def test_an_action_of_the_repository_is_part_of_the_job() -> None:
    text = (
        "jobs:\n  a:\n    steps:\n      - uses: ./.github/actions/setup\n      - run: conda install -c conda-forge a\n"
    )
    action = (
        "runs:\n  steps:\n    - uses: conda-incubator/setup-miniconda@v3\n      with: {miniforge-version: latest}\n"
    )
    assert [f.rule for f in findings(CI, text)] == ["override-channels-missing"]
    assert findings(CI, text, **{".github/actions/setup/action.yml": action}) == []


def test_a_configuration_file_that_ci_names_is_read(tmp_path: Path) -> None:
    text = micromamba("condarc-file: ci/rc.yml")
    rc = "channels: [conda-forge, defaults]\nchannel_priority: flexible\n"
    write_tree(tmp_path, {CI: text, "ci/rc.yml": rc, "ci/other.yml": rc})
    run = run_lint([str(tmp_path)], disable=(), exclude=())
    found = report_of(run).findings
    assert {(f.rule, Path(f.file).name) for f in found} == {
        ("defaults-mixed", "rc.yml"),
        ("priority-not-strict", "rc.yml"),
    }
    write(run, apply_fixes(run))
    assert (tmp_path / "ci/rc.yml").read_text() == rc.replace("flexible", "strict")


@pytest.mark.parametrize("named", ["../../etc/passwd", "/etc/passwd", "ci/none.yml", "."])
def test_no_file_outside_the_project_is_read(tmp_path: Path, named: str) -> None:
    write_tree(tmp_path, {CI: micromamba(f"condarc-file: {named}")})
    assert [name for name, _ in report_of(run_lint([str(tmp_path)], disable=(), exclude=())).files] == [
        (tmp_path / CI).as_posix()
    ]


@pytest.mark.parametrize(
    ("path", "text", "fixed"),
    [
        (CI, micromamba("condarc: |", "  # why", "  channel_priority: flexible  # é"), ("flexible", "strict")),
        (CI, micromamba("create-args: a --channel-priority=flexible b"), ("flexible", "strict")),
        (CI, micromamba('condarc: "channel_priority: flexible"'), ("flexible", "strict")),
        ("a.ipynb", notebook(["!conda config --set channel_priority flexible\n", "x"]), ("flexible", "strict")),
        ("Jenkinsfile", "sh 'conda config --set channel_priority flexible' // x\n", ("flexible", "strict")),
        ("Makefile", "a:\n\t@conda config --set channel_priority flexible # x\n", ("flexible", "strict")),
        (".devcontainer.json", '{"containerEnv": {"CONDA_CHANNEL_PRIORITY": "flexible"}} // x\n', ("flexible", "strict")),
        ("pixi.toml", '[workspace]\nchannels = ["a"]\nchannel-priority = "disabled"\n', ("", "")),
        (".condarc", "channel_priority: disabled\n", ("", "")),
    ],
)  # fmt: skip
def test_a_fix_changes_the_word_and_nothing_else(path: str, text: str, fixed: tuple[str, str]) -> None:
    once, _ = fix_document(read(path, text))
    assert once.source.text == text.replace(*fixed)
    assert fix_document(once)[0].source.text == once.source.text


@pytest.mark.parametrize(
    "text",
    [
        '[workspace]\nchannels = ["conda-forge"]\nexclude-newer = "7d"\n[tasks]\na = {\n  cmd = "x", # why\n}\n',
        '[workspace]\nchannels = ["conda-forge"]\nexclude-newer = "7d"\nname = "\\e\\x41"\n[a]\nt = 12:30\n',
    ],
)
def test_toml_1_1_is_read(text: str) -> None:
    assert findings("pixi.toml", text) == []


def test_a_policy_is_reported_once_for_a_repository(tmp_path: Path) -> None:
    env = "channels: [conda-forge]\ndependencies: [a]\n"
    kept = "# tailrace: ignore[nodefaults-missing] everybody has Miniforge\n"
    tree = {f"{repo}/envs/{name}.yml": env for repo in "ab" for name in "xyz"}
    write_tree(tmp_path, {**tree, "a/envs/kept.yml": kept + env, "a/.git/HEAD": "", "b/.git/HEAD": ""})
    run = run_lint([str(tmp_path)], disable=(), exclude=())
    report = report_of(run)
    open_ = [f for f in report.findings if f.suppressed is None]
    assert [(f.rule, len(f.places), f.fixable) for f in open_] == [("nodefaults-missing", 3, "safe")] * 2
    assert report.counts.findings == report.counts.warnings == 2
    assert report.counts.places == report.counts.fixable == 6
    assert report.counts.suppressed == 1
    assert all((f.file, f.line, f.column) == (f.places[0].file, f.places[0].line, f.places[0].column) for f in open_)
    write(run, apply_fixes(run))
    after = report_of(run)
    assert (after.counts.findings, after.counts.fixed, after.counts.suppressed) == (0, 6, 1)


def test_what_is_a_decision_of_its_own_is_not_folded() -> None:
    text = "channel_priority: flexible\n"
    document = read(".condarc", text)
    assert [f.rule for f in findings(".condarc", text)] == ["priority-not-strict"]
    assert document.kind == "condarc"


def test_a_new_rule_and_a_new_kind_are_one_file_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "files").mkdir()
    rule = Path(lint_rules.__file__).with_name("channel_repeated.py").read_text()
    (tmp_path / "rules" / "made_up.py").write_text(rule.replace('id="channel-repeated"', 'id="made-up"'))
    kind = Path(lint_files.__file__).with_name("nextflow.py").read_text()
    (tmp_path / "files" / "made_up.py").write_text(kind.replace('id="nextflow"', 'id="made-up"'))
    monkeypatch.setattr(lint_rules, "__path__", [*lint_rules.__path__, str(tmp_path / "rules")])
    monkeypatch.setattr(lint_files, "__path__", [*lint_files.__path__, str(tmp_path / "files")])
    file_kinds.cache_clear()
    try:
        assert set(lint_rules.load_rules()) - set(lint_rules.LINT_RULES) == {"made-up"}
        assert "made-up" in file_kinds()
        assert len(file_kinds()) == len({kind.id for kind in file_kinds().values()})
    finally:
        file_kinds.cache_clear()
        for name in ("rules", "files"):
            sys.modules.pop(f"tailrace.lint.{name}.made_up", None)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.ipynb", '{"cells":' + "[" * 5000 + '"conda'),
        ("a.ipynb", '"conda ' + "/*" * 20_000),
        ("devcontainer.json", 'conda "' + "\\" * 20_001),
        ("Jenkinsfile", "conda " + "'''" * 2001 + "/*" * 20_000),
        ("construct.yaml", "name: x\nchannels: [a]\n" + "{{" * 20_000 + "{%" * 20_000),
        ("x.def", "Bootstrap: docker\n" + "%post\n" * 20_000 + "conda\n" + "Bootstrap: x\n" * 2000),
        ("conda-lock.yml", "version: 1\nconda:\n" + "channels:\n" * 5000 + "channels: [" * 5000),
        ("Dockerfile", "".join(f"FROM a{n} AS a{n + 1}\nCOPY --from=a{n + 1} a b\nRUN conda\n" for n in range(2000))),
        ("noxfile.py", "conda=" + "(" * 3000),
        ("dependencies.yaml", "files: {}\ndependencies: {a: &a [*a]}\nchannels: {a: b}\n"),
        ("anaconda-project.yml", "channels: 3\nenv_specs: [a]\npackages: {a: b}\n"),
        ("pixi-global.toml", "envs = 3\n"),
    ],
)
def test_a_hostile_file_is_read_or_named_and_never_hangs(path: str, text: str) -> None:
    try:
        document = read_file(path, text.encode())
    except UnreadableFileError:
        return
    assert document is None or isinstance(findings(path, text), list)
