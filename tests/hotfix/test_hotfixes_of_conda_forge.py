"""The hotfixes that conda-forge wrote by hand, derived from what a check shows of the same releases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from check_reports import downstream, report

from tailrace.conda.repodata import channel_from_packages
from tailrace.hotfix import HotfixDocument, apply_documents
from tailrace.hotfix.suggest import parse_fixed, suggest
from tailrace.model import CheckReport

DATA = Path(__file__).resolve().parents[1] / "data"
#: By package and bound, what the documents say that were written by hand.
WRITTEN = json.loads((DATA / "hotfix" / "bounds.json").read_text())
FACTS = DATA / "incident-2022-05" / "facts.json"


def checked(upstream: str, baseline: str, candidate: str, name: str, *statuses: str) -> list[tuple[str, CheckReport]]:
    """One report for each `3.21.8 breaks`."""
    made = []
    for text in statuses:
        version, status = text.split()
        found = downstream(name, version, status, requirement=upstream)  # type: ignore[arg-type]
        made.append((f"{name}-{version}.json", report(baseline, candidate, found, upstream=upstream)))
    return made


CONDA_413 = checked(
    "conda", "4.12.0", "4.13.0", "conda-build", "3.21.6 breaks", "3.21.7 breaks", "3.21.8 breaks", "3.21.9 clear"
)


@pytest.mark.parametrize(
    ("reports", "fixed", "bound"),
    [
        (CONDA_413, ["conda-build 3.21.8 1"], "4.13"),
        (
            checked("conda", "23.7.4", "23.9.0", "conda-build", "3.24.0 breaks", "3.25.0 clear"),
            [],
            "23.9",
        ),
        (
            checked("conda", "24.1.2", "24.3.0", "conda-build", "3.21.8 clear", "24.1.2 breaks", "24.3.0 clear"),
            [],
            "24.3",
        ),
        (checked("conda", "4.12.0", "4.13.0", "mamba", "0.23.3 breaks", "0.24.0 clear"), [], "4.13"),
    ],
)
def test_the_documents_are_those_that_were_written_by_hand(
    reports: list[tuple[str, CheckReport]], fixed: list[str], bound: str
) -> None:
    name = reports[0][1].downstreams[0].name
    derived = suggest(reports, fixed=map(parse_fixed, fixed)).documents
    (written,) = (row["written"] for row in WRITTEN if (row["name"], row["bound"]) == (name, bound))
    assert derived
    assert [meaning_of(one) for one in derived] == written[: len(derived)]


def meaning_of(document: HotfixDocument) -> list[Any]:
    """What a document says, whatever the order of its lines; up to when it goes for new builds is a matter of date."""
    conditions = [one for one in document.conditions if one.field != "timestamp"]
    return [sorted([one.key, list(one.values)] for one in conditions), short(document.actions[0].upper_bound)]


def short(bound: str | None) -> str:
    """`23.9` and `23.9.0` are one bound."""
    return (bound or "").removesuffix(".0")


def test_the_real_records_get_the_bounds_they_have_got() -> None:
    records = {
        item["fn"]: {key: value for key, value in item.items() if key not in ("fn", "provenance")}
        for item in json.loads(FACTS.read_text())["records"]["conda-forge"]
        if item["subdir"] == "linux-64"
    }
    channel = channel_from_packages("conda-forge", {"linux-64": records})
    made = suggest(CONDA_413, [channel], fixed=[parse_fixed("conda-build 3.21.8 1")])
    done = apply_documents(made.documents, records, "linux-64")
    assert list(done.changed) == ["conda-build-3.21.8-py39hf3d152e_0.tar.bz2"]
    (record,) = done.changed.values()
    assert "conda >=4.5,<4.13.0a0" in record["depends"]
