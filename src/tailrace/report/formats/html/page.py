"""Makes a page of a template. Each text is escaped at this last step, by jinja2 and `tailrace.model.inert`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from tailrace.model.inert import visible, visible_lines, without_commands

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_CODE = re.compile(r"`([^`]+)`")


def render_page(template: str, filters: Mapping[str, Callable[[Any], Any]] | None = None, **values: object) -> str:
    """The page that a template of the folder `templates` makes of the values. An undefined value is an error.

    `filters`: functions that this template needs besides `line`, `lines` and `prose`.
    """
    environment = _environment().overlay()
    environment.filters = {**environment.filters, **(filters or {})}
    return environment.get_template(template).render(values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("tailrace.report.formats.html"),
        autoescape=True,
        finalize=_harmless,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"line": visible, "prose": _prose, "lines": _lines}
    return environment


def _harmless(value: Any) -> Any:
    """What stands in place of a value, before jinja2 escapes its markup."""
    from markupsafe import Markup

    return value if isinstance(value, Markup) else without_commands(visible_lines(str(value)))


def _prose(text: str) -> Markup:
    """A sentence on one line, with `code` in its own type."""
    from markupsafe import Markup, escape

    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(_harmless(visible(text))))))  # noqa: S704 - escaped inside


def _lines(text: str) -> str:
    """Several lines, each of them on one line."""
    return "\n".join(map(visible, text.splitlines()))
