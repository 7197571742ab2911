"""A report view in, JUnit XML out: a suite for each downstream, a case for each finding. Never invalid XML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from tailrace.report.formats.interface import Format
from tailrace.report.kinds import Kind
from tailrace.report.options import RenderOptions

if TYPE_CHECKING:
    from tailrace.report.views.check import DownstreamView, GroupView, ReportView, SiteView

# What XML 1.0 (section 2.2) has no way to say, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(view: ReportView) -> str:
    """Failures are breaks that reach users; what is contained, guarded, allowed or only a note is skipped."""
    root = ET.Element("testsuites", name=_xml(f"tailrace {view.candidate}"))
    totals = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for downstream in view.downstreams:
        suite = ET.SubElement(root, "testsuite", name=_xml(downstream.title))
        cases = _cases(suite, downstream)
        counts = {
            "tests": len(cases),
            "failures": sum(case.find("failure") is not None for case in cases),
            "errors": sum(case.find("error") is not None for case in cases),
            "skipped": sum(case.find("skipped") is not None for case in cases),
        }
        for key, number in counts.items():
            suite.set(key, str(number))
            totals[key] += number
    for key, number in totals.items():
        root.set(key, str(number))
    properties = ET.Element("properties")
    notes = (("note", note) for note in view.notes)
    for name, value in (("verdict", view.verdict), ("headline", view.headline), *notes):
        ET.SubElement(properties, "property", name=name, value=_xml(value))
    if len(root):
        root[0].insert(0, properties)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _cases(suite: ET.Element, d: DownstreamView) -> list[ET.Element]:
    cases = [_case(suite, d, group, site) for group, site in d.sites]
    if d.status == "not-checked":
        case = ET.SubElement(suite, "testcase", classname=_xml(d.name), name="is checked")
        ET.SubElement(case, "error", type="not-checked", message=_xml(d.reason or ""))
        cases.append(case)
    if not cases:
        cases.append(ET.SubElement(suite, "testcase", classname=_xml(d.name), name=_xml(f"{d.state} ({d.files})")))
    return cases


def _case(suite: ET.Element, d: DownstreamView, group: GroupView, site: SiteView) -> ET.Element:
    name = f"{group.rule} {group.symbol} at {site.place}"
    case = ET.SubElement(suite, "testcase", classname=_xml(d.name), name=_xml(name))
    case.set("file", _xml(site.file))
    case.set("line", str(site.line))
    if site.level == "error":
        failure = ET.SubElement(case, "failure", type=_xml(group.rule), message=_xml(site.message))
        failure.text = _xml(_body(group, site))
    else:
        because = site.suppressed_because or (d.requirement if d.status == "contained" else ", ".join(site.marks))
        said = f"{site.level}: {site.message}" + (f" ({because})" if because else "")
        ET.SubElement(case, "skipped", message=_xml(said))
    return case


def _body(group: GroupView, site: SiteView) -> str:
    said = [site.place, f"    {site.source}" if site.source else "", ", ".join(site.marks), site.loads]
    said += [f"cause: {group.cause}" if group.cause else "", f"fix: {group.fix}" if group.fix else ""]
    if site.verified is not None:
        said += [f"run: {site.verified.said}", *site.verified.traceback]
    return "\n".join(filter(None, said))


def _xml(text: str) -> str:
    from tailrace.model.inert import visible_lines, without_commands

    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", without_commands(visible_lines(text)))


def _render(kind: Kind, report: object, options: RenderOptions) -> str:
    return render_junit(kind.make("view", report, options))


FORMAT = Format(
    "junit",
    "CI servers",
    remarks="a check has one test suite per downstream",
    serves=lambda kind: kind.name == "check",
    render=_render,
    is_machine=True,
)
