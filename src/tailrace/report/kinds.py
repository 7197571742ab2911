"""The kinds of reports, each with the functions that make its views. They are imported on first use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of report. `report`: the name of its class.

    `view`, `diagnostics`, `tables`, `document`: `module:function` below `report.views`, which takes the report and the
    options. They make what text, HTML and Markdown show; what formats for findings show, if there are findings; what
    HTML and Markdown show of a report that is a table and has no page of its own; and what JSON holds, where a text is
    written as it is. Where one of `view` and `document` is empty, it is the report itself. `lines`: the kind whose JSON
    stands on each line of the JSON, for reports that hold several of another kind.
    """

    name: str
    report: str
    view: str = ""
    diagnostics: str = ""
    tables: str = ""
    document: str = ""
    lines: str = ""

    @property
    def title(self) -> str:
        """How the documentation names it: `hotfix proof`."""
        return self.name.replace("-", " ")

    @property
    def module(self) -> str:
        """The name of its module in a folder that has one for each kind."""
        return self.name.replace("-", "_")

    def make(self, what: str, report: object, options: object) -> Any:
        """The view of the report that the field `what` names."""
        module, _, function = getattr(self, what).partition(":")
        if not function:
            return report
        made: Callable[..., Any] = getattr(import_module(f"tailrace.report.views.{module}"), function)
        return made(report, options)


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "check",
            "CheckReport",
            view="check:view_report",
            diagnostics="check:check_diagnostics",
            document="order:ordered",
        ),
        Kind("lint", "LintReport", diagnostics="lint:lint_diagnostics"),
        Kind("channel-check", "ChannelCheck", diagnostics="channel_check:channel_diagnostics"),
        Kind("decision", "Decision", document="decision:decision_lines"),
        Kind("gate-why", "GateExplanation", document="decision:decision_lines", lines="decision"),
        Kind("gate-list", "GateList", document="decision:decision_lines", lines="decision"),
        Kind("gate-checklist", "GateChecklist", document="decision:decision_lines", lines="decision"),
        Kind("gate-replay", "GateReplay"),
        Kind("agenda", "Agenda"),
        Kind("calendar-history", "CalendarHistory"),
        Kind("deprecations", "DeprecationReport", diagnostics="deprecations:deprecation_diagnostics"),
        Kind("diff", "DiffReport", view="diff:view_diff"),
        Kind("exposure", "ExposureReport", view="exposure:view_exposure"),
        Kind("hotfix-diff", "HotfixDiff"),
        Kind("hotfix-proof", "HotfixProof"),
        Kind("hotfix-reach", "ReachReport"),
        Kind("incident", "IncidentRecord", view="incident:view_incident", document="incident:incident_document"),
        Kind("nightly", "NightlyReport"),
        Kind("nightly-plan", "NightlyPlan"),
        Kind("notify-state", "NotifyState"),
        Kind("notify-changes", "NotifyChanges"),
        Kind("replay", "Replay", view="replay:view_replay"),
        Kind("config", "ConfigReport"),
        Kind("scan", "ScanReport", tables="scan:scan_tables"),
        Kind("uses", "UsesAnswer", tables="uses:uses_tables"),
        Kind("dependents", "Dependents", tables="dependents:dependents_tables"),
        Kind("store-info", "StoreInfo", tables="store:info_tables"),
        Kind("store-verify", "VerifiedStore", tables="store:verify_tables"),
        Kind("store-gc", "CollectedObjects"),
        Kind("cache", "CacheReport", tables="cache:cache_tables"),
        Kind("matrix", "Matrix", tables="matrix:matrix_tables"),
        Kind("bounds", "Bounds", tables="matrix:bounds_tables"),
        Kind("tests", "TestsReport", tables="tests:tests_tables"),
        Kind("rule", "Rule", document="rule:rule_document"),
        Kind("rules", "RuleList", document="rule:rules_document"),
        Kind("lint-rule", "LintRule", document="lint_rule:lint_rule_document"),
        Kind("lint-rules", "LintRuleList", document="lint_rule:lint_rules_document"),
    )
}


def kind_of(report: object) -> Kind:
    """The kind of a report."""
    return next(kind for kind in KINDS.values() if kind.report == type(report).__name__)
