"""What click and typer code builds, read without running it."""

from __future__ import annotations

from pathlib import Path

import pytest
from release_trees import artifact

from tailrace.python.commandlines import read_commandlines

CLICK = "import click\n"
TYPER = "import typer\nfrom typing import Annotated, Optional\n"

PROGRAMS = {
    "a command": (
        CLICK
        + "@click.command()\n@click.option('-n', '--name', 'who')\n@click.argument('path')\ndef main(who, path): ...\n",
        {"up": "-n/--name --help"},
    ),
    "a group, its commands, and one added by name": (
        CLICK
        + """
@click.group()
@click.version_option()
def main(): ...

@main.command("list")
@click.option("--all/--none")
def list_(): ...

@main.command
def drop_table(): ...

@click.command()
def other(): ...

main.add_command(other, name="else")
""",
        {
            "up": "--version --help",
            "up list": "--all/--none --help",
            "up drop-table": "--help",
            "up else": "--help",
        },
    ),
    "shared decorators": (
        CLICK
        + """
import functools
def shared(f):
    @click.option("--a")
    @functools.wraps(f)
    def inner(*args): ...
    return inner
def many(f):
    for option in reversed([click.option("--b"), click.option("--c")]):
        f = option(f)
    return f
def named(name):
    def decorate(f):
        return click.option(name)(f)
    return decorate
@click.command()
@shared
@many
@named("--d")
def main(): ...
""",
        {"up": "--a --b --c --d --help"},
    ),
    "classes instead of decorators": (
        CLICK
        + "main = click.Group('up', commands={'x': click.Command('x', params=[click.Option(['-z', '--zed'])])})\n",
        {"up": "--help", "up x": "-z/--zed --help"},
    ),
    "a function that runs the command": (
        CLICK + "@click.command()\n@click.option('--deep')\ndef cli(): ...\ndef main():\n    cli(prog_name='up')\n",
        {"up": "--deep --help"},
    ),
    "a group class that adds its commands itself": (
        CLICK
        + """
class Base(click.Group): ...
class Own(Base):
    def __init__(self, extra=(), **settings):
        params = list(settings.pop("params", None) or ())
        params.append(click.Option(["--own"]))
        Base.__init__(self, params=params, **settings)
        self.add_command(run)
@click.command("run")
def run(): ...
main = Own(name="up")
""",
        {"up": "--own --help", "up run": "--help"},
    ),
    "a bare decorator, pass_context, a collection": (
        CLICK
        + """
@click.group
def one(): ...
@one.command
@click.pass_context
@click.option("--a", is_flag=True)
def first(ctx): ...
@one.group
def inner(): ...
@inner.command(name="deep", params=[click.Option(["--z"])], add_help_option=False)
def whatever(): ...
two = click.Group(name="two", commands=[click.Command("second"), first])
main = click.CommandCollection(sources=[one, two])
""",
        {
            "up": "--help",
            "up first": "--a --help",
            "up inner": "--help",
            "up inner deep": "--z",
            "up second": "--help",
        },
    ),
    "ready-made options, and parameters hung on later": (
        CLICK
        + """
@click.command()
@click.password_option()
@click.confirmation_option()
@click.help_option("-?")
def main(): ...
main.params.append(click.Option(["--late"]))
""",
        {"up": "--password --yes -? --help --late"},
    ),
    "the version option takes the version first": (
        CLICK + "@click.command()\n@click.version_option('1.2', '-V')\ndef main(): ...\n",
        {"up": "-V --help"},
    ),
    "a look-alike": (
        "import cloup as c\n@c.command(context_settings={'help_option_names': ['-h', '--help']})\ndef main(): ...\n",
        {"up": "-h/--help"},
    ),
    "a typer application": (
        TYPER
        + """
main = typer.Typer(add_completion=False)
sub = typer.Typer()
main.add_typer(sub, name="sub")

@main.command()
def go_on(path: str, count: int = 1, loud: bool = False, name: str = typer.Option("x", "--name", "-n")): ...

@main.command("other")
def whatever(kind: Annotated[Optional[str], typer.Option("--kind")] = None): ...

@sub.command()
def deep(ctx: typer.Context): ...
@sub.command()
def deeper(): ...
""",
        {
            "up": "--help",
            "up go-on": "--count --loud/--no-loud --name/-n --help",
            "up other": "--kind --help",
            "up sub": "--help",
            "up sub deep": "--help",
            "up sub deeper": "--help",
        },
    ),
    "a typer application with one command has no subcommand": (
        TYPER + "main = typer.Typer(add_completion=False)\n@main.command()\ndef go(fast: bool = True): ...\n",
        {"up": "--help --fast/--no-fast"},
    ),
    "a callback keeps the only command a subcommand": (
        TYPER
        + "main = typer.Typer(add_completion=False)\n@main.callback()\ndef all_(debug: bool = False): ...\n"
        + "@main.command()\ndef go(): ...\n",
        {"up": "--debug/--no-debug --help", "up go": "--help"},
    ),
}


