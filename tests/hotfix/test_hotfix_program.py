"""A program of many documents gives what the documents give one after the other, whatever its indexes skip."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hotfix_strategies import DOCUMENTS, RECORDS, SUBDIRS
from hypothesis import given
from hypothesis import strategies as st

from tailrace.hotfix import HotfixDocument, HotfixProgram, apply_documents, parse_patches


def one_after_the_other(documents: tuple[HotfixDocument, ...], record: dict[str, Any], fn: str, subdir: str) -> Any:
    for document in documents:
        record = dict(HotfixProgram([document], subdir).run(record, fn).record)
    return record


@given(DOCUMENTS, RECORDS, SUBDIRS)
def test_a_program_is_its_documents_in_order(
    documents: tuple[HotfixDocument, ...], record: dict[str, Any], subdir: str
) -> None:
    fn = f"{record['name']}-{record['version']}-{record['build']}.conda"
    before = copy.deepcopy(record)
    whole = HotfixProgram(documents, subdir).run(record, fn)
    assert whole.record == one_after_the_other(documents, record, fn, subdir)
    assert record == before
    assert list(whole.applied) == sorted(set(whole.applied))


@given(DOCUMENTS, st.lists(RECORDS, max_size=5), SUBDIRS)
def test_applying_is_deterministic_and_never_changes_its_input(
    documents: tuple[HotfixDocument, ...], records: list[dict[str, Any]], subdir: str
) -> None:
    index = {f"{number}-{record['name']}.conda": record for number, record in enumerate(records)}
    before = copy.deepcopy(index)
    first, second = (apply_documents(documents, index, subdir) for _ in range(2))
    backwards = apply_documents(documents, dict(reversed(index.items())), subdir)
    assert first == second
    assert first.changed == backwards.changed
    assert index == before
    assert all(first.changed[fn] != index[fn] for fn in first.changed)
    assert first.by.keys() == first.changed.keys()


IDEMPOTENT = """
if: {has_depends: lib?( *)}
then:
  - add_depends: guard ==${version}
  - remove_depends: old*
  - tighten_depends: {name: lib, upper_bound: "2.0"}
  - relax_exact_depends: {name: exact}
  - reset_constrains: [one, two]
"""


@given(RECORDS)
def test_adding_removing_tightening_and_resetting_twice_is_once(record: dict[str, Any]) -> None:
    # Of an entry that stands there twice, a removal takes only the first: there, and only there, twice is not once.
    record |= {"depends": list(dict.fromkeys(record.get("depends", ())))}
    documents = parse_patches(IDEMPOTENT)
    once = apply_documents(documents, {"a.conda": record}, "noarch").changed.get("a.conda", record)
    assert apply_documents(documents, {"a.conda": once}, "noarch").changed == {}


@pytest.mark.parametrize(
    ("pattern", "spec"),
    [("late", "late"), ("late?( *)", "late 2"), ("late*", "late-riser 1"), ("late >=*", "late >=3"), ("*te", "late")],
)
def test_a_document_sees_the_dependencies_that_an_earlier_one_added(pattern: str, spec: str) -> None:
    documents = parse_patches(
        f"if: {{name: a}}\nthen: [{{add_depends: '{spec}'}}]\n---\n"
        f"if: {{has_depends: '{pattern}'}}\nthen: [{{add_constrains: seen}}]\n"
    )
    assert HotfixProgram(documents, "noarch").run({"name": "a"}, "a.conda").record.get("constrains") == ["seen"]
    turned = documents[::-1]
    assert "constrains" not in HotfixProgram(turned, "noarch").run({"name": "a"}, "a.conda").record


def test_only_records_that_end_up_different_are_reported() -> None:
    documents = parse_patches(
        "if: {name: a}\nthen: [{add_depends: x}]\n---\nif: {name: a}\nthen: [{remove_depends: x}]\n"
    )
    done = apply_documents(documents, {"1": {"name": "a", "depends": []}, "2": {"name": "b", "depends": []}}, "noarch")
    assert done.changed == {}


def test_what_could_not_be_decided_names_file_document_line_and_record() -> None:
    documents = parse_patches(
        'if: {}\nthen: [{add_depends: x}]\n---\n\nif:\n  version_lt: "2"\nthen: [{add_depends: y}]\n', "a.yaml"
    )
    done = apply_documents(documents, {"a-9e-0.conda": {"name": "a", "version": "9e"}}, "linux-64")
    assert done.changed["a-9e-0.conda"]["depends"] == ["x"]
    (one,) = done.unanswered
    assert (one.subdir, one.fn, one.file, one.document, one.line) == ("linux-64", "a-9e-0.conda", "a.yaml", 2, 6)
    assert "linux-64/a-9e-0.conda: a.yaml:6 (document 2) not applied" in str(one)
