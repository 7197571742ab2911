"""What every format shows: the goldens of the view, and the laws of order."""

from __future__ import annotations

import dataclasses
import json
import os
import random
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_examples import EXAMPLES, JINJA, MARKUPSAFE, counts, law, reports, soft_unicode

from tailrace.model import CheckReport, Finding
from tailrace.report import RenderOptions, formats_of, render, view_report
from tailrace.report.views.sentences import headline, level, loads, requirement

GOLDENS = Path(__file__).parent / "goldens"
WHOLE = RenderOptions(verbose=True, include_possible=True)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_view_is_the_recorded_one(name: str) -> None:
    """Written anew with `TAILRACE_UPDATE_GOLDENS=1`; read the difference before you commit it."""
    path = GOLDENS / f"{name}.json"
    view = json.dumps(dataclasses.asdict(view_report(EXAMPLES[name], WHOLE)), indent=1, ensure_ascii=True) + "\n"
    if os.environ.get("TAILRACE_UPDATE_GOLDENS"):
        path.write_text(view, encoding="ascii")
    assert view == path.read_text(encoding="ascii")


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_themselves_reconcile(name: str) -> None:
    report = EXAMPLES[name]
    assert report.counts == counts(report.downstreams)


def _shuffled(report: CheckReport, random: random.Random) -> CheckReport:
    def mix(items: tuple) -> tuple:  # type: ignore[type-arg]
        mixed = list(items)
        random.shuffle(mixed)
        return tuple(mixed)

    return msgspec.structs.replace(
        report,
        changes=mix(report.changes),
        allow_list=mix(report.allow_list),
        downstreams=mix(tuple(msgspec.structs.replace(d, findings=mix(d.findings)) for d in report.downstreams)),
    )


@law
@given(reports(), st.randoms(use_true_random=False), st.sampled_from(formats_of("check")), st.booleans())
def test_a_report_does_not_depend_on_the_order_in_which_it_was_found(
    report: CheckReport, random: random.Random, format: str, verbose: bool
) -> None:
    options = RenderOptions(verbose=verbose, include_possible=verbose)
    assert render(_shuffled(report, random), format, options=options) == render(report, format, options=options)


@law
@given(reports())
def test_every_finding_is_in_the_view_exactly_once(report: CheckReport) -> None:
    view = view_report(report, WHOLE)
    assert len(view.sites) == sum(len(d.findings) for d in report.downstreams)
    few = view_report(report, RenderOptions())
    assert len(few.sites) + few.hidden == len(view.sites)
    assert len(view.downstreams) == report.counts.downstreams


_BREAK = JINJA.findings[0]
_LEVELS = [
    ("a break that reaches users", "breaks", {}, "error"),
    ("a contained break", "contained", {}, "warning"),
    ("a likely break", "breaks", {"confidence": "likely"}, "error"),
    ("only in tests", "breaks", {"only_in_tests": True}, "warning"),
    ("guarded", "breaks", {"guard": "except ImportError"}, "note"),
    ("allowed", "breaks", {"allowed": "known"}, "note"),
    ("a condition that nothing meets", "breaks", {"condition": "x", "condition_met": False}, "note"),
    ("a condition that something meets", "breaks", {"condition": "x", "condition_met": True}, "error"),
    ("possible", "possible", {"confidence": "possible"}, "note"),
    ("a warning", "clear", {"severity": "warning"}, "warning"),
    ("a note", "clear", {"severity": "note"}, "note"),
]


@pytest.mark.parametrize(("what", "status", "fields", "expected"), _LEVELS, ids=[row[0] for row in _LEVELS])
def test_only_what_reaches_users_is_an_error(what: str, status: str, fields: dict[str, object], expected: str) -> None:
    finding: Finding = msgspec.structs.replace(_BREAK, **fields)
    assert level(status, finding) == expected  # type: ignore[arg-type]


_LOADS = [
    ((), ""),
    (("a",), "no longer loads: a"),
    (("a", "a.b", "a.c"), "no longer loads: a (2 modules in it)"),
    (("a.b", "ab"), "no longer load: a.b, ab"),
    (("a", "script:run", "entry-point:g:n"), "no longer load: a, the command run, the plug-in g:n"),
]


@pytest.mark.parametrize(("import_breaks", "said"), _LOADS)
def test_what_no_longer_loads_is_told_by_package(import_breaks: tuple[str, ...], said: str) -> None:
    assert loads(import_breaks) == said


def test_the_headline_spells_the_name_as_the_user_did() -> None:
    assert headline(MARKUPSAFE) == "MarkupSafe 2.1.0 breaks 1 of 3 downstreams, 2 of 3 use it (baseline 2.0.1)"
    assert headline(EXAMPLES["conda"]).startswith("conda 4.13.0 breaks 1 of 5 downstreams, 1 contained, 1 not checked")
    assert (
        headline(EXAMPLES["incomplete"]) == "markupsafe 2.1.0: 1 of 2 downstreams could not be checked (baseline 2.0.1)"
    )
    assert headline(EXAMPLES["none"]) == "a 2: there was no downstream to check (baseline 1)"


def test_a_requirement_is_quoted_with_what_it_admits() -> None:
    assert requirement(JINJA, "2.1.0") == "requires MarkupSafe>=0.23, which admits 2.1.0"
    shut = msgspec.structs.replace(JINJA, requirement="MarkupSafe<2.1", admits_candidate=False)
    assert requirement(shut, "2.1.0") == "requires MarkupSafe<2.1, which does not admit 2.1.0"


def test_findings_of_one_cause_are_one_group_and_say_the_cause_once() -> None:
    (group,) = view_report(MARKUPSAFE, WHOLE).downstreams[0].groups
    assert [site.place for site in group.sites] == ["jinja2/filters.py:13:24", "jinja2/runtime.py:412:21"]
    assert group.cause == "markupsafe/__init__.py:288 in 2.0.1, deprecated since 2.0, removal announced for 2.1"
    near_miss = msgspec.structs.replace(_BREAK, symbol="markupsafe.soft_str")
    downstream = msgspec.structs.replace(JINJA, findings=(_BREAK, near_miss))
    two = msgspec.structs.replace(MARKUPSAFE, downstreams=(downstream, *MARKUPSAFE.downstreams[1:]))
    assert len(view_report(two, WHOLE).downstreams[0].groups) == 2


def test_a_finding_without_a_fingerprint_gets_one_that_does_not_move_with_its_line() -> None:
    first, moved, other = (
        msgspec.structs.replace(
            MARKUPSAFE,
            downstreams=(
                msgspec.structs.replace(JINJA, findings=(soft_unicode(file, line, fingerprint="", inside="x"),)),
                *MARKUPSAFE.downstreams[1:],
            ),
        )
        for file, line in (("a.py", 1), ("a.py", 9), ("b.py", 1))
    )
    prints = [view_report(report, WHOLE).sites[0][2].fingerprint for report in (first, moved, other)]
    assert prints[0] == prints[1] != prints[2]
