"""Patch instructions: what each part does to an index, and that a difference leads from the one index to the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hotfix_strategies import RECORDS
from hypothesis import given
from hypothesis import strategies as st

from tailrace.conda.instructions import decode_instructions, encode_instructions
from tailrace.conda.repodata import SECTIONS
from tailrace.hotfix import (
    PatchInstructions,
    Repodata,
    RepodataError,
    apply_instructions,
    decode_repodata,
    encode_repodata,
    make_instructions,
    read_instructions,
    write_instructions,
)


def record(name: str, *depends: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "version": "1", "build": "0", "build_number": 0, "depends": list(depends), **fields}


def index(packages: dict[str, Any], conda: dict[str, Any], **top: Any) -> Repodata:
    return decode_repodata(
        msgspec.json.encode({"info": {"subdir": "noarch"}, "packages": packages, "packages.conda": conda, **top})
    )


def contents(repodata: Repodata) -> dict[str, Any]:
    decoded: dict[str, Any] = msgspec.json.decode(b"".join(encode_repodata(repodata)))
    return decoded


BEFORE = index(
    {"a-1-0.tar.bz2": record("a", "x"), "b-1-0.tar.bz2": record("b", "x")},
    {"a-1-0.conda": record("a", "x"), "c-1-0.conda": record("c", "x", "y", extra={"k": 1, "l": 2})},
    removed=["old-1-0.conda"],
    repodata_version=1,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"packages": {"a-1-0.tar.bz2": {"depends": ["z"]}}}', {"a-1-0.tar.bz2": ["z"], "a-1-0.conda": ["z"]}),
        ('{"packages.conda": {"a-1-0.conda": {"depends": ["z"]}}}', {"a-1-0.conda": ["z"]}),
        ('{"packages": {"a-1-0.conda": {"depends": ["z"]}}}', {"a-1-0.conda": ["z"]}),
        ('{"packages.conda": {"a-1-0.tar.bz2": {"depends": ["z"]}}}', {}),
        (
            '{"packages": {"a-1-0.tar.bz2": {"depends": ["z"]}}, "packages.conda": {"a-1-0.conda": {"depends": []}}}',
            {"a-1-0.tar.bz2": ["z"], "a-1-0.conda": []},
        ),
        (
            '{"packages": {"a-1-0.tar.bz2": {"depends": ["z"]}, "a-1-0.conda": {"license": "MIT"}}}',
            {"a-1-0.tar.bz2": ["z"]},
        ),
        ('{"packages": {"nobody-1-0.tar.bz2": {"depends": ["z"]}}}', {}),
        (
            '{"revoke": ["a-1-0.tar.bz2"]}',
            {"a-1-0.tar.bz2": ["x", "package_has_been_revoked"], "a-1-0.conda": ["x", "package_has_been_revoked"]},
        ),
        ('{"revoke": ["c-1-0.conda", "nobody.conda"]}', {"c-1-0.conda": ["x", "y", "package_has_been_revoked"]}),
        ("{}", {}),
    ],
)
def test_depends_after_the_instructions(text: str, expected: dict[str, list[str]]) -> None:
    after = apply_instructions(decode_instructions(text.encode()), BEFORE)
    for name in SECTIONS:
        for fn, old in BEFORE.section(name).items():
            assert after.section(name)[fn]["depends"] == expected.get(fn, old["depends"])
            assert ("revoked" in after.section(name)[fn]) == ("revoke" in text and fn in expected)


def test_removed_files_are_listed_with_those_that_were_before() -> None:
    after = contents(
        apply_instructions(PatchInstructions(remove=("b-1-0.tar.bz2", "a-1-0.tar.bz2", "no.conda")), BEFORE)
    )
    assert after["removed"] == ["a-1-0.conda", "a-1-0.tar.bz2", "b-1-0.tar.bz2", "old-1-0.conda"]
    assert (list(after["packages"]), list(after["packages.conda"])) == ([], ["c-1-0.conda"])


def test_whole_fields_are_replaced_mappings_merged_and_what_is_null_goes() -> None:
    fields = {"extra": {"k": 9}, "build_number": None, "track_features": None, "depends": ["q"]}
    after = apply_instructions(PatchInstructions(packages_conda={"c-1-0.conda": fields}), BEFORE).packages_conda[
        "c-1-0.conda"
    ]
    assert after == {"name": "c", "version": "1", "build": "0", "depends": ["q"], "extra": {"k": 9, "l": 2}} | {
        "track_features": None
    }
    assert BEFORE.packages_conda["c-1-0.conda"]["extra"] == {"k": 1, "l": 2}


def test_a_conda_file_that_must_not_follow_its_twin_keeps_its_own_values() -> None:
    original = {name: BEFORE.section(name) for name in SECTIONS}
    patched = {"packages": {"a-1-0.tar.bz2": record("a", "z", constrains=["w"])}}
    made = make_instructions(original, patched)  # type: ignore[arg-type]
    assert made.packages == {"a-1-0.tar.bz2": {"depends": ["z"], "constrains": ["w"]}}
    assert made.packages_conda == {"a-1-0.conda": {"depends": ["x"], "constrains": None}}


FILES = st.sampled_from(["a-1-0", "b-1-0", "c-1-0"])


def without_nulls(index: Any) -> Any:
    """A field that is null says what a field that is not there says."""
    return {
        name: {
            fn: {key: value for key, value in record.items() if value is not None} for fn, record in index[name].items()
        }
        for name in SECTIONS
    }


INDEXES = st.fixed_dictionaries(
    {
        "packages": st.dictionaries(FILES.map("{}.tar.bz2".format), RECORDS),
        "packages.conda": st.dictionaries(FILES.map("{}.conda".format), RECORDS),
    }
)


@given(INDEXES, INDEXES)
def test_the_difference_of_two_indexes_leads_from_one_to_the_other(before: Any, after: Any) -> None:
    wanted = {name: {fn: after[name].get(fn, old) for fn, old in before[name].items()} for name in SECTIONS}
    made = make_instructions(before, after)
    assert decode_instructions(encode_instructions(made)) == made
    result = contents(apply_instructions(made, index(before["packages"], before["packages.conda"])))
    assert without_nulls(result) == without_nulls(wanted)


@given(INDEXES)
def test_no_difference_no_instructions(before: Any) -> None:
    assert make_instructions(before, before) == PatchInstructions()


def test_the_file_has_all_parts_in_a_fixed_order(tmp_path: Path) -> None:
    path = tmp_path / "patch_instructions.json"
    made = PatchInstructions(packages={"b": {"depends": []}, "a": {"license": "MIT"}}, remove=("x.conda",))
    write_instructions(made, path)
    assert read_instructions(path) == made
    decoded = msgspec.json.decode(path.read_bytes())
    assert list(decoded) == ["packages", "packages.conda", "patch_instructions_version", "remove", "revoke"]
    assert list(decoded["packages"]) == ["a", "b"]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "cut short or not JSON"),
        ('{"packages": {', "cut short or not JSON"),
        ("[]", "holds no patch instructions"),
        ('{"packages": []}', "packages"),
        ('{"packages": {"a": ["depends"]}}', "packages"),
        ('{"remove": "a.conda"}', "remove"),
        ('{"packages": {"a": {"depends": "b"}}}', "a list of texts"),
        ('{"packages.conda": {"a": {"constrains": [1]}}}', "a list of texts"),
        ('{"patch_instructions_version": 2}', "only version 1 is understood"),
    ],
)
def test_anything_else_is_one_clear_sentence(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "patch_instructions.json"
    path.write_text(text)
    with pytest.raises(RepodataError) as caught:
        read_instructions(path)
    assert said in str(caught.value)
    assert caught.value.exit_status == 3
    assert str(caught.value).startswith(str(path))
