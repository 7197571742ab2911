"""conda-forge's own documents give the results that its own implementation gave, in every recorded record."""

from __future__ import annotations

import copy
import gzip
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tailrace.hotfix import HotfixDocument, HotfixProgram, dump_documents, load_patches, parse_patches

DATA = Path(__file__).parents[1] / "data" / "hotfix"
BENCH = Path(__file__).parents[3] / "shared" / "bench" / "hotfix"
beside = pytest.mark.skipif(not BENCH.is_dir(), reason="conda-forge's own documents are not beside this checkout")


def test_made_up_documents_give_what_conda_forges_implementation_gave() -> None:
    with gzip.open(DATA / "made_up.jsonl.gz") as file:
        rows = [msgspec.json.decode(line) for line in file]
    assert len(rows) > 1000
    for row in rows:
        before = copy.deepcopy(row["record"])
        run = HotfixProgram(parse_patches(row["document"]), row["subdir"]).run(row["record"], row["fn"])
        assert (run.record, bool(run.applied)) == (row["expected"], row["matched"]), row
        assert not run.unanswered, row
        assert row["record"] == before


@pytest.fixture(scope="module")
def documents() -> tuple[HotfixDocument, ...]:
    return load_patches(BENCH / "patch_yaml")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    with gzip.open(BENCH / "dev.jsonl.gz") as file:
        return [msgspec.json.decode(line) for line in file]


@beside
def test_every_record_comes_out_as_recorded(documents: tuple[HotfixDocument, ...], rows: list[dict[str, Any]]) -> None:
    programs = {subdir: HotfixProgram(documents, subdir) for subdir in {row["subdir"] for row in rows}}
    for row in rows:
        before = copy.deepcopy(row["record"])
        run = programs[row["subdir"]].run(row["record"], row["fn"])
        assert run.record == row["expected"], row["fn"]
        assert {documents[number].file for number in run.applied} == set(row["matched"]), row["fn"]
        assert not run.unanswered
        assert row["record"] == before


@beside
def test_every_document_survives_being_written_and_read(documents: tuple[HotfixDocument, ...]) -> None:
    assert parse_patches(dump_documents(documents)) == documents


def test_the_language_has_the_keys_of_conda_forges_schema_and_no_others() -> None:
    from tailrace.hotfix.language.vocabulary import ACTION_WORDS, CONDITION_WORDS

    keys = msgspec.json.decode((DATA / "keys.json").read_bytes())
    assert sorted(CONDITION_WORDS) == keys["if"]
    assert sorted(ACTION_WORDS) == keys["then"]
