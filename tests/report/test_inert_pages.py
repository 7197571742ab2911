"""Whatever stands in the fields of a report: a page runs nothing, loads nothing, and shows texts as texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import cycle, islice
from pathlib import Path

import msgspec
import pytest
from report_examples import HOSTILE_REPORT
from test_inert_output import SECRET, TRICKS, _spoil, harmless

import tailrace
from tailrace.exposure.grid import ExposureReport
from tailrace.hotfix.prove import HotfixProof
from tailrace.model import CheckReport
from tailrace.replay import load_incident, replay, save_incident
from tailrace.replay.view import Replay
from tailrace.report import RenderOptions, formats_of, render
from tailrace.report.formats import registry
from tailrace.report.formats.html.page import render_page

TAGS = frozenset(
    {
        "article",
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "main",
        "nav",
        "section",
        "h1",
        "h2",
        "h3",
        "h4",
    }
    | {"p", "a", "b", "i", "br", "code", "pre", "span", "div", "ol", "ul", "li", "time", "details", "summary"}
    | {"article", "table", "caption", "thead", "tbody", "tr", "th", "td", "svg", "rect"}
)
ATTRIBUTES = frozenset(
    {"lang", "charset", "name", "content", "http-equiv", "class", "id", "href", "title", "scope", "colspan", "role"}
    | {"aria-label", "aria-labelledby", "viewbox", "preserveaspectratio", "x", "y", "width", "height", "datetime"}
    | {"tabindex"}
)


class Page(HTMLParser):
    """Collects what could act, and all text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.acting: set[str] = set()
        self.shown = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.acting.add(tag)
        self.acting |= {name for name, _ in attrs} - ATTRIBUTES
        self.acting |= {v or "" for name, v in attrs if name == "href" and not re.match(r"#|https://", v or "")}

    def handle_comment(self, data: str) -> None:
        self.acting.add(f"<!--{data}-->")

    def handle_data(self, data: str) -> None:
        self.shown += data


def texts(start: int) -> Iterator[str]:
    """The tricks, from a certain one on, for ever."""
    return islice(cycle(TRICKS), start, None)


@pytest.fixture(scope="module")
def incident(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("incident") / "saved"
    save_incident(load_incident("conda-4.13"), folder)
    return folder


@pytest.fixture(scope="module")
def reports(incident: Path) -> dict[type, object]:
    """A real report of each kind that is not one of findings."""
    channels = [str(incident / "conda-forge"), str(incident / "defaults")]
    harm = {"reports": [incident / "check.json"], "subdirs": ["linux-64"], "clients": ["conda"]}
    patch = next((incident / "hotfixes").glob("*05-30*"))
    asked = ["conda-smithy"]
    return {
        ExposureReport: tailrace.exposure(asked, channels, as_of=["2022-05-26"], **harm),  # type: ignore[arg-type]
        HotfixProof: tailrace.prove_hotfix(
            {"conda-forge": patch}, channels, as_of=["2022-05-26"], priorities=["strict"], **harm
        ),  # type: ignore[arg-type]
        Replay: replay("conda-4.13"),
    }


@pytest.mark.parametrize("start", range(0, len(TRICKS), 3))
@pytest.mark.parametrize("kind", [ExposureReport, HotfixProof, Replay], ids=lambda kind: kind.__name__)
def test_no_report_acts(reports: dict[type, object], kind: type, start: int) -> None:
    name = {ExposureReport: "exposure", HotfixProof: "hotfix-proof", Replay: "replay"}[kind]
    spoiled = _spoil(reports[kind], kind, texts(start))
    if isinstance(spoiled, ExposureReport):  # what is asked for has been parsed before
        spoiled = msgspec.structs.replace(spoiled, specs=("conda-smithy",))
    for format in formats_of(name):
        text = render(spoiled, format, options=RenderOptions(verbose=True))
        harmless(text, format)
        if format == "html":
            page = Page(text)
            assert page.acting == set()
            assert "alert(1)" in page.shown or kind is ExposureReport  # which has few texts


@dataclass
class Shown:
    """Something that is no text, and has one."""

    text: str

    def __str__(self) -> str:
        return self.text


@pytest.mark.parametrize("text", TRICKS)
def test_a_template_escapes_each_value(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from jinja2 import DictLoader

    from tailrace.report.formats.html import page

    template = (
        "<p title='{{ text }}' class=\"{{ text }}\">{{ text }} {{ text | line }}{{ text | prose }}{{ other }}</p>"
    )
    monkeypatch.setattr(page._environment(), "loader", DictLoader({"one.html": template}))
    shown = render_page("one.html", text=text, other=Shown(text))
    harmless(shown.replace("\t", " "), "html")
    assert Page(shown).acting == set()
    assert SECRET not in shown


def test_pages_are_only_made_of_templates_that_escape() -> None:
    folder = Path(__file__).parents[2] / "src" / "tailrace" / "report" / "formats" / "html" / "templates"
    for path in folder.rglob("*.html"):
        assert not re.search(r"\|\s*safe|autoescape|Markup", path.read_text("utf-8")), path.name
    assert "html" in registry()


@pytest.mark.parametrize("start", range(0, len(TRICKS), 3))
def test_no_page_of_findings_acts(start: int) -> None:
    check = _spoil(HOSTILE_REPORT, CheckReport, texts(start))
    page = Page(render(check, "html", options=RenderOptions(verbose=True, include_possible=True)))
    assert page.acting == set()
