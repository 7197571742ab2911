"""JUnit XML: a suite for everything that was checked, a case for each finding. Never invalid XML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tailrace.report.formats.interface import Format, has_findings
from tailrace.report.kinds import Kind
from tailrace.report.options import RenderOptions

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from tailrace.report.views.diagnostics import Diagnostic, Diagnostics, Notice

# What XML 1.0 (section 2.2) has no way to say, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(found: Diagnostics) -> str:
    """Failures are what makes a run fail; what is contained, guarded, allowed, undecided or only a note is skipped."""
    from xml.etree import ElementTree as ET

    root = ET.Element("testsuites", name=_xml(found.title))
    totals = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for number, one in enumerate(found.suites):
        suite = ET.SubElement(root, "testsuite", name=_xml(one.title))
        suite.extend(_case(d, one.name) for d in found.diagnostics if d.suite == number)
        suite.extend(_open(n, one.name, one.summary) for n in found.notices if n.suite == number and _is_open(n))
        if not len(suite):
            ET.SubElement(suite, "testcase", classname=_xml(one.name), name=_xml(one.summary))
        counts = {
            "tests": len(suite),
            "failures": sum(case.find("failure") is not None for case in suite),
            "errors": sum(case.find("error") is not None for case in suite),
            "skipped": sum(case.find("skipped") is not None for case in suite),
        }
        for key, count in counts.items():
            suite.set(key, str(count))
            totals[key] += count
    for key, count in totals.items():
        root.set(key, str(count))
    properties = ET.Element("properties")
    notes = (("note", n.text) for n in found.notices if n.kind == "note" and not n.is_detail)
    for name, value in (("verdict", found.verdict), ("headline", found.headline), *notes):
        ET.SubElement(properties, "property", name=name, value=_xml(value))
    if len(root):
        root[0].insert(0, properties)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(one: Diagnostic, suite: str) -> Element:
    from xml.etree import ElementTree as ET

    what = f"{one.rule} {one.symbol}".strip()
    case = ET.Element("testcase", classname=_xml(suite), name=_xml(f"{what} at {_place(one)}"))
    case.set("file", _xml(one.location.file))
    case.set("line", str(one.location.line or 1))
    if one.fails:
        failure = ET.SubElement(case, "failure", type=_xml(one.rule), message=_xml(one.message))
        failure.text = _xml(_body(one))
    else:
        said = f"{one.level}: {one.message}" + (f" ({one.excuse})" if one.excuse else "")
        ET.SubElement(case, "skipped", message=_xml(said))
    return case


def _is_open(notice: Notice) -> bool:
    return notice.kind in ("not-checked", "undecided")


def _open(notice: Notice, suite: str, summary: str) -> Element:
    """A case for what was not checked or not decided, which is never a pass."""
    from xml.etree import ElementTree as ET

    if notice.failed:
        name = f"{notice.location.file} is checked" if notice.location else "is checked"
        case = ET.Element("testcase", classname=_xml(suite), name=_xml(name))
        ET.SubElement(case, "error", type=notice.kind, message=_xml(notice.text))
        return case
    name = summary if summary.startswith(notice.label) else notice.label
    case = ET.Element("testcase", classname=_xml(suite), name=_xml(name))
    ET.SubElement(case, "skipped", message=_xml(notice.text))
    return case


def _place(one: Diagnostic) -> str:
    return str(one.location) if one.location.line else one.location.file


def _body(one: Diagnostic) -> str:
    said = [_place(one), f"    {one.location.source}" if one.location.source else "", ", ".join(one.marks)]
    said += [one.effect, one.also, f"cause: {one.cause}" if one.cause else "", f"fix: {one.fix}" if one.fix else ""]
    if one.observed is not None:
        said += [f"run: {one.observed.said}", *one.observed.traceback]
    return "\n".join(filter(None, said))


def _xml(text: str) -> str:
    from tailrace.model.inert import visible_lines, without_commands

    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", without_commands(visible_lines(text)))


def _render(kind: Kind, report: object, options: RenderOptions) -> str:
    return render_junit(kind.make("diagnostics", report, options))


FORMAT = Format(
    "junit",
    "CI servers",
    remarks="a check has one test suite per downstream",
    serves=has_findings,
    render=_render,
    is_machine=True,
)
