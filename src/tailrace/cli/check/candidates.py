"""Chooses the candidate from the arguments. A shell expands `dist/*` to several files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tailrace.model.errors import TailraceError


class CandidateError(TailraceError):
    """Several candidates, of which none can be chosen, or a pattern that matches no file."""


@dataclass(frozen=True, slots=True)
class _File:
    filename: str
    path: str
    yanked_reason: str | None = None


def choose_candidate(texts: Sequence[str]) -> tuple[str, str]:
    """The candidate's spec, and a sentence where something was chosen. Raises `CandidateError`.

    Several files of one release (a wheel for each platform, a wheel and a source distribution) are one candidate: the
    one that is best to read. Anything else is several candidates, of which only one can be checked at once.
    """
    found = [path for text in texts for path in _expand(text)]
    found = list(dict.fromkeys(found))
    if len(found) == 1:
        return found[0], ""
    from tailrace.sources.choice import order_files
    from tailrace.sources.local import name_of_archive
    from tailrace.sources.spec import ARCHIVE_SUFFIXES

    archives = [text for text in found if text.lower().endswith(ARCHIVE_SUFFIXES) and Path(text).is_file()]
    shown = ", ".join(found[:4]) + (f" and {len(found) - 4} more" if len(found) > 4 else "")
    if archives != found:
        raise CandidateError(
            f"one candidate can be checked at once, not {len(found)}: {shown}.",
            hint="Name what uses the candidate with --downstream, and what it is compared with by --baseline.",
        )
    releases = {name_of_archive(Path(path).name) for path in archives}
    if len(releases) > 1:
        names = ", ".join(f"{name} {version}" for name, version in sorted(releases)[:4])
        raise CandidateError(
            f"the files are of {len(releases)} releases, and one candidate can be checked at once: {names}.",
            hint=f"Name one file, such as {archives[-1]}.",
        )
    best = order_files(_File(Path(path).name, path) for path in archives)[0]
    return best.path, f"of {len(archives)} files of this release, {best.path} is read"


def is_also_a_folder(text: str) -> bool:
    """Whether a spec that names a package without a version is also the name of a folder here."""
    return re.fullmatch(r"[A-Za-z0-9._-]+", text) is not None and text.strip(".") != "" and Path(text).is_dir()


def _expand(text: str) -> list[str]:
    """A pattern that no shell expanded (a quoted one, or on Windows), as the files that it matches."""
    if "*" not in text or "::" in text or "=" in text or Path(text).exists():
        return [text]
    path = Path(text).expanduser()
    found = sorted(str(place) for place in Path(path.anchor).glob(str(path.relative_to(path.anchor))))
    if not found:
        raise CandidateError(f"no file matches {text}.", hint="Build the release first, as with `python -m build`.")
    return found
