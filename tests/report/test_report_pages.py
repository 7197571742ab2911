"""The pages of `tailrace diff` and `tailrace explain`."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from report_examples import HOSTILE, SOFT_UNICODE, changes, law, release

from tailrace.model import Change, Deprecation
from tailrace.report import RenderOptions, render
from tailrace.report.views.diff import diff_report
from tailrace.report.views.rule import RuleList
from tailrace.rules import RULES

OLD, NEW = release("markupsafe", "2.0.1", "MarkupSafe==2.0.1"), release("markupsafe", "2.1.0", "MarkupSafe==2.1.0")
CHANGES = (
    SOFT_UNICODE,
    Change(rule="module-removed", symbol="markupsafe._compat", file="markupsafe/_compat.py", line=1),
    Change(rule="name-removed", symbol="markupsafe.gone", file="markupsafe/__init__.py", line=3),
    Change(
        rule="now-deprecated",
        symbol="markupsafe.old",
        deprecation=Deprecation(removed_in="3.0", message="use new"),
        in_candidate=True,
    ),
)


def test_a_diff_counts_first_and_then_groups_by_rule() -> None:
    assert render(diff_report(OLD, NEW, CHANGES), "text").splitlines() == [
        "MarkupSafe 2.0.1 → MarkupSafe 2.1.0: 4 changes (1 module-removed, 2 name-removed, 1 now-deprecated;",
        "  1 announced by a deprecation)",
        "",
        "module-removed  A module is gone  (1)",
        "  markupsafe._compat  markupsafe/_compat.py:1",
        "      no deprecation mark found",
        "",
        "name-removed  A name is gone from a module  (2)",
        "  markupsafe.gone  markupsafe/__init__.py:3",
        "      no deprecation mark found",
        "  markupsafe.soft_unicode  markupsafe/__init__.py:288",
        "      deprecated since 2.0, removal announced for 2.1, “'soft_unicode' has been renamed to",
        "      'soft_str'.”",
        "",
        "now-deprecated  Deprecated since this release  (1)",
        "  markupsafe.old",
        "      marked as deprecated, removal announced for 3.0, “use new”",
    ]


def test_no_change_is_said() -> None:
    assert render(diff_report(OLD, NEW, ()), "text") == (
        "MarkupSafe 2.0.1 → MarkupSafe 2.1.0: nothing that was offered is gone or changed\n"
    )


def test_a_diff_as_json_counts_what_it_holds() -> None:
    data = json.loads(render(diff_report(OLD, NEW, CHANGES), "json"))
    assert data["schema"] == "tailrace.diff/1"
    assert data["counts"]["changes"] == len(data["changes"]) == sum(data["counts"]["by_rule"].values())


@law
@given(st.lists(changes, max_size=5), st.randoms(use_true_random=False), st.sampled_from(["text", "markdown", "json"]))
def test_a_diff_is_total_and_independent_of_order(found: list[Change], random: random.Random, format: str) -> None:
    first = render(diff_report(OLD, NEW, found), format)  # type: ignore[arg-type]
    random.shuffle(found)
    assert render(diff_report(OLD, NEW, found), format) == first  # type: ignore[arg-type]
    assert "\x1b" not in first


def test_hostile_symbols_stay_in_their_cell() -> None:
    text = render(diff_report(OLD, NEW, [Change(rule="name-removed", symbol=HOSTILE, file=HOSTILE)]), "markdown")
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    assert sum(token.type == "td_open" for token in tokens) == 3
    assert not [c for t in tokens for c in t.children or () if c.type in {"link_open", "image", "html_inline"}]


@pytest.mark.parametrize("rule_id", RULES)
def test_a_rule_page_says_everything_in_every_format(rule_id: str) -> None:
    rule = RULES[rule_id]
    markdown = render(rule, "markdown")
    text = render(rule, "text", options=RenderOptions(width=0))
    for page in (markdown, text):
        assert rule.title in page
        assert "How to fix it" in page
        for line in rule.example.downstream.splitlines():
            assert line.startswith("# file:") or line in page
    assert json.loads(render(rule, "json"))["id"] == rule_id
    assert "\x1b" not in text
    assert "\x1b" in render(rule, "text", options=RenderOptions(color=True))
    tokens = MarkdownIt("commonmark").parse(markdown)
    assert [t.tag for t in tokens if t.type == "heading_open"] == ["h1", "h2", "h2", "h2"]
    assert len([t for t in tokens if t.type == "fence"]) >= 4


def test_stars_inside_code_stay() -> None:
    assert "`**kwargs`" in render(RULES["parameter-removed"], "text")


@pytest.mark.parametrize("format", ["text", "markdown", "json"])
def test_the_list_names_every_rule(format: str) -> None:
    text = render(RuleList(tuple(RULES.values())), format)
    assert all(rule_id in text for rule_id in RULES)
