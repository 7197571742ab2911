"""The base of every error a room raises. Carries the exit status; never prints."""

from __future__ import annotations


class TailraceError(Exception):
    """One clear sentence for the user, with the way out.

    Each room derives its own base from this one; subclasses keep their data in `args`, so that they survive pickling
    between processes. `exit_status` is 2 for what the user must correct (usage, configuration, an unknown name) and
    3 for
    what could not be checked (no network, a broken archive, a crashed tool).
    """

    exit_status: int = 2

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.hint, dict(self.__dict__)))


def _rebuild(kind: type[TailraceError], message: str, hint: str | None, state: dict[str, object]) -> TailraceError:
    error = kind.__new__(kind)
    Exception.__init__(error, message, hint)
    error.__dict__.update(state)
    return error
