"""Commands, settings and rules in, reference pages and the README's help out. With `--check` nothing is written."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click

from tailrace import api
from tailrace.check.options import AllowEntry
from tailrace.cli.app import app
from tailrace.config.allow import FIELDS
from tailrace.config.settings import GROUPS, SETTINGS, Setting
from tailrace.lint.rules import LINT_RULES
from tailrace.python.commandlines.toolkits import REGISTRY
from tailrace.python.plugins.hosts import HOSTS
from tailrace.report import render
from tailrace.report.formats import registry
from tailrace.report.kinds import KINDS
from tailrace.report.schema import schema_class, schema_file, schema_names, schema_text
from tailrace.report.views.lint_rule import LintRuleList
from tailrace.report.views.rule import RuleList
from tailrace.rules import RULES

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
SCHEMAS = ROOT / "src" / "tailrace" / "report" / "schemas"
README = ROOT / "README.md"
NOTE = "<!-- Made by docs/generate.py; do not edit. -->\n\n"
WIDTH = 100
FORMATS = re.compile(r"(?<=<!-- formats -->\n).*?(?=<!-- /formats -->)", re.DOTALL)
SCHEMA_LIST = re.compile(r"(?<=<!-- schemas -->\n).*?(?=<!-- /schemas -->)", re.DOTALL)
PART = re.compile(
    r"(?P<head><!-- (?P<kind>hosts|toolkits|rules)(?:: (?P<names>[a-z0-9 -]+))? -->\n).*?(?=<!-- /)", re.DOTALL
)
HELP = re.compile(r"(?<=<!-- help -->\n).*?(?=<!-- /help -->)", re.DOTALL)


def main(arguments: list[str]) -> int:
    """Writes the pages, or says which are out of date."""
    stale = [path for path, text in pages().items() if not path.is_file() or path.read_text("utf-8") != text]
    there = {*(REFERENCE / "rules").glob("*.md"), *(REFERENCE / "lint").glob("*.md"), *SCHEMAS.glob("*.json")}
    stale += sorted(there - set(pages()))
    if "--check" in arguments:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is out of date; run: python docs/generate.py", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        if path not in pages():
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pages()[path], encoding="utf-8")
        print(f"{path.relative_to(ROOT)} written")
    return 0


def pages() -> Mapping[Path, str]:
    """Every generated file with its text."""
    made = {
        REFERENCE / "cli.md": command_page(),
        REFERENCE / "configuration.md": configuration_page(),
        REFERENCE / "api.md": api_page(),
        REFERENCE / "rules" / "index.md": NOTE
        + "# Rules\n\n"
        + RULES_INTRODUCTION
        + render(RuleList(tuple(RULES.values())), "markdown"),
    }
    for rule_id, rule in RULES.items():
        made[REFERENCE / "rules" / f"{rule_id}.md"] = NOTE + render(rule, "markdown")
    lint_list = render(LintRuleList(tuple(LINT_RULES.values())), "markdown")
    made[REFERENCE / "lint" / "index.md"] = f"{NOTE}# Lint rules\n\n{LINT_INTRODUCTION}{lint_list}"
    for rule_id, lint_rule in LINT_RULES.items():
        made[REFERENCE / "lint" / f"{rule_id}.md"] = NOTE + render(lint_rule, "markdown")
    formats = (REFERENCE / "formats.md").read_text("utf-8")
    formats = FORMATS.sub(lambda _: formats_table(), formats)
    made[REFERENCE / "formats.md"] = SCHEMA_LIST.sub(lambda _: schemas_table(), formats)
    for page in sorted((REFERENCE / "interfaces").glob("*.md")):
        made[page] = PART.sub(interface_part, page.read_text("utf-8"))
    made |= {SCHEMAS / Path(schema_file(name)).name: schema_text(name) for name in schema_names()}
    readme = README.read_text("utf-8")
    if HELP.search(readme):
        made[README] = HELP.sub(lambda _: f"```console\n$ tailrace --help\n{help_text(app, 'tailrace')}\n```\n", readme)
    return made


def interface_part(found: re.Match[str]) -> str:
    """A generated part of the page of an interface: hosts or toolkits that are known, or rules by their ids."""
    match found["kind"]:
        case "hosts":
            text = hosts_table()
        case "toolkits":
            text = toolkits_list()
        case _:
            rows = [f"| [`{name}`](../rules/{name}.md) | {RULES[name].title} |" for name in found["names"].split()]
            text = "\n".join(["| rule | reports |", "| --- | --- |", *rows])
    return f"{found['head']}\n{text}\n\n"


def hosts_table() -> str:
    """The hosts whose untyped parameters are known, with what they call."""
    rows = ["| host | what it calls |", "| --- | --- |"]
    for host in sorted(HOSTS, key=lambda host: min(host.roots, key=str.lower).lower().lstrip("_")):
        calls = {f"`{name}(…)`" for name, _ in host.parameters if name}
        for name in {name for name, _ in host.named}:
            calls.add(f"`{name}…({', '.join(sorted(p for n, p in host.named if n == name))})`")
        calls |= {f"`{name}(…, handler)`" for name in host.handlers}
        calls |= {f"`@{name}`" for name in host.decorated}
        calls |= {f"the fixture `{name}`" for name in host.fixtures}
        roots = ", ".join(root for root in sorted(host.roots, key=str.lower) if not root.startswith("_"))
        rows.append(f"| {roots} | {', '.join(sorted(calls)[:8])}{', …' if len(calls) > 8 else ''} |")
    return "\n".join(rows)


def toolkits_list() -> str:
    """The toolkits of command lines, with those that are used in the same way."""
    texts = []
    for name in sorted(REGISTRY.by_name):
        alike = sorted(root for root, toolkit in REGISTRY.by_root.items() if toolkit.name == name and root != name)
        if name != "entry_points":
            texts.append(f"- {name} ({', '.join(alike)})" if alike else f"- {name}")
    return "\n".join(texts)


def schemas_table() -> str:
    """The table of the schemas, with what each of them describes."""
    rows = ["| schema | describes |", "| --- | --- |"]
    for name in sorted(schema_names()):
        described = inspect.cleandoc(schema_class(name).__doc__ or "").partition("\n\n")[0]
        rows.append(f"| `tailrace.{name}/1` | {' '.join(described.split()).partition('. ')[0].rstrip('.')} |")
    return "\n".join(rows) + "\n"


def formats_table() -> str:
    """The table of the output formats, with the kinds of reports that each of them serves."""
    rows = ["| format | for | remarks | reports |", "| --- | --- | --- | --- |"]
    for name, format in registry().items():
        served = [kind.title for kind in KINDS.values() if format.serves(kind)]
        reports = "all" if len(served) == len(KINDS) else ", ".join(served)
        rows.append(f"| `{name}` | {format.readers} | {format.remarks} | {reports} |")
    return "\n".join(rows) + "\n"


RULES_INTRODUCTION = """\
A rule is one way in which a release can break what uses it. Reports contain its id, and `tailrace explain ID` prints
its page.