@pytest.mark.parametrize("case", PROGRAMS)
def test_the_command_line_is_read_from_the_code(case: str, tmp_path: Path) -> None:
    text, expected = PROGRAMS[case]
    made = artifact(tmp_path, {"up/__init__.py": "", "up/cli.py": text}, scripts={"up": "up.cli:main"})
    found = read_commandlines(made)
    assert {line.symbol: " ".join("/".join(o.strings) for o in line.options) for line in found} == expected


def test_choices_of_a_click_option_are_read(tmp_path: Path) -> None:
    text = CLICK + "@click.command()\n@click.option('--k', type=click.Choice(['a', 'b']))\ndef main(): ...\n"
    (line,) = read_commandlines(artifact(tmp_path, {"up.py": text}, scripts={"up": "up:main"}))
    option = line.option("--k")
    assert option is not None
    assert (option.choices, option.takes_value, line.toolkit) == (("a", "b"), True, "click")


def test_files_without_a_word_of_any_toolkit_are_not_parsed(tmp_path: Path) -> None:
    made = artifact(tmp_path, {"up/__init__.py": "x = 1\n", "up/data.py": "y = 2\n"}, scripts={"up": "up:main"})
    assert read_commandlines(made) == ()


def test_a_group_that_answers_for_its_commands_has_open_ends(tmp_path: Path) -> None:
    text = CLICK + "class Lazy(click.Group):\n    def get_command(self, ctx, name): ...\nclass Own(Lazy): ...\n"
    group = "@click.group(cls=Own)\ndef main(): ...\nmain.add_command(elsewhere)\n"
    (line,) = read_commandlines(artifact(tmp_path, {"up.py": text + group}, scripts={"up": "up:main"}))
    assert line.open_ends == {"get_command", "add_command"}
    near = group.replace("main.add_command(elsewhere)\n", "").replace("cls=Own", "cls=click.Group")
    (line,) = read_commandlines(artifact(tmp_path / "near", {"up.py": text + near}, scripts={"up": "up:main"}))
    assert line.open_ends == frozenset()


@pytest.mark.parametrize(
    ("settings", "is_lenient"),
    [
        ("ignore_unknown_options=True, allow_extra_args=True", True),
        ("ignore_unknown_options=True", False),
        ("allow_extra_args=True", False),
        ("ignore_unknown_options=False, allow_extra_args=True", False),
        ("help_option_names=['-h']", False),
    ],
)
def test_an_unknown_option_is_passed_over_only_where_arguments_may_be_left_over(
    tmp_path: Path, settings: str, is_lenient: bool
) -> None:
    head = f"{CLICK}@click.command(context_settings=dict({settings}))\n"
    source = f"{head}@click.argument('rest', nargs=-1)\ndef main(rest): ..."
    (line,) = read_commandlines(artifact(tmp_path, {"up.py": source}, scripts={"up": "up:main"}))
    assert ("lenient" in line.open_ends) is is_lenient
