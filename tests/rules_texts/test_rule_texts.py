"""What rules say: one pleasant sentence for every break, whatever facts are missing or hostile."""

from __future__ import annotations

import ast
import pickle

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tailrace.rules import RULES, Break, UnknownRuleError, example_files, get_rule

IDS = list(RULES)


def b(rule: str, symbol: str, module: str, how: str, detail: str = "", **facts: str) -> Break:
    name = symbol.removeprefix(module).removeprefix(".")
    return Break(rule, symbol, module, name, how, "MarkupSafe", "2.1.0", "2.0.1", detail, facts)  # type: ignore[arg-type]


# (break, the sentence, the witness)
SENTENCES = [
    (
        b("name-removed", "markupsafe.soft_unicode", "markupsafe", "from-import"),
        "`from markupsafe import soft_unicode` fails: MarkupSafe 2.1.0 no longer has `soft_unicode`",
        "from markupsafe import soft_unicode",
    ),
    (
        b("name-removed", "markupsafe.soft_unicode", "markupsafe", "attribute"),
        "`markupsafe.soft_unicode` fails: MarkupSafe 2.1.0 no longer has `soft_unicode` in `markupsafe`",
        "from markupsafe import soft_unicode",
    ),
    (
        b("name-removed", "a.b.old", "a.b", "string"),
        '`"a.b.old"` fails: MarkupSafe 2.1.0 no longer has `old` in `a.b`',
        "from a.b import old",
    ),
    (
        b("module-removed", "click._bashcomplete", "click._bashcomplete", "import"),
        "`import click._bashcomplete` fails: MarkupSafe 2.1.0 no longer has the module `click._bashcomplete`",
        "import click._bashcomplete",
    ),
    (
        b("module-removed", "click._bashcomplete", "click._bashcomplete", "from-import"),
        "`from click import _bashcomplete` fails: MarkupSafe 2.1.0 no longer has the module `click._bashcomplete`",
        "import click._bashcomplete",
    ),
    (
        b("attribute-removed", "a.b.C.old", "a.b", "attribute"),
        "`a.b.C.old` fails: MarkupSafe 2.1.0 no longer has `old` on `a.b.C`",
        "from a.b import C\nC.old",
    ),
    (
        b("attribute-removed", "a.b.C.old", "a.b", "attribute", old_kind="instance attribute"),
        "`a.b.C.old` fails: MarkupSafe 2.1.0 no longer has `old` on `a.b.C`",
        None,
    ),
    (
        b("parameter-removed", "click.Option.__init__(multiple=)", "click", "call", "it is now always on"),
        "passing `multiple=` to `click.Option.__init__` fails: MarkupSafe 2.1.0 no longer takes it; "
        "it is now always on",
        "import inspect\nfrom click import Option\ninspect.signature(Option.__init__).bind_partial(multiple=None)",
    ),
    (
        b("parameter-removed", "a.f(x=)", "a", "call", call="a.f(x=local_variable)"),
        "passing `x=` to `a.f` fails: MarkupSafe 2.1.0 no longer takes it",
        "import inspect\nfrom a import f\ninspect.signature(f).bind_partial(x=None)",
    ),
    (
        b("parameter-now-required", "a.f(x=)", "a", "call", call="a.f(1)"),
        "the call of `a.f` fails: MarkupSafe 2.1.0 requires `x`",
        "import a\na.f(1)",
    ),
    (
        b("parameter-now-keyword-only", "a.f(x=)", "a", "call", call="a.f(1)"),
        "passing `x` to `a.f` by position fails: MarkupSafe 2.1.0 takes it by keyword only",
        "import a\na.f(1)",
    ),
    (
        b("arity-changed", "a.f", "a", "call", "it now takes 2 positional arguments"),
        "the call of `a.f` fails: MarkupSafe 2.1.0 does not take this number of positional arguments; "
        "it now takes 2 positional arguments",
        None,
    ),
    (
        b("kind-changed", "a.C.url", "a", "attribute", old_kind="function", new_kind="property"),
        "this use of `a.C.url` fails: in MarkupSafe 2.1.0 it is a property, no longer a function",
        "from a import C\nassert callable(C.url)",
    ),
    (
        b("kind-changed", "a.f", "a", "call", old_kind="function", new_kind="async function"),
        "this use of `a.f` fails: in MarkupSafe 2.1.0 it is an async function, no longer a function",
        "import inspect\nfrom a import f\nassert not inspect.iscoroutinefunction(f)",
    ),
    (
        b("base-changed", "a.C", "a", "attribute", base="collections.abc.Mapping"),
        "this use of `a.C` fails: in MarkupSafe 2.1.0 it no longer inherits from `collections.abc.Mapping`",
        "import collections.abc\nfrom a import C\nassert issubclass(C, collections.abc.Mapping)",
    ),
    (
        b("option-conflict", "conda clean -l", "", "call"),
        "adding the option `-l` to `conda clean` fails: MarkupSafe 2.1.0 now defines `-l` itself",
        None,
    ),
    (
        b("entry-point-removed", "script:conda-server", "", "process"),
        "running `conda-server` fails: MarkupSafe 2.1.0 no longer installs this command",
        "from importlib.metadata import entry_points\n"
        "assert entry_points(group='console_scripts', name='conda-server')",
    ),
    (
        b("entry-point-removed", "entry-point:babel.extractors:jinja2", "", "string"),
        "the entry point `jinja2` of the group `babel.extractors` is not found: MarkupSafe 2.1.0 no longer declares it",
        "from importlib.metadata import entry_points\nassert entry_points(group='babel.extractors', name='jinja2')",
    ),
    (
        b("python-dropped", "markupsafe", "markupsafe", "requirement", python="3.6", requires_python=">=3.7"),
        "the downstream supports Python `3.6`, and MarkupSafe 2.1.0 does not (it requires `>=3.7`)",
        None,
    ),
    (
        b("requirement-conflict", "six", "", "requirement", requirement="six<1", upstream_requirement="six>=1"),
        "the downstream requires `six<1`, and MarkupSafe 2.1.0 requires `six>=1`",
        None,
    ),
    (
        b("override-orphaned", "conda.core.subdir_data.SubdirData._read", "conda.core.subdir_data", "override"),
        "the override of `conda.core.subdir_data.SubdirData._read` is silently never called again: "
        "MarkupSafe 2.1.0 no longer has it",
        "from conda.core.subdir_data import SubdirData\nSubdirData._read",
    ),
    (
        b("hook-removed", "pytest_namespace", "", "override"),
        "the implementation of the hook `pytest_namespace` has no hook: MarkupSafe 2.1.0 no longer has it",
        None,
    ),
    (
        b("hook-removed", "pytest_namespace", "", "attribute"),
        "calling the hook `pytest_namespace` fails: MarkupSafe 2.1.0 no longer has it",
        None,
    ),
    (
        b("hook-argument-removed", "pytest_collect_file(path=)", "", "override", "it now takes file_path, parent"),
        "the implementation of the hook `pytest_collect_file` asks for `path`, which MarkupSafe 2.1.0 no longer gives; "
        "it now takes file_path, parent",
        None,
    ),
    (
        b("syntax-refused", "syntax:a match statement", "", "import", "Python 3.10 reads it"),
        "the file holds a match statement, which MarkupSafe 2.1.0 does not parse; Python 3.10 reads it",
        None,
    ),
    (
        b("hook-kind-changed", "pytest_configure[historic]", "", "override", "it is now historic"),
        "MarkupSafe 2.1.0 calls the hook `pytest_configure` in another way: it is now historic",
        None,
    ),
    (
        b("fixture-removed", "fixture:event_loop", "", "string"),
        "the fixture `event_loop` is not found: MarkupSafe 2.1.0 no longer offers it",
        None,
    ),
    (
        b("data-removed", "template-library:staticfiles", "", "string"),
        "the template library `staticfiles` is not found: MarkupSafe 2.1.0 no longer has it",
        None,
    ),
    (
        b("data-removed", "a/words.txt", "", "string"),
        "the data file `a/words.txt` is not found: MarkupSafe 2.1.0 no longer has it",
        None,
    ),
    (
        b("build-setting-removed", "setup(use_2to3=)", "", "string"),
        "building with `setup(use_2to3=)` fails: MarkupSafe 2.1.0 no longer takes it",
        None,
    ),
    (
        b("binary-interface-changed", "library:libarrow.so.14", "", "import", "it is linked with libarrow.so.14"),
        "the compiled module was built against `library:libarrow.so.14`, which MarkupSafe 2.1.0 no longer has in this "
        "form; it is linked with libarrow.so.14",
        None,
    ),
    (
        b("value-removed", "value:seaborn-deep", "", "string", value="seaborn-deep", call="a.style.use"),
        "the value `seaborn-deep` that is passed to `a.style.use` is not known any more: "
        "MarkupSafe 2.1.0 spells it out nowhere",
        None,
    ),
    (
        b("version-refused", "markupsafe.__version__", "markupsafe", "attribute", raises="ImportError"),
        "importing this fails: it looks at `markupsafe.__version__` and raises `ImportError` for MarkupSafe 2.1.0",
        None,
    ),
    (
        b("dependency-dropped", "dependency:py", "", "import", imported="py.xml"),
        "importing `py.xml` fails where nothing else installs `py`: the downstream does not require it, "
        "and MarkupSafe 2.1.0 no longer does",
        None,
    ),
    (
        b("extra-removed", "pydantic[dotenv]", "", "requirement", requirement="pydantic[dotenv]>=1.8"),
        "the requirement `pydantic[dotenv]>=1.8` asks for the extra `dotenv`, which MarkupSafe 2.1.0 no longer has",
        None,
    ),
    (
        b("unexplained", "a.load", "a", "diagnostic", diagnostic="Object of type `bytes` has no attribute `encode`"),
        "this use of `a.load` fits 2.0.1 but not MarkupSafe 2.1.0: Object of type `bytes` has no attribute `encode`",
        None,
    ),
    (
        b("now-deprecated", "a.old", "a", "call", "use a.new", removed_in="3.0"),
        "`a.old` works but is deprecated in MarkupSafe 2.1.0, to be removed in 3.0: use a.new",
        None,
    ),
]


