"""Whatever stands in the fields of a report: no output acts on a terminal, a log or a page, and none holds a secret."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any, get_args, get_origin
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from report_examples import HOSTILE, reports

from tailrace.channel.index_formats.values import ChannelCheck, Difference, FolderFound, FormFound, NotChecked
from tailrace.lint.model import LintCounts, LintFinding, LintReport, UnreadableFile
from tailrace.model import Change, CheckReport, Release
from tailrace.model.inert import html, inert, visible, visible_lines, without_commands
from tailrace.model.report import Tool
from tailrace.report import RenderOptions, formats_of, render
from tailrace.report.views.diff import diff_report

SECRET = "S3cr3tV4lue"
law = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
TRICKS = (
    HOSTILE,
    "::error file=a::b",
    "  ::set-output name=a::b",
    "\u3000::add-mask::x",
    "\u2003\u00a0::stop-commands::x",
    "x\n::warning::y",
    "x\r::warning::y",
    "x\u2028::warning::y",
    "x\x85::warning::y",
    "x\v::warning::y",
    "x\x1e::warning::y",
    "##[error]x",
    "x ##vso[task.setvariable variable=a]b",
    "##VSO[x]",
    "###[group]",
    "\x1b]8;;https://evil.example\x07text\x1b]8;;\x07",
    "\x1b[2J\x1b[1;1H",
    "\x9b31m",
    "\x9d0;title\x9c",
    "\x7f\x08\x08",
    "\u202eabc\u2066\u200b\u200d\ufeff\u061c\u00ad",
    "\udc80\udcff\ud800",
    "\U000e0041\U000e0042",
    "\ufffe\uffff\x00",
    "]]>",
    "<!-- --> <img src=x onerror=alert(1)>",
    "![i](https://evil.example/x.png) [l](javascript:alert(1)) <https://evil.example>",
    "@someone org/repo#1 #12 GH-1 https://evil.example www.evil.example",
    "`````x`````",
    "| a | b |",
    "---\n# title\n===",
    f"https://me:{SECRET}@host.example/x",
    f"git+https://{SECRET}@host.example/x@v1",
    f"https://host.example/t/{SECRET}/chan::x=1",
    f"https://host.example/x.whl?sig={SECRET}",
    f"https://me:p@{SECRET}@host.example/x",
)
hostile = st.one_of(
    st.sampled_from(TRICKS),
    st.lists(st.sampled_from(TRICKS), min_size=2, max_size=3).map("\n".join),
    st.text(max_size=12),
    st.text(st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Zs"]), max_size=12).map(
        lambda text: text + "::x::"
    ),
)


def _spoil(value: object, kind: object, texts: Any) -> object:
    """The value with every text in it that is free replaced; closed sets of words stay."""
    if isinstance(value, msgspec.Struct):
        kinds = {field.name: field.type for field in msgspec.structs.fields(value)}
        return type(value)(**{name: _spoil(getattr(value, name), kinds[name], texts) for name in kinds})
    if isinstance(value, tuple):
        inner = [one for one in get_args(kind) if one is not Ellipsis] or [str]
        return tuple(_spoil(one, inner[min(index, len(inner) - 1)], texts) for index, one in enumerate(value))
    if isinstance(value, str) and (kind is str or str in get_args(kind)):
        return next(texts)
    return value


@st.composite
def hostile_reports(draw: st.DrawFn) -> CheckReport:
    report = draw(reports())
    return _spoil(report, CheckReport, iter(lambda: draw(hostile), object()))  # type: ignore[return-value]


@st.composite
def hostile_lint_reports(draw: st.DrawFn) -> LintReport:
    finding = LintFinding(
        rule="channel-credentials", severity="error", file="f", line=2, column=1, source="s", message="m", fix="x",
        suppressed=draw(st.sampled_from([None, "s"])),
    )  # fmt: skip
    report = LintReport(
        tool=Tool(version="0"),
        verdict="findings",
        counts=LintCounts(
            files=2, read=1, unreadable=1, findings=1, errors=1, warnings=0, notes=0, suppressed=0, fixable=0
        ),
        findings=(finding,),
        unreadable=(UnreadableFile(file="f", reason="r", line=1),),
        files=(("f", "k"),),
        left_out=("f",),
    )
    spoiled = _spoil(report, LintReport, iter(lambda: draw(hostile), object()))
    assert isinstance(spoiled, LintReport)
    kept = tuple(msgspec.structs.replace(one, rule="channel-credentials") for one in spoiled.findings)
    return msgspec.structs.replace(spoiled, findings=kept)


def _texts(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for one in value for text in _texts(one)]
        case dict():
            return [text for key, one in value.items() for text in (key, *_texts(one))]
        case _:
            return []


def harmless(text: str, format: str) -> None:
    """Fails when the output could act on whoever shows it."""
    acting = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - {"\n"}
    assert acting == set()
    assert text.encode() is not None  # no half characters
    assert "##[" not in text
    assert "##vso[" not in text.lower()
    for line in text.split("\n"):
        if line.strip().startswith("::"):
            assert format == "github"
            assert re.match(r"::(?:error|warning|notice) (?:[a-z]+=[^:,]*,?)*::", line)
    assert SECRET not in text
    if format in ("json", "sarif", "gitlab"):
        assert [one for one in _texts(json.loads(text)) if SECRET in one] == []
    if format == "junit":
        root = ET.fromstring(text)
        assert [e for e in root.iter() if SECRET in "".join([e.text or "", *e.attrib.values()])] == []
    if format == "markdown":
        shown_as_text(text)


def shown_as_text(text: str) -> None:
    """Fails when Markdown makes more of it than text, code, headings, lists and tables."""
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        for inline in token.children or [token]:
            assert inline.type not in ("link_open", "image", "html_inline", "html_block")
            if inline.type == "text":
                assert re.search(r"@\w", inline.content) is None


@pytest.mark.parametrize("format", formats_of("check"))
@law
@given(report=hostile_reports(), verbose=st.booleans(), width=st.sampled_from([0, 60, 100]))
def test_no_report_acts(format: str, report: CheckReport, verbose: bool, width: int) -> None:
    harmless(render(report, format, options=RenderOptions(verbose=verbose, include_possible=True, width=width)), format)


@law
@given(report=hostile_reports())
def test_colours_are_the_only_escape_sequences(report: CheckReport) -> None:
    text = render(report, "text", options=RenderOptions(color=True, verbose=True, include_possible=True))
    harmless(re.sub(r"\x1b\[[0-9;]*m", "", text), "text")


@pytest.mark.parametrize("format", formats_of("lint"))
@law
@given(report=hostile_lint_reports())
def test_no_lint_report_acts(format: str, report: LintReport) -> None:
    harmless(render(report, format, options=RenderOptions(verbose=True)), format)


@st.composite
def hostile_channel_checks(draw: st.DrawFn) -> ChannelCheck:
    check = ChannelCheck(
        channel="c",
        status=draw(st.sampled_from(["fine", "differences", "incomplete"])),
        folders=(
            FolderFound(
                folder="noarch",
                records=1,
                removed=1,
                patched=1,
                files=1,
                forms=(FormFound(form="f", file="f", state=draw(st.sampled_from(["read", "absent"])), reason="r"),),
            ),
        ),
        differences=(Difference(folder="f", rule="size-differs", form="f", file="f", field="f", message="m"),),
        not_checked=(NotChecked(what="w", reason="r"),),
        notes=("n",),
    )
    return _spoil(check, ChannelCheck, iter(lambda: draw(hostile), object()))  # type: ignore[return-value]


@pytest.mark.parametrize("format", formats_of("channel-check"))
@law
@given(check=hostile_channel_checks())
def test_no_channel_check_acts(format: str, check: ChannelCheck) -> None:
    harmless(render(check, format), format)


@pytest.mark.parametrize("format", formats_of("diff"))
@law
@given(data=st.data())
def test_no_diff_acts(format: Any, data: st.DataObject) -> None:
    texts = iter(lambda: data.draw(hostile), object())
    release = Release(name="up", version="1", spec="up==1", source="pypi", url="u", filename="f")
    old, new = (_spoil(release, Release, texts) for _ in range(2))
    change = Change(rule="name-removed", symbol="up.x", detail="d", file="f", line=3)
    spoiled = [_spoil(change, Change, texts) for _ in range(2)]
    harmless(render(diff_report(old, new, spoiled), format), format)  # type: ignore[arg-type]


@pytest.mark.parametrize("function", [visible, visible_lines, inert, without_commands, html])
@law
@given(text=hostile)
def test_escaping_twice_is_escaping_once(function: Any, text: str) -> None:
    once = function(text)
    if function is not html:
        assert function(once) == once
    if function in (inert, html):
        harmless(once.replace("\t", " "), "text")


@pytest.mark.parametrize(
    "text",
    ["a::b", "std::string", " - a: b", "# title", "## [x]", "12:34::56", "wide 漢字 and é and 🛡", "a\n\n  b\n"],
)
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert inert(text) == text


def test_every_kind_of_field_is_spoiled() -> None:
    """The strategy reaches each free text of a report."""
    seen: set[str] = set()
    texts = iter(lambda: seen.add(f"t{len(seen)}") or f"t{len(seen) - 1}", object())  # type: ignore[func-returns-value]
    release = Release(name="up", version="1", spec="up==1", source="pypi", url="u", filename="f")
    spoiled = _spoil(release, Release, texts)
    assert isinstance(spoiled, Release)
    assert spoiled.source == "pypi"
    assert {spoiled.name, spoiled.version, spoiled.spec, spoiled.url, spoiled.filename} == seen
    assert get_origin(tuple[str, ...]) is tuple
