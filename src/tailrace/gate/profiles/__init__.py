"""The starting policies of `tailrace gate init`: one folder of files for each profile."""

from __future__ import annotations

from importlib.resources import files

PROFILES = ("conda", "library", "index")
IGNORED = """\
# The lock of those who write.
.lock
*.part
"""


def files_of(profile: str) -> dict[str, str]:
    """File name → text. Raises KeyError for a profile that there is none of."""
    if profile not in PROFILES:
        raise KeyError(profile)
    folder = files("tailrace.gate.profiles")
    return {
        "policy.toml": (folder / f"{profile}-policy.toml").read_text("utf-8"),
        "calendar.toml": (folder / f"{profile}-calendar.toml").read_text("utf-8"),
        ".gitignore": IGNORED,
    }
