"""Check reports as a check would write them, from one line each."""

from __future__ import annotations

from typing import Any

from tailrace.model import CheckReport, Counts, DownstreamReport, Finding, Release
from tailrace.model.report import Status, Tool

GONE = "dock.gone"


def release(name: str, version: str, spec: str = "") -> Release:
    return Release(name=name, version=version, spec=spec or f"{name}=={version}", source="pypi")


def finding(symbol: str = GONE, **more: Any) -> Finding:
    given = {"file": "ferry/a.py", "line": 3, "message": f"`{symbol}` is gone", **more}
    return Finding(rule="name-removed", confidence="certain", severity="error", symbol=symbol, **given)


def downstream(name: str, version: str, status: Status, spec: str = "", **more: Any) -> DownstreamReport:
    given: dict[str, Any] = {"requirement": "dock>=1", **more}
    if status in ("breaks", "contained"):
        given.setdefault("findings", (finding(),))
    if status == "not-checked":
        given.setdefault("reason", "its archive could not be opened")
    return DownstreamReport(name=name, version=version, spec=spec or f"{name}=={version}", status=status, **given)


def report(baseline: str, candidate: str, *found: DownstreamReport, upstream: str = "dock") -> CheckReport:
    def count(status: str) -> int:
        return sum(one.status == status for one in found)

    return CheckReport(
        tool=Tool(version="0"),
        candidate=release(upstream, candidate),
        baseline=release(upstream, baseline),
        verdict="breaks" if count("breaks") else "incomplete" if count("not-checked") else "clear",
        counts=Counts(
            downstreams=len(found),
            breaks=count("breaks"),
            contained=count("contained"),
            possible=count("possible"),
            clear=count("clear"),
            not_checked=count("not-checked"),
        ),
        downstreams=found,
    )


def ferry(text: str, baseline: str = "4.12.0", candidate: str = "4.13.0") -> CheckReport:
    """`3.1 breaks, 3.2 clear, 3.2=py_1 clear`: releases (or conda builds) of `ferry` and their status."""
    found = []
    for part in text.split(","):
        what, status = part.split()
        version, _, build = what.partition("=")
        spec = f"somewhere::ferry=={version}={build}" if build else ""
        found.append(downstream("ferry", version, status, spec))  # type: ignore[arg-type]
    return report(baseline, candidate, *found)
