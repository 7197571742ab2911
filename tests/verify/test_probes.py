"""A finding in, the programs that show it out."""

from __future__ import annotations

import msgspec
import pytest

from tailrace.model import Finding
from tailrace.verify.probes import probes_for

HOSTS = (("pytest --help", "import pytest"),)


def finding(rule: str, scope: str = "import", witness: str | None = None) -> Finding:
    return Finding(
        rule=rule,
        confidence="certain",
        severity="error",
        symbol="up.gone",
        file="down/plugin.py",
        line=3,
        column=1,
        scope=scope,  # type: ignore[arg-type]
        inside="down.plugin",
        message="it fails",
        fix="up<2",
        fingerprint="0" * 16,
        witness=witness,
    )


# rule → (kind, weak) of each program
CASES: dict[str, tuple[tuple[str, bool], ...]] = {
    "hook-argument-removed": (("module", True), ("statement", False)),
    "hook-removed": (("module", True), ("statement", True)),
    "fixture-removed": (("module", True), ("statement", True)),
    "option-conflict": (("module", True), ("statement", True)),
    "name-removed": (("module", False),),
    "module-removed": (("module", False),),
}


@pytest.mark.parametrize("rule", CASES)
def test_a_plugin_is_shown_by_the_program_that_loads_it(rule: str) -> None:
    found = probes_for(finding(rule), ("",), None, HOSTS)
    assert tuple((probe.kind, probe.weak) for probe in found) == CASES[rule]
    assert [probe.source for probe in found if probe.kind == "statement"] == [
        "import pytest" for kind, _ in CASES[rule] if kind == "statement"
    ]


def test_a_plugin_without_its_host_has_no_program_but_its_import() -> None:
    (only,) = probes_for(finding("hook-argument-removed"), ("",))
    assert (only.kind, only.weak, only.source) == ("module", True, "import down.plugin")


def test_a_witness_comes_after_the_module() -> None:
    found = probes_for(finding("name-removed", witness="from up import gone"), ("",))
    assert [probe.source for probe in found] == ["import down.plugin", "from up import gone"]


# rule, symbol, file, source → a word of the program that is not an import of the module
SPECIAL = {
    "an argument too many for a constructor": (
        "arity-changed",
        "up.PDF",
        "down/plugin.py",
        b"import up\n\nx = up.PDF(1, 2)\n",
        "inspect.signature(up.PDF).bind(None, None)",
    ),
    "a compiled module": (
        "binary-interface-changed",
        "up.core",
        "down/move.cpython-311-x86_64-linux-gnu.so",
        None,
        "import down.move",
    ),
    "a compiled module for Windows": ("binary-interface-changed", "up.core", "down/move.pyd", None, "import down.move"),
    "a template library": (
        "data-removed",
        "template-library:staticfiles",
        "down/a.html",
        None,
        "{% load staticfiles %}",
    ),
    "an extra": ("extra-removed", "up[dotenv]", "down-1.dist-info/METADATA", None, "'dotenv' in metadata('up')"),
    "an extension of Markdown": (
        "arity-changed",
        "markdown.extensions.Extension.extendMarkdown",
        "down/plugin.py",
        b"def makeExtension(**kwargs):\n    return K(**kwargs)\n",
        "markdown.Markdown(extensions=['down.plugin'])",
    ),
}


@pytest.mark.parametrize("name", SPECIAL)
def test_each_kind_of_break_has_a_program(name: str) -> None:
    rule, symbol, file, source, word = SPECIAL[name]
    one = msgspec.structs.replace(finding(rule, scope="function"), symbol=symbol, file=file)
    found = probes_for(one, ("",), source)
    assert any(word in probe.source for probe in found), [probe.source for probe in found]
    for probe in found:
        compile(probe.source, "<program>", "exec")


@pytest.mark.parametrize(
    ("rule", "symbol", "file"),
    [
        ("data-removed", "template-library:a %} b", "down/a.html"),
        ("data-removed", "data/words.txt", "down/plugin.txt"),
        ("extra-removed", "up[a']; import os #]", "down-1.dist-info/METADATA"),
        ("binary-interface-changed", "up.core", "down/my-module.so"),
        ("binary-interface-changed", "up.core", "down/lib.txt"),
    ],
)
def test_what_a_name_cannot_be_put_into_has_no_program(rule: str, symbol: str, file: str) -> None:
    one = msgspec.structs.replace(finding(rule, scope="function"), symbol=symbol, file=file)
    assert probes_for(one, ("",)) == ()


def test_an_extra_that_nothing_needs_for_certain_has_no_program() -> None:
    one = msgspec.structs.replace(
        finding("extra-removed", scope="function"), symbol="up[x]", file="down-1.dist-info/METADATA"
    )
    assert probes_for(one, ("",)) != ()
    assert probes_for(msgspec.structs.replace(one, confidence="possible"), ("",)) == ()


def test_an_override_is_called_as_its_base_is() -> None:
    one = msgspec.structs.replace(
        finding("arity-changed", scope="function"),
        symbol="up.Base.run",
        inside="down.plugin.Own",
        message="the override of `up.Base.run` no longer fits",
    )
    (program,) = [probe for probe in probes_for(one, ("",)) if probe.kind == "statement"]
    assert program.weak
    names: dict[str, object] = {}
    for accepts, fits in (("self, a, b", False), ("self, a", True), ("self, *args", True)):
        exec(f"class Base:\n    def run(self, a): ...\nclass Own(Base):\n    def run({accepts}): ...\n", names)
        body = program.source.replace("from down.plugin import Own\n", "")
        if fits:
            exec(body, dict(names))
        else:
            with pytest.raises(TypeError, match="'b'"):
                exec(body, dict(names))
