"""A grid as a picture. The only module that imports Pillow, which is an extra."""

from __future__ import annotations

import io
from typing import Any

from tailrace.matrix.values import Matrix
from tailrace.model.inert import visible
from tailrace.report.errors import ReportError
from tailrace.report.options import RenderOptions
from tailrace.report.views.matrix import COLORS, LEGEND, mark_of

_CELL, _GAP, _MARGIN, _FONT = 26, 3, 24, 14
_MOST = 20_000_000


class NoPictureError(ReportError):
    """A picture cannot be drawn."""


def render(found: Matrix, options: RenderOptions) -> bytes:
    """The picture. Raises `NoPictureError` where Pillow is not installed, or the grid is too large for one."""
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError:
        raise NoPictureError(
            "a picture needs the library Pillow.",
            hint="Install it with `pip install tailrace[png]`, or use --format html.",
        ) from None
    font: Any = ImageFont.load_default(_FONT)
    rows = [visible(row.downstream) for row in found.rows]
    columns = [visible(version) for version in found.upstream_versions]
    left = _MARGIN + max((int(font.getlength(text)) for text in rows), default=0) + 10
    top = _MARGIN + 34 + max((int(font.getlength(text)) for text in columns), default=0) + 10
    step = _CELL + _GAP
    used = {mark_of(cell) for row in found.rows for cell in row.cells}
    legend = [(mark, meaning) for mark, meaning, _, _ in LEGEND if mark in used]
    title = visible(f"{found.downstream} (rows) with {found.upstream} (columns)")
    wide = max(
        left + step * len(columns),
        _MARGIN + int(font.getlength(title)),
        _MARGIN + 30 + max((int(font.getlength(meaning)) for _, meaning in legend), default=0),
    )
    size = (wide + _MARGIN, top + step * len(rows) + 12 + 24 * len(legend) + _MARGIN)
    if size[0] * size[1] > _MOST:
        raise NoPictureError(
            f"the grid is too large for a picture ({size[0]} x {size[1]} pixels).",
            hint="Take fewer --versions, or use --format html.",
        )
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    draw.text((_MARGIN, _MARGIN), title, fill="#1f2933", font=font)
    for number, text in enumerate(columns):
        length = int(font.getlength(text)) + 4
        label = Image.new("RGB", (length, _FONT + 6), "white")
        ImageDraw.Draw(label).text((0, 0), text, fill="#1f2933", font=font)
        turned = label.rotate(90, expand=True)
        image.paste(turned, (left + number * step + (_CELL - turned.width) // 2, top - 6 - turned.height))
    for line, row in enumerate(found.rows):
        y = top + line * step
        draw.text((_MARGIN, y + 4), rows[line], fill="#1f2933", font=font)
        for number, cell in enumerate(row.cells):
            x, mark = left + number * step, mark_of(cell)
            draw.rounded_rectangle((x, y, x + _CELL, y + _CELL), 4, fill=COLORS[mark])
            draw.text((x + _CELL // 2, y + _CELL // 2), mark, fill="#102a43", font=font, anchor="mm")
    for number, (mark, meaning) in enumerate(legend):
        y = top + step * len(rows) + 12 + 24 * number
        draw.rounded_rectangle((_MARGIN, y, _MARGIN + 18, y + 18), 4, fill=COLORS[mark])
        draw.text((_MARGIN + 9, y + 9), mark, fill="#102a43", font=font, anchor="mm")
        draw.text((_MARGIN + 28, y), meaning, fill="#1f2933", font=font)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()
