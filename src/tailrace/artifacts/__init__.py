"""Located releases in, opened `Artifact` values out: wheel, sdist, conda package, folder, git tree, environment. Never
executes anything.
"""

from tailrace.artifacts.errors import (
    ArtifactError,
    BrokenArchiveError,
    MissingMemberError,
    TooLargeError,
    UnsafeArchiveError,
)
from tailrace.artifacts.opening import open_release, read_member

__all__ = [
    "ArtifactError",
    "BrokenArchiveError",
    "MissingMemberError",
    "TooLargeError",
    "UnsafeArchiveError",
    "open_release",
    "read_member",
]