@pytest.mark.parametrize(("broken", "sentence", "witness"), SENTENCES, ids=lambda v: getattr(v, "rule", None))
def test_a_break_is_said_in_one_sentence_and_shown_in_a_small_program(
    broken: Break, sentence: str, witness: str | None
) -> None:
    rule = get_rule(broken.rule)
    assert rule.message(broken) == sentence
    assert rule.witness(broken) == witness


def test_rules_come_in_the_order_of_their_ranks() -> None:
    assert [rule.rank for rule in RULES.values()] == sorted({rule.rank for rule in RULES.values()})


def test_only_what_does_not_fail_is_less_than_an_error() -> None:
    lesser = {rule.id: rule.severity for rule in RULES.values() if rule.severity != "error"}
    assert (
        lesser.items()
        >= {
            "now-deprecated": "note",
            "python-dropped": "warning",
            "requirement-conflict": "warning",
        }.items()
    )


@pytest.mark.parametrize("rule_id", IDS)
def test_every_rule_explains_itself(rule_id: str) -> None:
    rule = RULES[rule_id]
    assert rule.severity in ("error", "warning", "note")
    assert rule.summary.endswith(".")
    assert "\n" not in rule.summary
    assert not rule.title.endswith(".")
    assert "**Downstream**" in rule.repair
    assert "**Release**" in rule.repair
    assert rule.why.strip()


