"""Programs that a downstream runs from files of every kind: what is gone speaks, what is near it is silent."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

import time
from pathlib import Path

import pytest
from trees import Case, Files, cases, told

from tailrace.python.commandlines.callers import read_calls

CLICK = "import click\n@click.command()\n@click.option('--kept')\n{}def main(**k): ...\n"
OLD: Files = {"up/__init__.py": CLICK.format("@click.option('--gone')\n")}
NEW: Files = {"up/__init__.py": CLICK.format("")}
SCRIPT = '[project.scripts]\nup = "up:main"\n'
GONE = "option-removed up --gone"


def _f(name: str, file: str, text: str, *said: str) -> Case:
    return Case(name, OLD, NEW, {"dn/__init__.py": "", file: text}, said, SCRIPT)


FILES = cases(
    *(
        _f(f"{file}: {text!r}", file, text, "possible", f"{GONE} {file}:{text[: text.index('--gone')].count(chr(10)) + 1} possible")
        for file, text in (
            ("tox.ini", "[testenv]\ncommands = up --gone x\n"),
            ("tox.ini", "[testenv]\ncommands =\n    pip list\n    - up --kept 1 --gone x\n"),
            ("tox.ini", "[testenv]\ncommands = {envpython} -m coverage run\n    up --kept={toxinidir} --gone {posargs}\n"),
            ("setup.cfg", "[tox:tox]\ncommands = up --gone\n"),
            ("Makefile", "lint:\n\tup --gone x\n"),
            ("Makefile", "lint:\n\t@cd x && up --gone x\n"),
            ("Makefile", "lint:\n\tPYTHONPATH=. $(PYTHON) -m up --gone\n"),
            (".github/workflows/ci.yml", "jobs:\n  a:\n    steps:\n      - run: up --gone\n"),
            (".github/workflows/ci.yml", "jobs:\n  a:\n    steps:\n      - run: |\n          echo\n          up --gone x\n"),
            (".gitlab-ci.yml", "lint:\n  script:\n    - up --gone\n"),
            ("azure-pipelines.yml", "steps:\n- script: poetry run up --gone\n"),
            (".circleci/config.yml", "jobs:\n  a:\n    steps:\n      - run:\n          command: up --gone\n"),
            ("ci/run.sh", "set -e\nif up --gone; then\n  true\nfi\n"),
            ("ci/run.sh", "X=$(up --gone x)\n"),
            ("Dockerfile", "FROM x\nRUN apt update && up --gone\n"),
            ("Dockerfile", 'FROM x\nENTRYPOINT ["up", "--gone"]\n'),
            (".pre-commit-config.yaml", "repos:\n- repo: local\n  hooks:\n  - id: up\n    entry: up --gone\n"),
            (".pre-commit-config.yaml", "repos:\n- repo: local\n  hooks:\n  - id: x\n    entry: up\n    args: [x, '--gone']\n"),
            (".pre-commit-config.yaml", "repos:\n- repo: local\n  hooks:\n  - id: x\n    args:\n    - --gone\n    entry: up x\n"),
            (".pre-commit-config.yaml", "repos:\n- repo: https://host/up\n  rev: v1\n  hooks:\n  - id: up\n    args: [\n      --gone]\n"),
            ("ci/run.sh", "bash <<EOF\nup --gone\nEOF\n"),
            ("pyproject.toml", '[project]\nname = "dn"\nversion = "1"\ndependencies = ["up"]\n[tool.poe.tasks]\nlint = "up --gone"\n'),
        )
        if "-m up" not in text
    ),
    _f("an option that stays", "Makefile", "lint:\n\tup --kept x\n", "clear"),
    _f("another program", "Makefile", "lint:\n\tother up --gone\n", "clear"),
    _f("another program of a like name", "Makefile", "lint:\n\tup-other --gone\n", "clear"),
    _f("a comment", "Makefile", "lint:\n\t# up --gone\n", "clear"),
    _f("an echo", "ci/run.sh", "echo up --gone\n", "clear"),
    _f("a folded block", ".gitlab-ci.yml", "lint:\n  script: >\n    up x\n    --gone\n  stage: a\n", "possible", f"{GONE} .gitlab-ci.yml:3 possible"),
    _f("after a folded block", ".gitlab-ci.yml", "lint:\n  script: >\n    up x\n  stage: --gone\n", "clear"),
    _f("a text for a file", "ci/run.sh", "cat <<'EOF' > x.md\nup --gone\nEOF\nup x\n", "clear"),
    _f("an echo in quotes", "Makefile", 'all:\n\t@echo "up --gone"\n', "clear"),
    _f("an echo of a result", "ci/run.sh", "echo $(up --gone)\n", "possible", f"{GONE} ci/run.sh:1 possible"),
    _f("after an echo", "ci/run.sh", "echo x && up --gone\n", "possible", f"{GONE} ci/run.sh:1 possible"),
    _f("arguments of another hook", ".pre-commit-config.yaml", "repos:\n- repo: local\n  hooks:\n  - id: x\n    entry: up\n    args: [--kept]\n  - id: y\n    entry: other\n    args: [--gone]\n", "clear"),
    _f("an installation", "ci/run.sh", "pip install up --gone\n", "clear"),
    _f("a name in a workflow", "ci.yml", "steps:\n- name: up --gone\n", "clear"),
    _f("after the end of options", "ci/run.sh", "up -- --gone\n", "clear"),
    _f("in a variable of make", "Makefile", "RUN ?= poetry run\nUP = $(RUN) up\nlint:\n\t@$(UP) --gone x\n", "possible", f"{GONE} Makefile:4 possible"),
    _f("in a variable of the shell", "ci/run.sh", 'UP="python -m up"\nup x && $UP --gone x\n', "clear"),
    _f("in a variable of the shell, by its name", "ci/run.sh", "UP=up\n${UP} --gone x\n", "possible", f"{GONE} ci/run.sh:2 possible"),
    _f("in a variable that is set twice", "Makefile", "UP = up\nUP = other\nlint:\n\t$(UP) --gone x\n", "clear"),
    _f("a title in a workflow", "azure-pipelines.yml", "steps:\n- bash: up x\n  displayName: up --gone\n", "clear"),
    _f("the value of an option of another program", "ci/run.sh", "python -m pytest --cov=up --gone tests\n", "clear"),
    _f("the value of a variable", "ci/run.sh", "X=1 up --gone tests\n", "possible", f"{GONE} ci/run.sh:1 possible"),
    _f("a file of data", "a.csv", "up --gone\n", "clear"),
)  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_files_that_run_programs(case: Case, tmp_path: Path) -> None:
    assert told(tmp_path, case) == case.said


def _p(
    name: str,
    down: str,
    *said: str,
    old: Files = OLD,
    new: Files = NEW,
    old_project: str = SCRIPT,
    new_project: str | None = None,
    file: str = "dn/__init__.py",
) -> Case:
    return Case(name, old, new, {"dn/__init__.py": "", file: down}, said, old_project, new_project)  # fmt: skip


ARGPARSE = "import argparse\ndef main(argv=None):\n    p = argparse.ArgumentParser()\n    p.add_argument('--output')\n    p.add_argument('--verbose', action='store_true')\n{}    p.parse_args(argv)\n"
SHORT: Files = {"up/__init__.py": ARGPARSE.format("")}
LONGER: Files = {"up/__init__.py": ARGPARSE.format("    p.add_argument('--output-encoding')\n")}
CONDA: Files = {
    "up/__init__.py": "import argparse\nfrom elsewhere import more\ndef main():\n    p = argparse.ArgumentParser()\n    sub = p.add_subparsers()\n    for name in ('a', 'b', 'c', 'd', 'e'):\n        sub.add_parser(name).add_argument('--gone')\n    more(p, sub)\n    p.parse_args()\n"
}
INDEX: Files = {
    "up/__init__.py": "import argparse\ndef main():\n    argparse.ArgumentParser().parse_args()\nindex = main\n"
}
TWO = SCRIPT + 'host-index = "up:index"\n'
LINE = f"{GONE} dn/__init__.py"
PYTHON = cases(
    _p("a text with %", "import os\nos.system('up --gone %s' % path)\n", "breaks", f"{LINE}:2"),
    _p("a text with format", "import os\nos.system('up --kept {} --gone'.format(x))\n", "breaks", f"{LINE}:2"),
    _p("a text that is added up", "import os\nos.system('up ' + x + ' --gone')\n", "breaks", f"{LINE}:2"),
    _p("a text in a variable", "import subprocess\ncmd = 'up --gone %s' % x\nsubprocess.call(cmd, shell=True)\n", "breaks", f"{LINE}:3"),
    _p("words that are joined", "import os\nos.system(' '.join(['up', '--gone', x]))\n", "breaks", f"{LINE}:2"),
    _p("words that are joined later", "cmd = ['up', '--gone']\ntext = ' '.join(map(str, cmd))\n", "breaks", f"{LINE}:1 likely"),
    _p("a template with another Python", "head = '%s -m up' % python\nwords = [head, '--gone']\nrun(words)\n", "breaks", f"{LINE}:2"),
    _p("a template of the class, with words that are joined", "import os\nclass R:\n    text = 'up %s %s'\n    def run(self, x):\n        words = ' '.join(['--gone', '--kept'])\n        os.system(self.text % (words, x))\n", "breaks", f"{LINE}:6"),
    _p("a template of two classes", "import os\nclass R:\n    text = 'up %s'\n    def run(self, x):\n        os.system(self.text % '--gone')\nclass S:\n    text = 'other %s'\n", "clear"),
    _p("nox", "import nox\n@nox.session\ndef lint(session):\n    session.run('up', '--gone')\n", "possible", f"{GONE} noxfile.py:4 possible", file="noxfile.py"),
    _p("nox, a text among others", "import nox\n@nox.session\ndef lint(session):\n    session.run('grep', '-r', 'up --gone', 'docs')\n", "clear", file="noxfile.py"),
    _p("a text for a shell", "import nox\n@nox.session\ndef lint(session):\n    session.run('bash', '-c', 'up --gone')\n", "possible", f"{GONE} noxfile.py:4 possible", file="noxfile.py"),
    _p("an abbreviation that begins two options now", "import subprocess\nsubprocess.run(['up', '--out', 'x'])\n", "breaks", "option-removed up --out dn/__init__.py:2", old=SHORT, new=LONGER),
    _p("an abbreviation of one of them", "import subprocess\nsubprocess.run(['up', '--output-e', 'x'])\n", "clear", old=SHORT, new=LONGER),
    _p("the whole option", "import subprocess\nsubprocess.run(['up', '--output=x', '--verb'])\n", "clear", old=SHORT, new=LONGER),
    _p("what conda runs by a plug-in now", "import subprocess\nsubprocess.run(['conda', 'index', 'x'])\n", "clear", old=INDEX, new={**INDEX, "up/plugin.py": "import conda.plugins\ndef conda_subcommands():\n    yield conda.plugins.CondaSubcommand(name='index', action=f)\n"}, old_project=SCRIPT + 'conda-index = "up:index"\n', new_project=SCRIPT),
    _p("a subcommand that another distribution gives", "import subprocess\nsubprocess.run(['conda', 'build', '--gone'])\n", "clear", old={"up/__init__.py": CONDA["up/__init__.py"] + "# --gone\n"}, new=CONDA, old_project='[project.scripts]\nconda = "up:main"\n'),
    _p("nox, another program", "import nox\n@nox.session\ndef lint(session):\n    session.run('other', 'up', '--gone')\n", "clear", file="noxfile.py"),
    _p("a list for somebody else", "import up\ndef f(project):\n    project.set_value('packages', ['up'])\n", "clear", new_project='[project.scripts]\nup2 = "up:main"\n'),
    _p("dispatch by a host", "import subprocess\nsubprocess.run(['host', 'index', 'x'])\n", "breaks", "entry-point-removed script:host-index dn/__init__.py:2", old_project=TWO, new_project=SCRIPT),
    _p("an option of a dispatched command", "import subprocess\nsubprocess.run(['git', 'up', '--gone'])\n", "breaks", "option-removed git-up --gone dn/__init__.py:2", old_project='[project.scripts]\ngit-up = "up:main"\n'),
    _p("the module of a program", "import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'up', '--gone'])\n", "breaks", f"{LINE}:2", old={**OLD, "up/__main__.py": "from up import main\nmain()\n"}, new={**NEW, "up/__main__.py": "from up import main\nmain()\n"}),
    _p("another command of the host", "import subprocess\nsubprocess.run(['host', 'other', 'x'])\n", "clear", old_project=TWO, new_project=SCRIPT),
)  # fmt: skip


@pytest.mark.parametrize("case", PYTHON)
def test_calls_of_python(case: Case, tmp_path: Path) -> None:
    assert told(tmp_path, case) == case.said


TABLE = "OPTIONS = [{}]\ndef main():\n    from elsewhere import build\n    build(OPTIONS)\n"
DOCOPT = '"""Usage: up [options]\n\nOptions:\n  --kept  Kept.\n{}"""\nimport docopt\ndef main():\n    return docopt.docopt(__doc__)\n'
FIRE = "import fire\ndef main():\n    fire.Fire(run)\ndef run(kept, {}): ...\n"
MAPPING = "import fire\ndef main():\n    fire.Fire({{'{}': run, 'kept': run}})\ndef run(path): ...\n"
CALL = "import subprocess\nsubprocess.check_call(['up', '--gone', 'x'])\n"


def _u(name: str, old: str, new: str, *said: str, down: str = CALL) -> Case:
    return _p(name, down, *said, old={"up/__init__.py": old}, new={"up/__init__.py": new})


UNREAD = cases(
    _u("a table of its own", TABLE.format("('--gone', 1), ('--kept', 2)"), TABLE.format("('--kept', 2)"), "breaks", f"{LINE}:2 likely"),
    _u("docopt", DOCOPT.format("  --gone  Gone.\n"), DOCOPT.format(""), "breaks", f"{LINE}:2 likely"),
    _u("a flag made by a helper", TABLE.format("boolean('--[no-]gone')"), TABLE.format(""), "breaks", f"{LINE}:2 likely"),
    _u("the parameters of a function", FIRE.format("gone"), FIRE.format("other"), "breaks", f"{LINE}:2 likely"),
    _u("a parameter that stays", FIRE.format("gone"), FIRE.format("gone, more"), "clear"),
    _u("an option that stays", TABLE.format("('--gone', 1), ('--kept', 2)"), TABLE.format("('--gone', 1)"), "clear"),
    _u("an option under its own name elsewhere", TABLE.format("('--gone', 1)"), "import typer\n" + TABLE.format("gone"), "possible"),
    _u("a word that is no option", TABLE.format("('--gone', 1)"), TABLE.format("gone"), "breaks", f"{LINE}:2 likely"),
    _u("a name without its dashes", TABLE.format("option('gone'), option('kept')"), TABLE.format("option('kept')"), "breaks", f"{LINE}:2 likely"),
    _u("an abbreviation that stays", DOCOPT.format("  --gone-by  Gone.\n"), DOCOPT.format("  --gone-by  Gone, more.\n"), "clear"),
    _u("a subcommand of a mapping", MAPPING.format("gone"), MAPPING.format("left"), "breaks", "option-removed up gone dn/__init__.py:2 likely", down=CALL.replace("--gone", "gone")),
    _u("a subcommand that is another word now", MAPPING.format("gone"), MAPPING.format("left") + "x.gone()\n", "possible", down=CALL.replace("--gone", "gone")),
    _u("a subcommand that stays", MAPPING.format("gone"), MAPPING.format("gone") + "y = 1\n", "clear", down=CALL.replace("--gone", "gone")),
    _u("an option of another program", TABLE.format("('--gone', 1)"), TABLE.format(""), "clear", down=CALL.replace("'up'", "'other'")),
)  # fmt: skip


@pytest.mark.parametrize("case", UNREAD)
def test_programs_whose_options_cannot_be_read(case: Case, tmp_path: Path) -> None:
    assert told(tmp_path, case) == case.said


HOSTILE = [
    "poetry run" + " -a" * 300 + " x",
    "a/" * 490,
    "x=" * 490,
    "sudo " * 190,
    "- " * 480,
    '"' * 900,
    "poetry run -a=" + "b " * 400,
]


@pytest.mark.parametrize("line", HOSTILE)
def test_a_hostile_line_takes_no_time(line: str) -> None:
    began = time.process_time()
    assert list(read_calls("run.sh", f"{line}\n{line} # up\n".encode() * 5, ["up"])) is not None
    assert time.process_time() - began < 20, "an exponential search would not end"
