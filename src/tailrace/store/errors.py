"""What can be wrong with a store. Every message says what the user can do."""

from __future__ import annotations

from tailrace.model.errors import TailraceError


class StoreError(TailraceError):
    """The base of the errors of a store."""

    exit_status = 3


class NoStoreError(StoreError):
    """There is no store at the place that was named. `place`: the folder or URL."""

    exit_status = 2

    def __init__(self, place: str) -> None:
        super().__init__(f"there is no store at {place}.", hint="Make one with `tailrace scan SPEC...`.")
        self.place = place


class StorePlaceError(StoreError):
    """The place of a store cannot be used: a URL that is not understood, a library that is not installed."""

    exit_status = 2


class NewerStoreError(StoreError):
    """A later Tailrace wrote the store. `version`: of its schema."""

    exit_status = 2

    def __init__(self, place: str, version: int, known: int) -> None:
        super().__init__(
            f"the store at {place} has schema {version}; this Tailrace reads up to {known}.",
            hint="Use the Tailrace that wrote it, or a newer one.",
        )
        self.place = place
        self.version = version


class DamagedStoreError(StoreError):
    """Something in the store is not what was written. `name`: the object."""

    def __init__(self, place: str, name: str, problem: str) -> None:
        super().__init__(
            f"the store at {place} is damaged: {name} {problem}.",
            hint="`tailrace store verify` lists all damage; `tailrace scan` with the same specs into a new store "
            "replaces it.",
        )
        self.place = place
        self.name = name
        self.problem = problem


class StoreWriteError(StoreError):
    """The store could not be written to: read-only, full, no permission. It is as it was before."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(
            f"the store at {place} could not be written: {reason}. It is as it was before.",
            hint="Make room or get the right to write there, then run the same command again: what is done is kept.",
        )
        self.place = place
        self.reason = reason


class ScratchError(StoreError):
    """A folder beside the store could not be written to: that for temporary files, that of an export, the local copy
    of an object store. `place`: the folder or file."""

    def __init__(self, place: str, reason: str, hint: str = "") -> None:
        super().__init__(
            f"{place} could not be written: {reason}. The store is as it was before.",
            hint=hint or "Make room there; the variable TMPDIR names the folder for temporary files.",
        )
        self.place = place
        self.reason = reason


class StoreUnreachableError(StoreError):
    """The object store does not answer. `reason`: what its library says."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(
            f"the store at {place} does not answer: {reason}.",
            hint="Check the address, the credentials and the connection; the store is as it was before.",
        )
        self.place = place
        self.reason = reason


class UnseenNameError(StoreError):
    """A name that no source has seen. `near`: what may have been meant."""

    exit_status = 2

    def __init__(self, message: str, near: tuple[str, ...]) -> None:
        super().__init__(
            message,
            hint=f"Did you mean {', '.join(near)}?" if near else "Scan what uses it with `tailrace scan SPEC...`.",
        )
        self.near = near


class LongSymbolError(StoreError):
    """A symbol that is longer than what the store keeps whole, so that another one might answer for it."""

    exit_status = 2

    def __init__(self, symbol: str, longest: int) -> None:
        super().__init__(
            f"the symbol {symbol[:40]}… has {len(symbol)} characters; the store keeps paths up to {longest} whole.",
            hint="Ask for its first parts: what is below them is listed too.",
        )
