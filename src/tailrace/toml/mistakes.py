"""Every mistake of a configuration, with its place, as one error. Collects; never stops at the first, never prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tailrace.model.errors import TailraceError


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One mistake. `origin`: a file or an environment variable; `line`: 1-based, `None` where there is none."""

    origin: str
    line: int | None
    message: str

    def __str__(self) -> str:
        place = self.origin if self.line is None else f"{self.origin}:{self.line}"
        return f"{place}: {self.message}"


#: Mistakes that a message lists.
_SHOWN = 50


class ConfigError(TailraceError):
    """The configuration cannot be used; `mistakes` holds every reason."""

    exit_status = 2

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        found = tuple(sorted(set(mistakes), key=lambda m: (m.origin, m.line or 0, m.message)))
        if len(found) == 1:
            message = str(found[0])
        else:
            lines = [f"{len(found)} mistakes in the configuration", *(f"  {mistake}" for mistake in found[:_SHOWN])]
            if len(found) > _SHOWN:
                lines.append(f"  and {len(found) - _SHOWN} more")
            message = "\n".join(lines)
        super().__init__(message)
        self.mistakes = found
