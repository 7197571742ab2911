"""A document written as YAML reads as the same document, whatever is in it."""

from __future__ import annotations

import pytest
import yaml
from hotfix_strategies import DOCUMENTS, ODD_DOCUMENTS
from hypothesis import given
from hypothesis import strategies as st

from tailrace.hotfix import HotfixAction, HotfixDocument, RecordCondition, dump_document, dump_documents, parse_patches
from tailrace.hotfix.language.dump import comment_lines

CONDA_BUILD = HotfixDocument(
    (
        RecordCondition("name", "is", ("conda-build",)),
        RecordCondition("version", "le", ("3.21.7",)),
        RecordCondition("timestamp", "lt", (1653955200000,)),
        RecordCondition("has_depends".removeprefix("has_"), "has", ("conda?( *)",), negated=True),
        RecordCondition("build_number", "in", (0, 1), as_list=True),
    ),
    (
        HotfixAction("tighten", "depends", name="conda", upper_bound="4.13"),
        HotfixAction("replace", "depends", old="a 1.[*]", new="${old},<2"),
        HotfixAction("add", "constrains", ("b >=1",)),
        HotfixAction("reset", "constrains", ("no", "1.5"), as_list=True),
    ),
    comment="conda 4.13.0 removed conda.common.compat.itervalues:\nconda_build/utils.py:2084 fails",
)
CONDA_BUILD_YAML = """\
# conda 4.13.0 removed conda.common.compat.itervalues:
# conda_build/utils.py:2084 fails
if:
  name: conda-build
  version_le: 3.21.7
  timestamp_lt: 1653955200000
  not_has_depends: conda?( *)
  build_number_in:
    - 0
    - 1
then:
  - tighten_depends:
      name: conda
      upper_bound: "4.13"
  - replace_depends:
      old: a 1.[*]
      new: "${old},<2"
  - add_constrains: b >=1
  - reset_constrains:
      - "no"
      - "1.5"
"""


def test_the_text_is_in_conda_forges_style() -> None:
    assert dump_document(CONDA_BUILD) == CONDA_BUILD_YAML
    assert parse_patches(CONDA_BUILD_YAML) == (CONDA_BUILD,)


@given(DOCUMENTS)
def test_documents_survive_the_round_trip(documents: tuple[HotfixDocument, ...]) -> None:
    assert parse_patches(dump_documents(documents)) == documents


@given(ODD_DOCUMENTS)
def test_documents_with_odd_texts_survive_the_round_trip(documents: tuple[HotfixDocument, ...]) -> None:
    text = dump_documents(documents)
    assert parse_patches(text) == documents
    assert dump_documents(parse_patches(text)) == "---\n".join(
        dump_document(HotfixDocument(one.conditions, one.actions)) for one in documents
    )


@given(st.text(max_size=60))
def test_a_comment_never_becomes_part_of_the_document(comment: str) -> None:
    document = HotfixDocument(
        (RecordCondition("name", "is", ("a",)),), (HotfixAction("add", "depends", ("b",)),), comment=comment
    )
    text = dump_document(document)
    assert list(yaml.safe_load_all(text)) == [{"if": {"name": "a"}, "then": [{"add_depends": "b"}]}]


@pytest.mark.parametrize(
    ("comment", "lines"),
    [
        ("", []),
        ("why", ["# why"]),
        ("a\n\nb", ["# a", "#", "# b"]),
        ("a\u2028if: x\x85then", ["# a", "# if: x", "# then"]),
    ],
)
def test_every_line_of_a_comment_is_one(comment: str, lines: list[str]) -> None:
    assert list(comment_lines(comment)) == lines


@pytest.mark.parametrize(
    "text", ["1", "1.5", "no", "null", "~", "2022-05-30", "0x1f", "1:30", "=", "<<", "a: b", "a #b", "- a", "é", "a\tb"]
)
def test_text_that_yaml_takes_for_something_else_is_quoted(text: str) -> None:
    document = HotfixDocument((RecordCondition("build", "is", (text,)),), (HotfixAction("add", "depends", (text,)),))
    assert yaml.safe_load(dump_document(document)) == {"if": {"build": text}, "then": [{"add_depends": text}]}
