"""Finds the folder that a path, as a user writes it, is served from. Looks; never writes.

A channel of one's own is a folder with `current -> states/N/channel`; what it serves is behind that link, its labels
too, so `DIR/label/canary` means `DIR/current/label/canary`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

CURRENT = "current"
STATES = "states"


@dataclass(frozen=True, slots=True)
class ServedFolder:
    """`path`: where the index is, resolved once, so that whoever switches the channel over meanwhile does not disturb
    who reads. `name` and `url`: what clients call the channel, in whatever state it is.
    """

    path: Path
    name: str
    url: str


def is_own_channel(root: Path) -> bool:
    """Whether the folder is a channel of one's own."""
    return (root / STATES).is_dir() and (root / CURRENT).is_symlink()


def served_folder(text: str) -> ServedFolder | None:
    """The folder that a path or a `file://` address names; `None` when there is none, or the text is an address of the
    web.
    """
    if "://" in text and not text.startswith("file://"):
        return None
    path = Path(unquote(urlsplit(text).path)) if text.startswith("file://") else Path(text).expanduser()
    try:
        whole = path.absolute()
        for root in (whole, *whole.parents):
            if is_own_channel(root):
                inner = whole.relative_to(root)
                if inner.parts[:1] == (STATES,):
                    break
                if inner.parts[:1] == (CURRENT,):
                    inner = inner.relative_to(CURRENT)
                served = (root / CURRENT).resolve() / inner
                address = (root.resolve() / CURRENT / inner).as_uri()
                return ServedFolder(served, inner.name or root.resolve().name, address) if served.is_dir() else None
        resolved = whole.resolve()
        return ServedFolder(resolved, resolved.name, resolved.as_uri()) if whole.is_dir() else None
    except (OSError, ValueError):
        return None