@pytest.mark.parametrize("rule_id", IDS)
def test_every_example_is_made_of_files_that_parse(rule_id: str) -> None:
    example = RULES[rule_id].example
    texts = (
        (example.old, "upstream"),
        (example.new, "upstream"),
        (example.downstream, "downstream"),
        (example.near_miss, "downstream"),
    )
    for text, package in texts:
        files = example_files(text, package)
        assert f"{package}/__init__.py" in files
        for name, content in files.items():
            if name.endswith(".py"):
                ast.parse(content)


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        ("name-remove", "name-removed"),
        ("NAME_REMOVED", "name-removed"),
        ("option-conflicts", "option-conflict"),
        ("zzz", None),
        ("", None),
    ],
)
def test_an_unknown_rule_names_the_nearest(asked: str, nearest: str | None) -> None:
    with pytest.raises(UnknownRuleError) as caught:
        get_rule(asked)
    assert caught.value.nearest == nearest
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.nearest) == (str(caught.value), nearest)


_FACTS = [
    "parameter",
    "option",
    "command",
    "old_kind",
    "new_kind",
    "requirement",
    "diagnostic",
    "raises",
    "call",
    "base",
    "group",
    "entry_point",
    "python",
    "requires_python",
    "upstream_requirement",
    "removed_in",
    "message",
]
_text = st.text(max_size=20) | st.sampled_from(
    ["a.b.c", "a.b(c=)", "x --y", "`", "\x1b[31m", "class", "script:x", "f(1)"]
)
_breaks = st.builds(
    Break,
    rule=st.sampled_from(IDS),
    symbol=_text,
    module=_text,
    name=_text,
    how=st.sampled_from(
        [
            "import",
            "from-import",
            "attribute",
            "call",
            "subclass",
            "override",
            "string",
            "process",
            "requirement",
            "diagnostic",
        ]
    ),
    upstream=_text,
    candidate_version=_text,
    baseline_version=_text,
    detail=_text,
    facts=st.dictionaries(st.sampled_from(_FACTS), _text),
)


@settings(deadline=None)  # it would measure the machine
@given(_breaks)
@example(Break("kind-changed", "", "", "", "import", "", "", "", facts={"old_kind": "0\x1e0"}))
@example(Break("syntax-refused", "\x1e", "", "", "import", "", "", ""))
def test_any_break_is_said_in_one_line_and_its_witness_is_a_program(broken: Break) -> None:
    rule = RULES[broken.rule]
    message = rule.message(broken)
    assert message.strip()
    assert len(message.splitlines()) == 1
    witness = rule.witness(broken)
    if witness is not None:
        ast.parse(witness)
