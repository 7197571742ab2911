"""Opens located releases as `Artifact` values: wheels, sdists, conda packages, folders, git trees, environments. No
code of a release is run.
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
