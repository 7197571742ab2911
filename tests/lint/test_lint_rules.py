"""Each rule finds its own examples, stays silent beside them, and tables of near-misses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lint_helpers import ANACONDA, CONDA, findings, read, rules

from tailrace.lint.fix import fix_document
from tailrace.lint.rules import LINT_RULES, Example, LintRule, UnknownLintRuleError, get_lint_rule

EXAMPLES = [(rule, example) for rule in LINT_RULES.values() for example in rule.examples]
ids = [f"{rule.id}-{number}" for number, (rule, _) in enumerate(EXAMPLES)]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=ids)
def test_a_rule_finds_the_bad_example_and_not_the_good_one(rule: LintRule, example: Example) -> None:
    assert rule.id in {f.rule for f in findings(example.path, example.bad, **example.beside)}
    assert rule.id not in {f.rule for f in findings(example.path, example.good, **example.beside) if not f.suppressed}


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=ids)
def test_a_good_example_breaks_no_other_rule(rule: LintRule, example: Example) -> None:
    failing = [f for f in findings(example.path, example.good) if f.severity != "note" and f.suppressed is None]
    assert failing == []


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=ids)
def test_an_example_is_mended_as_the_rule_says(rule: LintRule, example: Example) -> None:
    fixed, count = fix_document(read(example.path, example.bad), unsafe=True)
    fixable = [f for f in findings(example.path, example.bad) if f.rule == rule.id and f.fixable]
    assert bool(fixable) == (example.fixed is not None)
    if example.fixed is not None:
        assert fixed.source.text == example.fixed
        assert count >= 1


@pytest.mark.parametrize("rule", LINT_RULES.values(), ids=list(LINT_RULES))
def test_every_rule_explains_itself(rule: LintRule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.id)
    assert rule.summary.endswith(".")
    assert "\n" not in rule.summary
    assert not rule.title.endswith(".")
    assert rule.why.strip()
    assert rule.repair.strip()
    assert rule.examples


def test_every_rule_has_a_file_of_its_name() -> None:
    folder = Path(__file__).parents[2] / "src" / "tailrace" / "lint" / "rules"
    assert {path.stem for path in folder.glob("*.py")} - {"__init__", "interface"} == {
        rule_id.replace("-", "_") for rule_id in LINT_RULES
    }


def test_an_unknown_rule_names_the_nearest() -> None:
    with pytest.raises(UnknownLintRuleError) as caught:
        get_lint_rule("default-mixed")
    assert caught.value.nearest == "defaults-mixed"


ENV = "environment.yml"
STEP = "jobs:\n  t:\n    steps:\n      - uses: conda-incubator/setup-miniconda@v3\n        with:\n"
CI = ".github/workflows/ci.yml"


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        # environment files
        (ENV, "dependencies: [a]\nchannels: [conda-forge, nodefaults]\n", []),
        (ENV, f"dependencies: [a]\nchannels: [conda-forge, {ANACONDA}/pkgs/main]\n", ["defaults-mixed"]),
        (ENV, f"dependencies: [a]\nchannels: [{CONDA}/conda-forge, anaconda]\n", ["defaults-mixed"]),
        (ENV, "dependencies: [a]\nchannels: [bioconda, defaults]\n", ["channel-order", "defaults-mixed"]),
        (ENV, "dependencies: [a]\nchannels: [conda-forge, company/main, nodefaults]\n", []),
        (ENV, "dependencies: [a]\nchannels: [defaults]\n", []),
        (ENV, "dependencies: [a]\nchannels: [defaults, pytorch]\n", []),
        (ENV, "name: x\ndependencies: [a]\nchannels: [nodefaults]\n", ["defaults-implicit"]),
        (ENV, "name: x\ndependencies: ['conda-forge::a', 'conda-forge::b']\n", ["channel-leak"]),
        (ENV, "name: x\ndependencies: [pip, python, {pip: [a]}]\n", []),
        (ENV, "channels: [conda-forge, nodefaults]\ndependencies: ['conda-forge::a']\n", []),
        (ENV, "channels: [conda-forge, nvidia, nodefaults]\ndependencies: ['nvidia::a >=1']\n", ["channel-leak"]),
        (
            ENV,
            "channels: [conda-forge, nodefaults]\ndependencies: ['nvidia/label/x::a']\n",
            ["canary-label", "channel-leak"],
        ),
        (ENV, "channels: [conda-forge, nodefaults]\ndependencies: ['a[channel=nvidia]']\n", ["channel-leak"]),
        (ENV, "channels: [conda-forge, nodefaults]\ndependencies: [{pip: ['a::b']}]\n", []),
        (
            ENV,
            "channels: [conda-forge/label/main, conda-forge/label/cf202003, nodefaults]\ndependencies: [a]\n",
            ["canary-label"],
        ),
        ("env-nightly.yml", "channels: [rapidsai-nightly, conda-forge, nodefaults]\ndependencies: [a]\n", []),
        (
            "env-prod.yml",
            "channels: [rapidsai-nightly, conda-forge, nodefaults]\ndependencies: [a]\n",
            ["canary-label"],
        ),
        ("envs/conda.yml", "channels: [conda-forge, nodefaults]\ndependencies: [conda-build]\n", ["tandem-unbounded"]),
        (ENV, "channels: [conda-forge, nodefaults]\ndependencies: [conda=24, conda-build]\n", []),
        (ENV, "channels: [conda-forge, nodefaults]\ndependencies: [conda-build-tools]\n", []),
        # configuration
        (".condarc", "channel_priority: strict\nchannels: [conda-forge, defaults]\n", ["defaults-mixed"]),
        (".condarc", "channel_priority: true\n", ["priority-not-strict"]),
        (".condarc", "channel_priority: Strict\n", []),
        (".condarc", "channels: [conda-forge]\n", []),
        (".condarc", "channels: [conda-forge, nodefaults]\n", ["nodefaults-misplaced"]),
        (".condarc", "channel_priority: strict\nchannels: [a, a/label/cf1]\n", ["canary-label", "channel-order"]),
        (".condarc", "channel_priority: strict\nchannels: [a/label/cf1, a]\n", ["canary-label"]),
        (".mambarc", "channels: [a, b]\n", ["priority-unset"]),
        ("condarc.d/10.yml", "auto_update_conda: yes\n", ["conda-auto-update"]),
        (".condarc", "auto_update_conda: false\n", []),
        (".condarc", "default_channels: []\n", []),
        (".condarc", "default_channels: [conda-forge]\n", ["defaults-repointed"]),
        (".condarc", f"default_channels: ['{ANACONDA}/pkgs/main']\n", []),
        (".condarc", f"channel_alias: {CONDA}\n", []),
        (".condarc", "channel_alias: https://mirror.example/conda\n", ["defaults-repointed"]),
        (".condarc", "pinned_packages: ['conda-forge::numpy=1']\n", ["channel-leak"]),
        (".condarc", "pinned_packages: ['numpy=1']\n", []),
        (".condarc", "repodata_fns: [current_repodata.json, repodata.json]\n", []),
        (".condarc", "channels: [a]\nallowlist_channels: [b]\n", ["allowlist-contradiction"]),
        (
            ".condarc",
            f"channels: [defaults]\ndenylist_channels: ['{ANACONDA}/pkgs/main']\n",
            ["allowlist-contradiction"],
        ),
        (".condarc", "allowlist_channels: [a]\ndenylist_channels: [a]\n", ["allowlist-contradiction"]),
        (".condarc", "channels: [a]\nallowlist_channels: [a, b]\n", []),
        (".condarc", "channels: ['http://localhost:8000/a']\n", []),
        (
            ".condarc",
            "channels: ['http://me:secret@mirror.example/a']\n",
            ["channel-credentials", "channel-unverified"],
        ),
        (".condarc", "channels: ['https://$USER:$PASSWORD@mirror.example/a']\n", []),
        # feedstocks
        ("conda-forge.yml", "channel_priority: strict\n", []),
        ("conda-forge.yml", "channel_priority: disabled\n", ["priority-not-strict"]),
        ("conda-forge.yml", "remote_ci_setup: ['conda-forge-ci-setup=4', 'conda-build>=24.1']\n", ["tandem-unbounded"]),
        ("conda-forge.yml", "channels:\n  sources: [[conda-forge, defaults]]\n", ["retired-option"]),
        ("conda-forge.yml", "channels:\n  sources: [conda-forge, defaults]\n", ["defaults-mixed", "retired-option"]),
        (
            "recipe/conda_build_config.yaml",
            "channel_sources: ['conda-forge/label/x_rc,conda-forge']\n",
            ["canary-label"],
        ),
        ("recipe/conda_build_config.yaml", "channel_targets: ['conda-forge main']\nnumpy: [1.26]\n", []),
        ("recipe/conda_build_config.yaml", "channel_targets: ['defaults main']\n", ["upload-label-unguarded"]),
        (".ci_support/linux.yaml", "channel_sources: ['conda-forge,defaults']\n", ["defaults-mixed"]),
        # recipes
        ("meta.yaml", "package:\n  name: a\nrequirements:\n  run:\n    - python {{ x }}  # [py<30] a::b\n", []),
        ("meta.yaml", "{% set c = 'x::y' %}\npackage:\n  name: a\nabout:\n  run:\n    - a::b\n", []),
        (
            "meta.yaml",
            "package:\n  name: a\noutputs:\n  - name: b\n    requirements:\n      - main::c\n",
            ["channel-leak"],
        ),
        ("meta.yaml", "package:\n  name: a\ntest:\n  requires:\n    - x::pytest\n", ["channel-leak"]),
        ("meta.yaml", "package:\n  name: a\nrequirements:\n  run:\n    - conda-build\n    - conda <24\n", []),
        (
            "recipe.yaml",
            "package:\n  name: a\nrequirements:\n  run:\n    - if: unix\n      then: x::a\n",
            ["channel-leak"],
        ),
        ("recipe.yaml", "package:\n  name: a\nrequirements:\n  host:\n    - ${{ compiler('c') }}\n    - python\n", []),
        # pixi
        ("pixi.toml", '[workspace]\nchannels=["conda-forge"]\nexclude-newer="1d"\n', []),
        ("pixi.toml", '[project]\nchannels=["conda-forge"]\n', ["cutoff-missing"]),
        ("pixi.toml", '[workspace]\nchannels=["conda-forge","main"]\nexclude-newer="1d"\n', ["defaults-mixed"]),
        (
            "pyproject.toml",
            '[tool.pixi.workspace]\nchannels=["conda-forge"]\nchannel-priority="disabled"\n',
            ["cutoff-missing", "priority-not-strict"],
        ),
        (
            "pixi.toml",
            'workspace={channels=["conda-forge"], exclude-newer="1d"}\n[feature.a]\nchannels=["b"]\n',
            ["feature-widens-channels"],
        ),
        (
            "pixi.toml",
            '[workspace]\nchannels=["conda-forge"]\nexclude-newer="1d"\n[feature.a]\nchannels=["conda-forge","b"]\n',
            [],
        ),
        (
            "pixi.toml",
            '[workspace]\nchannels=["conda-forge"]\nexclude-newer="1d"\n[target.osx.dependencies]\n'
            'a={version="1", channel="conda-forge"}\n',
            [],
        ),
        # containers
        (
            "Dockerfile",
            "FROM continuumio/miniconda3\nRUN conda config --remove channels defaults\n"
            "RUN conda install -c conda-forge a\n",
            [],
        ),
        ("Dockerfile", "FROM continuumio/miniconda3\n", ["defaults-installer"]),
        ("Dockerfile", "FROM mambaorg/micromamba\nRUN micromamba install -c conda-forge a\n", []),
        ("Dockerfile", "FROM x/miniconda-free-thing\nRUN echo conda\n", []),
        ("Dockerfile", "FROM a AS miniconda3\nFROM miniconda3\nRUN echo conda\n", []),
        ("Dockerfile", "FROM a\n# RUN conda install -c conda-forge a\nRUN echo 'conda install -c conda-forge a'\n", []),
        (
            "Dockerfile",
            "FROM a\nRUN x && \\\n  # why\n\n  conda install \\\n   -c conda-forge a\n",
            ["override-channels-missing"],
        ),
        (
            "Dockerfile",
            'FROM a\nRUN ["conda", "config", "--set", "channel_priority", "false"]\n',
            ["priority-not-strict"],
        ),
        (
            "Dockerfile",
            "FROM a\nRUN <<EOF\nconda config --set channel_priority disabled\nEOF\n",
            ["priority-not-strict"],
        ),
        ("Dockerfile", "FROM a\nENV CONDA_CHANNEL_PRIORITY=flexible X=1\n", ["priority-not-strict"]),
        ("Dockerfile", "FROM condaforge/mambaforge:latest\n", ["retired-option"]),
        ("Dockerfile", "FROM condaforge/miniforge3\nENV PATH=/opt/mambaforge/bin:$PATH\n", []),
        # CI
        (CI, STEP + "          channels: conda-forge\n", ["setup-action-keeps-defaults"]),
        (CI, STEP + "          channels: conda-forge\n          conda-remove-defaults: ${{ x }}\n", []),
        (CI, STEP + "          channels: conda-forge\n          condarc-file: .condarc\n", []),
        (
            CI,
            STEP + "          channels: conda-forge,defaults\n          channel-priority: strict\n",
            ["defaults-mixed"],
        ),
        (CI, STEP + "          channel-priority: ${{ matrix.p }}\n", []),
        (CI, STEP + "          python-version: 3.12  # conda\n", []),
        (CI, STEP + "          auto-update-conda: true\n", ["conda-auto-update"]),
        (CI, "jobs:\n  a:\n    steps:\n      - run: |\n          conda update conda\n", ["conda-auto-update"]),
        (CI, "jobs:\n  a:\n    steps:\n      - run: conda update --all\n", []),
        (CI, "jobs:\n  a:\n    steps:\n      - run: 'sudo conda install conda-build'\n", ["tandem-unbounded"]),
        (CI, "jobs:\n  a:\n    steps:\n      - run: conda install conda=24 conda-build=24\n", []),
        (
            CI,
            "jobs:\n  a:\n    steps:\n      - run: >\n          conda install\n          -c conda-forge a\n",
            ["override-channels-missing"],
        ),
        (CI, "env:\n  CONDA_CHANNEL_PRIORITY: flexible\n", ["priority-not-strict"]),
        (CI, "env:\n  CONDA_ENV: flexible\n", []),
        (
            ".gitlab-ci.yml",
            "t:\n  image: continuumio/miniconda3\n  script:\n    - conda install -c conda-forge a\n",
            ["defaults-installer", "override-channels-missing"],
        ),
        (".gitlab-ci.yml", "t:\n  image: condaforge/miniforge3\n  script:\n    - conda install -c conda-forge a\n", []),
        (
            "azure-pipelines.yml",
            "steps:\n- bash: conda config --add channels label/x\n- script: conda info\n",
            ["canary-label"],
        ),
        # scripts
        (
            "a.sh",
            "conda config --add channels conda-forge\nconda config --append channels defaults\n",
            ["defaults-mixed"],
        ),
        ("a.sh", "conda install -c conda-forge -c defaults --strict-channel-priority a\n", ["defaults-mixed"]),
        ("a.sh", "# conda install -c conda-forge a\necho conda install -c conda-forge a\n", []),
        ("a.sh", "cat <<EOF\nconda install -c conda-forge a\nEOF\n", []),
        ("a.sh", "bash -lc 'conda install -c conda-forge a'\n", ["override-channels-missing"]),
        (
            "a.sh",
            "if true; then FOO=1 $CONDA/bin/conda install -y -cconda-forge a; fi\n",
            ["override-channels-missing"],
        ),
        ("a.sh", "X=$(conda install -c conda-forge a)\n", ["override-channels-missing"]),
        ("a.sh", "conda install -c $CHANNEL a\n", []),
        ("a.sh", "conda search -c conda-forge a\n", []),
        ("a.sh", "conda config --set channel_priority strict\nconda install -c conda-forge a\n", []),
        ("a.sh", "conda install --no-channel-priority a\n", ["priority-not-strict"]),
        ("a.sh", "export CONDA_CHANNEL_PRIORITY='disabled'\n", ["priority-not-strict"]),
        ("a.sh", "conda install conda-forge::a\n", ["channel-leak"]),
        (
            "a.bat",
            "rem conda install -c conda-forge a\r\ncall conda install ^\r\n -c conda-forge a\r\n",
            ["override-channels-missing"],
        ),
        ("a.ps1", "C:\\Tools\\conda.exe update conda\n", ["conda-auto-update"]),
        ("tools/run", "#!/usr/bin/env bash\nconda tos accept\n", ["defaults-terms-accepted"]),
    ],
)
def test_what_is_found_in_a_file(path: str, text: str, expected: list[str]) -> None:
    assert rules(path, text) == expected


def test_a_label_is_guarded_by_the_feedstock_s_own_branch() -> None:
    path, text = "f/recipe/conda_build_config.yaml", "channel_targets: ['conda-forge a_rc']\n"
    assert [f.rule for f in findings(path, text)] == ["upload-label-unguarded"]
    assert findings(path, text, **{"f/conda-forge.yml": "upload_on_branch: rc\n"}) == []
    assert findings(path, text, **{"g/conda-forge.yml": "upload_on_branch: rc\n"}) != []


def test_generated_files_are_only_noted() -> None:
    text = "# This file was generated automatically from conda-smithy.\nsteps:\n- bash: conda update conda\n"
    (found,) = findings("azure-pipelines.yml", text)
    assert (found.severity, found.generated, found.fixable) == ("note", True, None)


def test_a_place_is_that_of_the_word_in_the_file() -> None:
    head = "# é\njobs:\n  a:\n    steps:\n      - run: |\n          echo é\n"
    text = head + "          conda config --set channel_priority false\n"
    (found,) = findings(CI, text)
    assert (found.line, found.column) == (7, 47)
    assert text.splitlines()[6][46:] == "false"


def test_secrets_are_never_repeated() -> None:
    text = "channels:\n  - https://me:s3cr3t@mirror.example/t/tk-99/company\n  - https://me:s3cr3t@mirror.example/label/dev\n"
    assert "s3cr3t" not in repr(findings(".condarc", text))
    assert "tk-99" not in repr(findings(".condarc", text))