An *error* makes a check fail. A *warning* or a *note* is only reported.

"""


LINT_INTRODUCTION = """\
The rules of [`tailrace lint`](../../how-to/lint.md). `tailrace lint --explain ID` prints a page in the terminal.

An *error* or a *warning* makes a run fail. A *note* is only reported.

"""


def help_text(command: click.Command, name: str) -> str:
    """The real `--help`, as it is on a terminal of 100 columns."""
    settings = {**app.context_settings, **command.context_settings}  # `-h` is inherited from `tailrace`
    with click.Context(command, info_name=name, terminal_width=WIDTH, **settings) as context:
        return command.get_help(context).strip()


def commands(group: click.Group, above: str) -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name, groups before their commands."""
    yield above, group
    context = click.Context(group, info_name=above)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command
        if isinstance(command, click.Group):
            yield from commands(command, f"{above} {name}")
        else:
            yield f"{above} {name}", command


def command_page() -> str:
    """The page of the command line."""
    parts = [NOTE + "# Command line\n", COMMAND_INTRODUCTION]
    for name, command in commands(app, "tailrace"):
        parts.append(f"## `{name}`\n\n```text\n{help_text(command, name)}\n```\n")
    return "\n".join([*parts, COMPLETION])


COMMAND_INTRODUCTION = """\
The result goes to stdout, progress and a one-line summary to stderr. See also [exit status](exit-status.md) and
[report formats](formats.md). Most options can be [configured](configuration.md). With `TAILRACE_DEBUG=1`, errors are
shown with a traceback.

## How a release is named

| spec | names |
|---|---|
| `NAME==VERSION`, `pypi:NAME==VERSION` | a release on the index |
| `NAME>=1,<2`, `pypi:NAME` | the highest release that matches |
| `CHANNEL::NAME=VERSION`, `CHANNEL::NAME=VERSION=BUILD` | a package on a conda channel |
| a path to `.whl`, `.tar.gz`, `.zip`, `.conda`, `.tar.bz2` | an archive |
| a path to a folder | a source tree, or a `site-packages` |
| `git+PATH_OR_URL@REF`, with `#subdirectory=DIR` | a tree in a git repository |
| `env:PREFIX` | what is installed in an environment |
"""

