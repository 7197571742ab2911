"""The base of every error a room raises. Carries the exit status; never prints."""

from __future__ import annotations

from tailrace.model.address import Address, redact, redact_all


class TailraceError(Exception):
    """One clear sentence for the user, with the way out.

    Each room derives its own base from this one; subclasses keep their data in `args`, so that they survive pickling
    between processes. `exit_status` is 2 for what the user must correct (usage, configuration, an unknown name) and
    3 for
    what could not be checked (no network, a broken archive, a crashed tool).

    Errors are printed, logged and pickled, so no part of one holds the secret of an address: whatever is put into an
    attribute is redacted.
    """

    exit_status: int = 2

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(redact(message), redact(hint) if hint is not None else None)
        self.message = message
        self.hint = hint

    def __setattr__(self, name: str, value: object) -> None:
        # Attributes such as `__cause__` are Python's own.
        super().__setattr__(name, value if name.startswith("__") else redact_all(value))

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message

    def scrub(self, address: Address) -> None:
        """Takes the secrets of an address out of the message: those that only the address itself knows of."""
        self.message = address.scrub(self.message)
        self.hint = address.scrub(self.hint) if self.hint is not None else None
        self.args = (self.message, self.hint)
        for name, value in vars(self).items():
            setattr(self, name, address.scrub(value) if isinstance(value, str) else value)

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.hint, dict(self.__dict__)))


def _rebuild(kind: type[TailraceError], message: str, hint: str | None, state: dict[str, object]) -> TailraceError:
    error = kind.__new__(kind)
    Exception.__init__(error, message, hint)
    error.__dict__.update(state)
    return error
