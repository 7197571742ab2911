"""What can be wrong with an archive, each with its data. Nothing of such an archive is kept."""

from __future__ import annotations

from tailrace.model import TailraceError


class ArtifactError(TailraceError):
    """Base of the room. `archive` is the path as text."""

    exit_status = 3

    def __init__(self, archive: str, problem: str, *, hint: str | None = None) -> None:
        super().__init__(f"{archive} {problem}.", hint=hint)
        self.archive = archive
        self.problem = problem


class BrokenArchiveError(ArtifactError):
    """No archive, half an archive, or one that contradicts itself."""


class UnsafeArchiveError(ArtifactError):
    """A member would be written outside its folder, or is no file at all. `member` is its name, escaped."""

    def __init__(self, archive: str, member: str, problem: str) -> None:
        super().__init__(
            archive, f"is refused: its member {member!r} {problem}", hint="No sound build tool makes such an archive."
        )
        self.member = member


class TooLargeError(ArtifactError):
    """More members, bytes or a higher compression ratio than the limits allow."""

    def __init__(self, archive: str, problem: str) -> None:
        super().__init__(archive, f"is refused: {problem}", hint="If it is to be trusted, raise the limits.")


class MissingMemberError(ArtifactError):
    """The artifact has no such member."""

    exit_status = 2
