"""Every format is total, carries the same findings, and lets nothing through that others wrote to mislead."""

from __future__ import annotations

import json
import re
import unicodedata
from html import unescape
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from report_examples import EXAMPLES, HOSTILE_REPORT, MANY, law, release, reports, soft_unicode
from report_examples import report as made_report

from tailrace.lint.model import LintCounts, LintFinding, LintReport, UnreadableFile
from tailrace.model import CheckReport, Counts, DownstreamReport, Severity
from tailrace.model.markdown import escape
from tailrace.model.report import Tool, UndecidedReasons, UseCounts
from tailrace.report import RenderOptions, UnknownFormatError, formats_of, render, view_report
from tailrace.rules import RULES

WHOLE = RenderOptions(verbose=True, include_possible=True, width=0)
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def places(report: CheckReport, format: str, options: RenderOptions) -> list[str]:
    """`file:line` of every finding, as read back from the format."""
    text = render(report, format, options=options)
    match format:
        case "json":
            downstreams = json.loads(text)["downstreams"]
            return [f"{f['file']}:{f['line']}" for d in downstreams for f in d["findings"]]
        case "sarif":
            results = json.loads(text)["runs"][0]["results"]
            physical = [result["locations"][0]["physicalLocation"] for result in results]
            return [f"{p['artifactLocation']['uri']}:{p['region']['startLine']}" for p in physical]
        case "gitlab":
            issues = [issue for issue in json.loads(text) if issue["check_name"] in RULES]
            return [f"{i['location']['path']}:{i['location']['lines']['begin']}" for i in issues]
        case "junit":
            return [
                f"{case.get('file')}:{case.get('line')}"
                for case in ET.fromstring(text).iter("testcase")
                if case.get("file")
            ]
        case "github":
            return [f"{m[1]}:{m[2]}" for m in re.finditer(r"^::\w+ file=(.*?),line=(\d+)", text, re.M)]
        case "html":
            found = re.findall(r"^<p><code>(.*?):\d+</code>", text, re.M)
            return [unescape(place) for place in found]
        case "markdown":
            return re.findall(r"^- `([^`]+:\d+):\d+`", text, re.M)
        case "concise":
            return re.findall(r"^([^\s:]+:\d+):\d+: ", text, re.M)
        case _:
            return re.findall(r"^    ([^\s:]+:\d+):\d+$", text, re.M)


@pytest.mark.parametrize("name", sorted(EXAMPLES.keys() - {"hostile"}))
@pytest.mark.parametrize("format", formats_of("check"))
def test_every_format_carries_the_same_findings(name: str, format: str) -> None:
    report = EXAMPLES[name]
    expected = sorted(f"{f.file}:{f.line}" for d in report.downstreams for f in d.findings)
    assert sorted(places(report, format, WHOLE)) == expected


@pytest.mark.parametrize("format", sorted(set(formats_of("check")) - {"json"}))
def test_possible_findings_are_shown_only_when_asked_for(format: str) -> None:
    assert "conda_build/index.py:88" not in places(EXAMPLES["conda"], format, RenderOptions(verbose=True))


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("format", formats_of("check"))
def test_what_was_not_checked_is_always_told_with_its_reason(name: str, format: str) -> None:
    report = EXAMPLES[name]
    text = render(report, format)
    for d in view_report(report, WHOLE).not_checked:
        if name != "hostile":
            assert d.reason is not None
            assert d.reason in text


