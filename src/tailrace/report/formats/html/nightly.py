"""A nightly run as one self-contained page."""

from __future__ import annotations

from collections.abc import Iterator

from tailrace.model.inert import html as escape
from tailrace.model.inert import prose
from tailrace.nightly.values import NightlyReport
from tailrace.report.options import RenderOptions
from tailrace.report.views.nightly import cause_facts, cell_details, headline, skipped

_STYLE = """\
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 68rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; }
th, td { padding: .25rem .7rem; text-align: left; border-bottom: 1px solid #8884; vertical-align: top; }
pre { overflow-x: auto; background: #8881; padding: .5rem; }
.red { color: #b3261e; } .green { color: #1b6e3c; } .not-run { color: #8a6100; }
@media (prefers-color-scheme: dark) { .red { color: #ff8a80; } .green { color: #81c995; } .not-run { color: #fdd663; } }
"""


def render(report: NightlyReport, options: RenderOptions) -> str:
    """The page."""
    return "\n".join(_page(report)) + "\n"


def _page(report: NightlyReport) -> Iterator[str]:
    title = _text(headline(report))
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>"
    yield f'<h1 class="{report.verdict}">{title}</h1>\n<p>{_text(report.made_at)}</p>'
    if report.problems:
        yield "<h2>Problems</h2>\n<ul>"
        for problem in report.problems:
            owner = f" (owner: {_text(problem.owner)})" if problem.owner else ""
            yield f"<li><strong>{problem.kind}</strong>: {_text(problem.message)}{owner}</li>"
        yield "</ul>"
    if report.causes:
        yield "<h2>Causes</h2>"
    for cause in report.causes:
        yield f'<h3 id="{_text(cause.id)}">{_text(cause.project)}: {_text(cause.message)}</h3>'
        yield f"<p>{_text('; '.join(cause_facts(cause)))}</p>"
        if cause.lines:
            yield f"<pre>{escape(chr(10).join(prose(line, 400) for line in cause.lines))}</pre>"
    yield '<h2>Cells</h2>\n<div class="scroll"><table>'
    yield "<thead><tr><th>Result</th><th>Cell</th><th>Details</th></tr></thead>\n<tbody>"
    for result in report.cells:
        details = [cell_details(result), *skipped(result), *result.notes]
        shown = "<br>".join(map(_text, details))
        title = _text(result.cell.title)
        yield f'<tr><td class="{result.outcome}">{result.outcome}</td><td>{title}</td><td>{shown}</td></tr>'
    yield "</tbody></table></div>\n</body>\n</html>"


def _text(value: str) -> str:
    return escape(prose(value, 1000))
