"""What is not in the language is refused with file, document, line and the way out; nothing makes the parser crash."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailrace.hotfix import PatchLanguageError, load_patches, parse_patches
from tailrace.model import TailraceError

FINE = "if:\n  name: a\nthen:\n  - add_depends: b\n"


def mistakes(text: str) -> list[str]:
    with pytest.raises(PatchLanguageError) as caught:
        parse_patches(text, "a.yaml")
    assert caught.value.exit_status == 2
    assert all(mistake.file == "a.yaml" for mistake in caught.value.mistakes)
    return [f"{mistake.document}:{mistake.line} {mistake.message}" for mistake in caught.value.mistakes]


def with_condition(line: str) -> str:
    return f"if:\n  {line}\nthen:\n  - add_depends: b\n"


def with_action(line: str) -> str:
    return f"if:\n  name: a\nthen:\n  - {line}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (with_condition("nmae: a"), '1:2 unknown key "nmae" in "if"; did you mean "name"?'),
        (with_condition("version_less: '1'"), '1:2 unknown key "version_less" in "if"; did you mean "version_le"?'),
        (with_condition("not_not_name: a"), '1:2 unknown key "not_not_name" in "if"; did you mean "not_name"?'),
        (with_condition("build_lt: a"), '1:2 unknown key "build_lt" in "if"; did you mean "build"?'),
        (
            with_condition("version: 1.5"),
            '1:2 "version" takes text, not a number with a point (1.5); put it in quotes: "1.5"',
        ),
        (
            with_condition("version_in: ['1', 2]"),
            '1:2 "version_in" takes text, not a number (2); put it in quotes: "2"',
        ),
        (with_condition("name: [a]"), '1:2 "name" takes one value, not a list'),
        (with_condition("name:"), '1:2 "name" takes text, not nothing'),
        (with_condition("name: ''"), '1:2 "name" takes text, not an empty text'),
        (with_condition("name: {a: b}"), '1:2 "name" takes text, not a mapping'),
        (with_condition("name: yes"), '1:2 "name" takes text, not a yes/no value (yes); put it in quotes: "yes"'),
        (
            with_condition("timestamp_lt: 2022-05-30"),
            '1:2 "timestamp_lt" takes a whole number of 0 or more (milliseconds since 1970 UTC), '
            "not a date (2022-05-30)",
        ),
        (
            with_condition("build_number_lt: -1"),
            '1:2 "build_number_lt" takes a whole number of 0 or more, not a number (-1)',
        ),
        (
            with_condition("build_number: 1.5"),
            '1:2 "build_number" takes a whole number of 0 or more or a glob in quotes, not a number with a point (1.5)',
        ),
        (
            with_condition("version: 1.1.1k"),
            '1:2 "version" compares versions as PEP 440 does, and "1.1.1k" is none of its versions; '
            "version_in: 1.1.1k compares it as text",
        ),
        (
            with_condition("version_lt: 1.1.1k"),
            '1:2 "version_lt" compares versions as PEP 440 does, and "1.1.1k" is none of its versions',
        ),
        (with_action("add_depend: a"), '1:4 unknown key "add_depend" in an instruction; did you mean "add_depends"?'),
        (
            with_action("relax_exact_constrains: {name: a}"),
            '1:4 unknown key "relax_exact_constrains" in an instruction',
        ),
        (with_action("add_depends: 1"), '1:4 "add_depends" takes text, not a number (1); put it in quotes: "1"'),
        (with_action("replace_depends: {old: a}"), '1:4 "replace_depends" needs "new"'),
        (
            with_action("rename_depends: {from: a, new: b}"),
            '1:4 unknown key "from" in "rename_depends"; known here: old, new',
        ),
        (with_action("replace_depends: a"), '1:4 "replace_depends" must be a mapping of old and new, not the text "a"'),
        (with_action("tighten_depends: {name: a}"), '1:4 "tighten_depends" needs "max_pin" or "upper_bound"'),
        (
            with_action("tighten_depends: {name: a, max_pin: 1.x}"),
            '1:4 "max_pin" is written "x", "x.x", "x.x.x" …, not "1.x"',
        ),
        (
            with_action("tighten_depends: {name: a, upper_bound: 2}"),
            '1:4 "upper_bound" takes text, not a number (2); put it in quotes: "2"',
        ),
        (
            with_action("add_depends: a ${verison}"),
            '1:4 "add_depends" has an unknown placeholder "verison"; did you mean "version"?',
        ),
        (with_action("add_depends: a ${old}"), '1:4 "add_depends" has an unknown placeholder "old"'),
        (with_action("rename_depends: {old: a, new: '${old}'}"), '1:4 "new" has an unknown placeholder "old"'),
        (
            with_action("remove_depends: a ${version}"),
            '1:4 "remove_depends" fills in no placeholders, so "a ${version}" would never match anything',
        ),
        (with_action("{}"), "1:4 this instruction is empty"),
        ("if: {}\nthen: []\n", '1:2 "then" holds no instruction'),
        (
            "if: {}\nthen: {add_depends: a}\n",
            '1:2 "then" must be a list of instructions ("- add_depends: …"), not a mapping',
        ),
        ("if: {}\n", '1:1 a document needs "then:" with a list of instructions'),
        ("then: [{add_depends: a}]\n", '1:1 a document needs "if:" with the conditions'),
        ("if:\nthen: [{add_depends: a}]\n", '1:1 "if" must be a mapping, not nothing'),
        ("if: {}\nthen: [{add_depends: a}]\nelse: []\n", '1:3 unknown key "else" in a document; known here: if, then'),
        ("- a\n", "1:1 a document must be a mapping of if and then, not a list"),
        (
            "if: {name: a, name: b}\nthen: [{add_depends: a}]\n",
            '1:1 "name" stands twice in "if" (first on line 1); only one would count',
        ),
        ("if: {<<: {name: a}}\nthen: [{add_depends: a}]\n", '1:1 unknown key "<<" in "if"'),
        ("if: {[a]: b}\nthen: [{add_depends: a}]\n", '1:1 unknown key a list in "if"'),
        (f"{FINE}---\n{FINE}---\n{with_condition('nam: a')}", '3:12 unknown key "nam" in "if"; did you mean "name"?'),
        ("---\n---\nif: {nam: a}\nthen: [{add_depends: a}]\n", '2:3 unknown key "nam" in "if"; did you mean "name"?'),
        ("if: {name: a\nthen: b\n", "0:2 not YAML: while parsing a flow mapping, did not find expected ',' or '}'"),
        ("if: *a\n", "0:1 not YAML: found undefined alias"),
        ("a: \x07\n", "0:1 not YAML: a character that YAML does not allow"),
        ("if: " + "[" * 40, "0:1 nested more than 32 levels deep"),
        ("if:\n " + "- " * 40, "0:2 nested more than 32 levels deep"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_the_nearest_valid_word(text: str, expected: str) -> None:
    found = mistakes(text)
    assert any(one.startswith(expected) for one in found), found


def test_all_mistakes_of_all_files_come_together(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(with_condition("nam: a") + "---\n" + with_action("add_depend: a"))
    (tmp_path / "a.yaml").write_text(with_condition("version: 1"))
    (tmp_path / "c.yaml").write_text(FINE)
    (tmp_path / "d.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PatchLanguageError) as caught:
        load_patches(tmp_path)
    assert [(one.file, one.document, one.line) for one in caught.value.mistakes] == [
        ("a.yaml", 1, 2), ("b.yaml", 1, 2), ("b.yaml", 2, 9), ("d.yaml", 0, 0),
    ]  # fmt: skip
    assert str(caught.value).splitlines()[0] == "4 mistakes in the hotfix documents:"
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.mistakes) == (str(caught.value), caught.value.mistakes)


def test_documents_come_in_the_order_of_file_names_and_keep_their_places(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yaml", "B.yaml", ".hidden.yaml", "notes.txt"):
        (tmp_path / name).write_text("# why\n" + FINE + "---\n" + FINE)
    documents = load_patches(tmp_path)
    assert [(one.file, one.number, one.line) for one in documents] == [
        (name, number, line) for name in ("B.yaml", "a.yaml", "b.yaml") for number, line in ((1, 2), (2, 7))
    ]
    assert documents[1].conditions[0].line == 8
    assert documents[1].actions[0].line == 10


@pytest.mark.parametrize(
    ("name", "said"), [("gone.yaml", "cannot be read"), ("empty", "holds no .yaml file"), ("yml", 'end in ".yaml"')]
)
def test_paths_that_hold_no_documents(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "yml").mkdir()
    (tmp_path / "yml" / "a.yml").write_text(FINE)
    with pytest.raises(PatchLanguageError, match=said):
        load_patches(tmp_path / name)


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "---\n---\n"])
def test_empty_documents_are_none(text: str) -> None:
    assert parse_patches(text) == ()


@pytest.mark.parametrize(("written", "value"), [("017", 15), ("0x1f", 31), ("1_000", 1000), ("'12'", 12)])
def test_whole_numbers_are_read_as_yaml_reads_them(written: str, value: int) -> None:
    (document,) = parse_patches(with_condition(f"timestamp_lt: {written}"))
    assert document.conditions[0].values == (value,)


def test_nesting_deep_enough_to_end_the_process_is_refused() -> None:
    for text in ("[" * 300_000, "{a: " * 100_000, "- " * 300_000):
        assert mistakes(text)


KEYS = st.sampled_from(
    ["if", "then", "name", "version_lt", "has_depends", "add_depends", "tighten_depends", "old", "new", "zz"]
)
VALUES = st.recursive(
    st.one_of(
        st.text(max_size=8),
        st.integers(),
        st.floats(),
        st.booleans(),
        st.none(),
        st.dates(),
        st.sampled_from(["a >=1", "${x}", "$", "x.x"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=10,
)


@given(st.lists(VALUES, max_size=3))
def test_any_yaml_gives_documents_or_one_clear_error(values: list[object]) -> None:
    import yaml

    check(yaml.safe_dump_all(values))


@given(st.one_of(st.text(max_size=80), st.text(alphabet="if:then \n-[]{}&*!|>'\"%@`#,?a1\t\\", max_size=60)))
def test_any_text_gives_documents_or_one_clear_error(text: str) -> None:
    check(text)


@given(st.data())
def test_a_damaged_document_gives_documents_or_one_clear_error(data: st.DataObject) -> None:
    text = FINE + "---\nif: {version_in: ['1', 2.*]}\nthen:\n  - tighten_depends: {name: a, upper_bound: '2'}\n"
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 6)))
    check(text[:start] + data.draw(st.text(max_size=4)) + text[end:])


def check(text: str) -> None:
    try:
        parse_patches(text)
    except TailraceError as error:
        caught = error
    else:
        return
    assert isinstance(caught, PatchLanguageError)
    assert caught.mistakes