@pytest.mark.parametrize("format", ["text", "concise", "github"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_first_line_is_the_verdict(name: str, format: str) -> None:
    report = EXAMPLES[name]
    assert render(report, format).startswith(f"{report.verdict.upper()}  ")


@law
@given(reports(), st.sampled_from(formats_of("check")), st.booleans(), st.sampled_from([0, 1, 40, 100]))
def test_every_format_is_total(report: CheckReport, format: str, whole: bool, width: int) -> None:
    options = RenderOptions(color=whole, width=width, verbose=whole, include_possible=whole)
    text = render(report, format, options=options)
    assert text.endswith("\n")
    text.encode("utf-8")
    shown = _ANSI.sub("", text) if format == "text" else text
    unsafe = {c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}} - {"\n"}
    assert not unsafe


def test_colour_is_the_only_escape_and_only_when_wanted() -> None:
    plain, coloured = (render(HOSTILE_REPORT, "text", options=RenderOptions(color=c)) for c in (False, True))
    assert "\x1b" not in plain
    assert "\x1b[" in coloured
    assert "\x1b" not in _ANSI.sub("", coloured)
    assert "[red]rich[/red]" in plain


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [render(EXAMPLES["conda"], "text", options=RenderOptions(color=c)) for c in (False, True)]
    for name, value in {
        "NO_COLOR": "1",
        "TERM": "dumb",
        "COLUMNS": "20",
        "FORCE_COLOR": "1",
        "TTY_COMPATIBLE": "1",
    }.items():
        monkeypatch.setenv(name, value)
    assert before == [render(EXAMPLES["conda"], "text", options=RenderOptions(color=c)) for c in (False, True)]


def test_a_place_is_never_broken_by_wrapping() -> None:
    text = render(EXAMPLES["conda"], "text", options=RenderOptions(width=20))
    assert "    binstar_client/utils/conda.py:5:5" not in text.splitlines()
    assert "    conda_build/utils.py:2084:43" in text.splitlines()


def test_many_sites_are_cut_and_the_cut_is_counted() -> None:
    short = render(MANY, "text")
    assert "    and 12 more places in 12 files\n" in short
    assert len(places(MANY, "text", RenderOptions())) == 5
    assert "more place" not in render(MANY, "text", options=WHOLE)


def test_what_is_the_same_for_several_clear_downstreams_is_said_once() -> None:
    def told(name: str, message: str, **more: object) -> DownstreamReport:
        finding = soft_unicode(f"{name}/METADATA", 3, severity="warning", message=message)
        return DownstreamReport(name=name, version="1", spec=name, findings=(finding,), **({"status": "clear"} | more))  # type: ignore[arg-type]

    same, other = "installers keep the old one there", "installers keep nothing"
    downstreams = [told(name, same) for name in "abcdefg"]
    downstreams += [
        told("own", other),
        told("noted", same, notes=("a file was not read",)),
        told("x", same, status="possible"),
    ]
    several = of(*downstreams)
    text = render(several, "text")
    assert text.count(same) == 3, "once for seven, once for what has a note, once for what is not clear"
    assert "warning  7 clear downstreams: name-removed\n" in text
    assert "    a/METADATA:3:24  a 1\n" in text
    assert "    and in 2 more (--verbose)\n" in text
    assert text.count(other) == 1
    assert all(f"\nclear  {name} 1  (" in text for name in "abcdefg")
    assert render(several, "text", options=WHOLE).count(same) == 9


def test_a_clear_downstream_is_one_line_with_what_was_looked_at() -> None:
    assert "clear  flask 3.0.3    (24 files, 3 name the upstream)\n" in render(EXAMPLES["markupsafe"], "text")
    assert "anaconda-client 1.9.0  (80 files, 2 name the upstream, 1 guarded use)\n" in render(
        EXAMPLES["conda"], "text"
    )


def test_an_unknown_format_is_told_with_those_there_are() -> None:
    with pytest.raises(UnknownFormatError, match=r"There is no report format 'pdf'\. Formats are text, concise"):
        render(EXAMPLES["clear"], "pdf")


# --- github


@law
@given(reports())
def test_workflow_commands_are_one_line_each_and_only_ours(report: CheckReport) -> None:
    view = view_report(report, WHOLE)
    lines = render(report, "github", options=WHOLE).split("\n")[1:-1]
    assert len(lines) == len(view.sites) + len(view.not_checked) + len(view.allow_list) + len(view.notes)
    for line in lines:
        command = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
        assert command is not None
        assert "##[" not in line
        for pair in command[2].split(","):
            assert re.match(r"(file|line|col|title)=", pair)
        assert not re.search(r"%(?!25|0A|0D|3A|2C)", line)


# --- markdown

_SILENT = {"text", "code_inline", "softbreak", "strong_open", "strong_close"}


@pytest.mark.parametrize("text", ["@somebody", "@_somebody", "#12", "a www.example b", "@\\_x"])
def test_nobody_is_mentioned_and_nothing_is_linked(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(escape(text))
    said = "".join(child.content for token in tokens for child in token.children or () if child.type == "text")
    assert not re.search(r"@\w|#\d|\bwww\.", said)
    assert said.replace("\u200b", "") == text


@law
@given(reports())
def test_markdown_by_others_stays_text(report: CheckReport) -> None:
    text = render(report, "markdown", options=WHOLE)
    tokens = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable("table").parse(text)
    assert not [token for token in tokens if token.type in {"html_block", "blockquote_open", "hr", "code_block"}]
    inline = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in inline} <= _SILENT
    for child in inline:
        if child.type == "text":
            assert not re.search(r"@\w|#\d|\bwww\.", child.content), child.content
    headings = [token for token in tokens if token.type == "heading_open"]
    loud = [d for d in view_report(report, WHOLE).downstreams if d.groups or d.notes or d.reason]
    assert len(headings) == 1 + len(loud) + bool(report.allow_list) + bool(report.notes)


@law
@given(reports())
def test_a_table_has_a_row_for_every_downstream_and_five_cells_a_row(report: CheckReport) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(render(report, "markdown", options=WHOLE))
    rows = sum(token.type == "tr_open" for token in tokens)
    cells = sum(token.type in {"td_open", "th_open"} for token in tokens)
    assert rows == (1 + len(report.downstreams) if report.downstreams else 0)
    assert cells == 5 * rows


def of(*downstreams: DownstreamReport) -> CheckReport:
    return made_report(*downstreams, candidate=release("up", "2"), baseline=release("up", "1"))


# --- junit


@law
@given(reports())
def test_junit_is_valid_xml_whose_numbers_reconcile(report: CheckReport) -> None:
    root = ET.fromstring(render(report, "junit", options=WHOLE))
    suites = root.findall("testsuite")
    assert len(suites) == len(report.downstreams)
    for key, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(root.get(key, "")) == sum(int(suite.get(key, "")) for suite in suites) == len(list(root.iter(tag)))


def test_junit_gives_no_empty_reason() -> None:
    told = soft_unicode("demo-1.dist-info/METADATA", 33, severity="warning", scope="function", inside="")
    one = DownstreamReport(name="demo", version="1", spec="demo", status="clear", findings=(told,))
    (skipped,) = ET.fromstring(render(of(one), "junit")).iter("skipped")
    assert skipped.attrib["message"] == f"warning: {told.message}"


def test_junit_fails_where_users_would() -> None:
    root = ET.fromstring(render(EXAMPLES["conda"], "junit"))
    failed = [case.get("file") for case in root.iter("testcase") if case.find("failure") is not None]
    assert failed == ["conda_build/utils.py"]
    (error,) = root.iter("error")
    assert error.get("message") == "the package holds compiled modules only and no stubs"


@pytest.mark.parametrize(
    ("severity", "suppressed", "tag"),
    [("error", None, "failure"), ("warning", None, "failure"), ("note", None, "skipped"), ("error", "ok", "skipped")],
)
def test_junit_fails_for_lint_where_the_run_does(severity: Severity, suppressed: str | None, tag: str) -> None:
    finding = LintFinding(
        rule="defaults-mixed", severity=severity, file="environment.yml", line=2, column=1, source="- defaults",
        message="mixes", fix="remove it", suppressed=suppressed,
    )  # fmt: skip
    counts = LintCounts(
        files=2, read=1, unreadable=1, findings=1, errors=0, warnings=1, notes=0, suppressed=0, fixable=0
    )
    unreadable = (UnreadableFile(file="broken.yml", reason="it is not YAML", line=3),)
    report = LintReport(
        tool=Tool(version="1"), verdict="findings", counts=counts, findings=(finding,), unreadable=unreadable
    )
    root = ET.fromstring(render(report, "junit"))
    assert [case[0].tag for case in root.iter("testcase")] == [tag, "error"]
    assert [case.get("file") for case in root.iter("testcase")] == ["environment.yml", None]


def test_junit_skips_what_is_undecided() -> None:
    root = ET.fromstring(render(UNDECIDED, "junit"))
    cases = [(case.get("name"), case[0].tag) for case in root.iter("testcase")]
    assert [tag for _, tag in cases] == ["skipped", "skipped"]
    assert all(name and name.startswith("clear, ") for name, _ in cases)


UNDECIDED = msgspec.structs.replace(
    EXAMPLES["clear"],
    downstreams=tuple(
        msgspec.structs.replace(
            d,
            uses=UseCounts(
                total=14,
                decided=11,
                undecided=3,
                undecided_changed=2 - number,
                reasons=UndecidedReasons(dynamic=1, type_unknown=2),
            ),
        )
        for number, d in enumerate(EXAMPLES["clear"].downstreams[:2])
    ),
    counts=Counts(downstreams=2, breaks=0, contained=0, possible=0, clear=2, not_checked=0),
)


@pytest.mark.parametrize("format", sorted(set(formats_of("check")) - {"json"}))
def test_every_format_says_that_uses_of_changed_names_are_undecided(format: str) -> None:
    text = " ".join(render(UNDECIDED, format, options=RenderOptions(width=0)).replace("%2C", ",").split())
    # A code quality report has no headline, only issues.
    assert "3 uses of changed names undecided" in text or format == "gitlab"
    for number, noun in ((2, "uses"), (1, "use")):
        said = f"clear, {number} {noun} of changed names undecided"
        assert said in text or (format == "sarif" and f"{number} of them name something that changed" in text)


@pytest.mark.parametrize("format", sorted(set(formats_of("check")) - {"json", "text"}))
def test_every_format_says_that_uses_are_undecided_where_nothing_of_them_changed(format: str) -> None:
    """Also beside a break, and where the downstream is clear."""
    uses = UseCounts(total=9, decided=7, undecided=2, reasons=UndecidedReasons(dynamic=2))
    broken, clear = EXAMPLES["markupsafe"].downstreams[:2]
    for one in (broken, clear):
        text = render(of(msgspec.structs.replace(one, uses=uses)), format, options=WHOLE)
        assert "2 of 9 uses" in text.replace("%2C", ",")


def test_text_says_how_many_uses_are_undecided_and_why() -> None:
    text = " ".join(render(UNDECIDED, "text", options=RenderOptions(width=0)).split())
    assert "3 of 14 uses undecided" in text
    assert "1 of names made at run time, 2 on values of unknown type; 2 of them name something that changed" in text
    assert "undecided" not in render(EXAMPLES["clear"], "text", options=WHOLE)
