"""Whether a ledger that is kept in git is in a state that can be believed. Runs none of the repository's programs.

What people write (policy, calendar, waivers) counts as it was committed, since that is what was reviewed. What Tailrace
writes only grows: evidence that was committed is still there, and the log begins with what was committed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from tailrace.gate.errors import UnsettledLedgerError
from tailrace.gate.git import read_git
from tailrace.gate.ledger import CALENDAR, DECISIONS, EVIDENCE, POLICY, WAIVERS, Ledger

#: What git leaves in its folder in the middle of an operation, and what it is called.
_UNDER_WAY = {
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
}


def check_git_state(ledger: Ledger, *, allow_dirty: bool = False) -> None:
    """Raise UnsettledLedgerError for a ledger in the middle of a merge, or changed without review.

    A ledger outside of git is not looked at. `allow_dirty`: changes of what people write are let through; what
    Tailrace wrote must be whole all the same.
    """
    root = ledger.root.absolute()
    if not any((folder / ".git").exists() for folder in (root, *root.parents)):
        return
    from tailrace.sources.gitview import GitView

    view = GitView.of(ledger.root.absolute())
    if view is None:
        return
    for name, what in _UNDER_WAY.items():
        if (view.git_dir / name).exists():
            raise UnsettledLedgerError(
                f"{ledger.root} is in the middle of {what}.", hint="Finish or abort it with git, then try again."
            )
    view.refresh()
    committed = _committed(ledger, view.path)
    if committed is None:
        return
    lost = list(_lost(ledger, committed))
    if lost:
        raise UnsettledLedgerError(
            f"{lost[0]}{f' (and {len(lost) - 1} more)' if len(lost) > 1 else ''}.",
            hint="Evidence and decisions only ever grow: restore them with `git restore`.",
        )
    changed = [] if allow_dirty else list(_changed(ledger, committed))
    if changed:
        raise UnsettledLedgerError(
            f"{', '.join(changed[:5])}{f' and {len(changed) - 5} more' if len(changed) > 5 else ''} "
            f"{'is' if len(changed) == 1 else 'are'} not committed, and so not reviewed.",
            hint="Commit first; --allow-dirty evaluates all the same.",
        )


def _committed(ledger: Ledger, view: Path) -> dict[str, tuple[str, int]] | None:
    """Path in the ledger → blob and size, as of HEAD; None where there is no commit yet."""
    from tailrace.sources.gitview import find_work_tree

    top = find_work_tree(ledger.root.absolute())
    if top is None:
        return None
    inside = ledger.root.resolve().relative_to(top.resolve()).as_posix()
    tree = "HEAD" if inside == "." else f"HEAD:{inside}"
    listed = read_git(view, "ls-tree", "-r", "-l", "-z", tree)
    if listed is None:
        return {} if read_git(view, "rev-parse", "--verify", "-q", "HEAD^{commit}") is not None else None
    found = {}
    for entry in listed.split(b"\0"):
        head, _, path = entry.partition(b"\t")
        parts = head.split()
        if len(parts) == 4 and parts[1] == b"blob":
            found[path.decode("utf-8", "replace")] = (parts[2].decode(), int(parts[3]))
    return found


def _changed(ledger: Ledger, committed: dict[str, tuple[str, int]]) -> Iterator[str]:
    """What people write, and is not as it was committed."""
    names = {POLICY, CALENDAR, *(name for name in committed if name.startswith(f"{WAIVERS}/") and _is_toml(name))}
    folder = ledger.root / WAIVERS
    if folder.is_dir():
        names |= {f"{WAIVERS}/{path.name}" for path in folder.iterdir() if _is_toml(path.name)}
    for name in sorted(names):
        path = ledger.root / name
        here = path.read_bytes() if path.is_file() else None
        blob, _ = committed.get(name, (None, 0))
        if (here is None) != (blob is None) or (here is not None and blob is not None and not _same(here, blob)):
            yield name


def _is_toml(name: str) -> bool:
    return name.endswith(".toml") and not name.rpartition("/")[2].startswith(".")


def _lost(ledger: Ledger, committed: dict[str, tuple[str, int]]) -> Iterator[str]:
    """What Tailrace wrote, was committed, and is gone."""
    for name, (blob, size) in sorted(committed.items()):
        path = ledger.root / name
        if name.startswith(f"{EVIDENCE}/") and name.endswith(".json") and not path.is_file():
            yield f"{name} was committed and is gone"
        elif name == DECISIONS:
            here = path.read_bytes() if path.is_file() else b""
            if len(here) < size or not _same(here[:size], blob):
                yield f"{DECISIONS} does not begin with what was committed"


def _same(data: bytes, blob: str) -> bool:
    """Whether git gives these bytes this name, with either kind of line ends."""
    algorithm = hashlib.sha1 if len(blob) == 40 else hashlib.sha256
    texts = (data, data.replace(b"\r\n", b"\n")) if b"\r\n" in data else (data,)
    return any(algorithm(b"blob %d\0" % len(text) + text).hexdigest() == blob for text in texts)
