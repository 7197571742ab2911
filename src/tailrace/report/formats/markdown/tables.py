"""Reports in tables, in Markdown."""

from __future__ import annotations

from tailrace.model.inert import without_commands
from tailrace.model.markdown import code, escape, inline
from tailrace.report.options import RenderOptions
from tailrace.report.views.tables import ShownColumn, Tables


def render(found: Tables, options: RenderOptions) -> str:
    """A heading, the answer in a sentence, and the tables."""
    lines = [f"# {escape(found.title)}", "", escape(found.headline), ""]
    for table in found.tables:
        lines += [f"## {escape(table.title)}", ""]
        lines += [inline(table.remark), ""] if table.remark else []
        lines.append(f"| {' | '.join(escape(column.title) for column in table.columns)} |")
        lines.append(f"|{'|'.join(' --- ' for _ in table.columns)}|")
        lines += [
            f"| {' | '.join(_cell(text, column) for text, column in zip(row, table.columns, strict=True))} |"
            for row in table.rows
        ]
        lines.append("")
    lines += [f"- {escape(note)}" for note in found.notes]
    return without_commands("\n".join(lines).rstrip("\n") + "\n")


def _cell(text: str, column: ShownColumn) -> str:
    # A pipe ends a cell even in code.
    return code(text) if column.is_code and "|" not in text and "`" not in text else escape(text)