COMPLETION = """\
## Completion in the shell

| shell | add to its start-up file |
|---|---|
| bash | `eval "$(_TAILRACE_COMPLETE=bash_source tailrace)"` |
| zsh | `eval "$(_TAILRACE_COMPLETE=zsh_source tailrace)"` |
| fish | `_TAILRACE_COMPLETE=fish_source tailrace \\| source` |

Commands, options and their values are completed: formats, rules, channels, platforms, clients, files and folders.
"""


def api_page() -> str:
    """The page of the Python interface: each function with its signature and its docstring."""
    introduction = inspect.cleandoc(api.__doc__ or "").partition("\n\n")[2]
    parts = [f"{NOTE}# Python interface\n\n{introduction}\n\n{API_EXAMPLE}"]
    parts += [_function(getattr(api, name)) for name in api.__all__]
    return "\n".join(parts)


API_EXAMPLE = """\
```python
import tailrace

report = tailrace.check("MarkupSafe==2.1.0", "MarkupSafe==2.0.1", ["Jinja2==2.11.3"])
for downstream in report.downstreams:
    for finding in downstream.findings:
        print(f"{finding.file}:{finding.line}: {finding.rule} {finding.symbol}")
```

In a script, call these functions below `if __name__ == "__main__":`, since `check` starts processes.
"""

SECTION = re.compile(r"^(Args|Returns|Raises):\n((?:    .*\n?|\n)*)", re.MULTILINE)
ARGUMENT = re.compile(r"^(\w[\w, ]*): ", re.MULTILINE)


def _function(function: Callable[..., object]) -> str:
    """A function: signature, summary, and its arguments as a definition list."""
    signature = inspect.signature(function)
    arguments: list[str] = []
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in arguments:
            arguments.append("*")
        default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
        arguments.append(f"{parameter.name}: {parameter.annotation}{default}")
    written = "".join(f"    {argument},\n" for argument in arguments)
    name = function.__name__
    text = inspect.cleandoc(function.__doc__ or "")

    def section(found: re.Match[str]) -> str:
        body = inspect.cleandoc("\n" + found[2])
        if found[1] == "Args":
            rows = ARGUMENT.split(body)[1:]
            return "\n".join(
                f"`{names}`\n:   {' '.join(what.split())}\n" for names, what in zip(rows[::2], rows[1::2], strict=True)
            )
        return f"\n**{found[1]}**: {' '.join(body.split())}\n\n"

    described = SECTION.sub(section, text).strip()
    return (
        f"## `tailrace.{name}`\n\n```python\ntailrace.{name}(\n{written}) -> {signature.return_annotation}\n```\n\n"
        f"{described}\n"
    )


def configuration_page() -> str:
    """The page of the settings."""
    parts = [NOTE + "# Configuration\n", CONFIGURATION_INTRODUCTION]
    for group in GROUPS:
        parts.append(f"## {group}\n")
        parts += [_setting(setting) for setting in SETTINGS if setting.group == group]
    parts += [ALLOW_INTRODUCTION, *(f"`{name}`\n:   {text}\n" for name, text in FIELDS.items())]
    assert set(FIELDS) == set(AllowEntry.__dataclass_fields__)
    return "\n".join(parts)


CONFIGURATION_INTRODUCTION = """\
Settings are read from `tailrace.toml`, or from `[tool.tailrace]` in `pyproject.toml`. Tailrace uses the nearest such
file between the current folder and the root of the repository (the folder with `.git`), and skips a `pyproject.toml`
without that table. `--config FILE` or `TAILRACE_CONFIG` names another file.

A flag takes precedence over an environment variable, the variable over the file, and the file over the default.
`tailrace config show` prints the value and the origin of each setting.

```toml
# pyproject.toml
[tool.tailrace]
downstreams = ["Jinja2==3.1.2", "WTForms==3.1.2", "../our-service"]
time-limit = 120

[tool.tailrace.limits]
total-size = "2 GiB"
```

In `tailrace.toml`, use the same keys without `tool.tailrace`. Mistakes such as an unknown key or a wrong type are
reported together, each with its line and the nearest valid name. A relative path in a file is relative to that file,
and starts with `./` or `../`.

In a variable, separate the values of a list by spaces, or by line breaks if it contains any.
"""

ALLOW_INTRODUCTION = """\
## Allow-list

Each `[[tool.tailrace.allow]]` table accepts one break; see [how to accept a break](../how-to/allow-list.md).
"""


def _setting(setting: Setting) -> str:
    facts = [f"default: {_value(setting.default)}", f"environment: `{setting.env}`"]
    if setting.flag:
        facts.insert(0, f"flag: `{setting.flag}`")
    return f"`{setting.key}`\n:   {setting.help} Value: {setting.kind.expects}.\n    <br>{', '.join(facts)}\n"


def _value(value: object) -> str:
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return "`[" + ", ".join(f'"{item}"' for item in value) + "]`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
