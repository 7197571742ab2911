"""The ledger: a folder that a release team keeps in git. Reads it whole, and adds to it; never changes what is there.

    policy.toml  calendar.toml  waivers/*.toml        written by people, reviewed
    evidence/SHA256.json                              named by the hash of their bytes
    decisions.jsonl                                   one line for each decision, oldest first

Reading needs no lock. Whoever writes holds `.lock`, and takes off first what a crash left of an unfinished line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tailrace import disk
from tailrace.gate.calendar import Calendar, parse_calendar
from tailrace.gate.decision import Decision, encode_decision
from tailrace.gate.errors import (
    BusyLedgerError,
    CannotInitLedgerError,
    ClockError,
    DamagedLedgerError,
    EvidenceError,
    GateError,
    LedgerDiskError,
    NoLedgerError,
    UnsettledLedgerError,
)
from tailrace.gate.evaluate import Facts
from tailrace.gate.evidence import LIMIT, Evidence, hash_of, parse_evidence
from tailrace.gate.moments import parse_time, show_moment
from tailrace.gate.names import same_release, same_target
from tailrace.gate.policy import Policy, parse_policy
from tailrace.gate.waivers import Waiver, parse_waivers, write_waivers
from tailrace.toml.fields import LIMIT as TEXT_LIMIT
from tailrace.toml.mistakes import ConfigError, Mistake

POLICY = "policy.toml"
CALENDAR = "calendar.toml"
WAIVERS = "waivers"
EVIDENCE = "evidence"
DECISIONS = "decisions.jsonl"
LOCK = ".lock"
FOLDER = "gate"
WAIT = 10.0
_NAME = re.compile(r"[0-9a-f]{64}\.json")
_PART = re.compile(r"\..*\.part")


@dataclass(frozen=True, slots=True)
class Ledger:
    """A ledger at `root`."""

    root: Path

    @staticmethod
    def find(folder: Path | None) -> Ledger:
        """The ledger in a folder; the one in `gate/` of the current directory where none is named. Raises
        NoLedgerError.
        """
        root = folder if folder is not None else Path(FOLDER)
        if not (root / POLICY).is_file():
            inner = root / FOLDER
            if folder is None or not (inner / POLICY).is_file():
                raise NoLedgerError(str(root))
            root = inner
        return Ledger(root)

    def read_policy(self, file: Path | None = None) -> Policy:
        """The policy of the ledger, or the one in another file. Raises ConfigError."""
        return read_policy_file(file) if file is not None else parse_policy(*_named(self.root / POLICY))

    def read_calendar(self) -> Calendar | None:
        """The calendar; None where there is none. Raises ConfigError."""
        path = self.root / CALENDAR
        return parse_calendar(read_text(path), str(path)) if path.is_file() else None

    def read_waivers(self, policy: Policy) -> tuple[Waiver, ...]:
        """All waivers, in the order of their files. Raises ConfigError with the mistakes of all files."""
        found: list[Waiver] = []
        mistakes: list[Mistake] = []
        for path in self._files(WAIVERS, ".toml"):
            try:
                found += parse_waivers(read_text(path), str(path), policy)
            except ConfigError as error:
                mistakes += error.mistakes
        if mistakes:
            raise ConfigError(mistakes)
        return tuple(found)

    def read_evidence(self) -> tuple[Evidence, ...]:
        """All evidence. Raises DamagedLedgerError for a file that is not what its name says, or cannot be read."""
        found = []
        problems = []
        folder = self.root / EVIDENCE
        for name in _names(folder):
            if name.startswith(".") or not name.endswith(".json"):
                continue
            shown = f"{EVIDENCE}/{name}"
            if not _NAME.fullmatch(name):
                problems.append(f"{shown} is not named by a sha256")
                continue
            data = read_bytes(folder / name)
            if hash_of(data) != name[:64]:
                problems.append(f"{shown} is forged or damaged: its bytes have another sha256 than its name says")
                continue
            try:
                found.append(parse_evidence(data, name[:64]))
            except EvidenceError as error:
                problems.append(f"{shown} {error.message}")
        if problems:
            raise DamagedLedgerError(
                problems,
                hint="Evidence never changes: restore the files with git, or remove what was put there by hand and add "
                "it with `tailrace gate evidence add FILE`.",
            )
        return tuple(found)

    def read_facts(self, policy_file: Path | None = None) -> Facts:
        """All that decisions are made from. Raises ConfigError with the mistakes of policy, calendar and waivers
        together, and DamagedLedgerError.
        """
        mistakes: list[Mistake] = []
        policy: Policy | None = None
        calendar: Calendar | None = None
        waivers: tuple[Waiver, ...] = ()
        try:
            policy = self.read_policy(policy_file)
        except ConfigError as error:
            mistakes += error.mistakes
        try:
            calendar = self.read_calendar()
        except ConfigError as error:
            mistakes += error.mistakes
        if policy is not None:
            try:
                waivers = self.read_waivers(policy)
            except ConfigError as error:
                mistakes += error.mistakes
        if mistakes or policy is None:
            raise ConfigError(mistakes)
        return Facts(policy, calendar, waivers, self.read_evidence())

    def read_decisions(self) -> tuple[Decision, ...]:
        """All decisions, oldest first; an unfinished last line is none. Raises DamagedLedgerError."""
        return tuple(self._decisions())

    def _decisions(self) -> Iterator[Decision]:
        path = self.root / DECISIONS
        data = read_bytes(path) if path.exists() else b""
        for number, line in enumerate(data[: data.rfind(b"\n") + 1].splitlines(), 1):
            if line.startswith((b"<<<<<<< ", b">>>>>>> ")) or line == b"=======":
                raise UnsettledLedgerError(
                    f"{path}:{number} has a conflict marker of git.",
                    hint="Both sides are right: keep the lines of both, oldest first, and commit.",
                )
            try:
                decision = msgspec.json.decode(line, type=Decision)
            except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
                raise DamagedLedgerError(
                    [f"{DECISIONS}:{number} is not a decision: {error}"], hint="Restore the file with git."
                ) from None
            yield decision

    def add_evidence(self, data: bytes) -> tuple[str, bool]:
        """Keep evidence: its hash, and whether it is new. Raises EvidenceError, BusyLedgerError, LedgerDiskError."""
        sha256 = hash_of(data)
        parse_evidence(data, sha256)
        with self._writing():
            path = self.root / EVIDENCE / f"{sha256}.json"
            if path.exists():
                if hash_of(read_bytes(path)) != sha256:
                    raise DamagedLedgerError(
                        [f"{EVIDENCE}/{path.name} is forged or damaged"], hint="Restore it with git."
                    )
                return sha256, False
            disk.make_folder(path.parent)
            disk.write_whole(path, data)
        return sha256, True

    def add_waivers(self, name: str, waivers: tuple[Waiver, ...]) -> Path:
        """Write a new file of waivers; `name` is what it is called, without its ending."""
        data = write_waivers(waivers)
        with self._writing():
            folder = self.root / WAIVERS
            disk.make_folder(folder)
            path = folder / f"{name}.toml"
            number = 2
            while path.exists():
                path = folder / f"{name}-{number}.toml"
                number += 1
            disk.write_whole(path, data)
        return path

    def record(self, decisions: tuple[Decision, ...]) -> tuple[Decision, ...]:
        """Append decisions to the log, each once; those that were new. Raises ClockError when one lies before what is
        recorded for its subject and target already.
        """
        path = self.root / DECISIONS
        with self._writing():
            known = self.read_decisions()
            ids = {one.id for one in known}
            fresh = tuple(one for one in decisions if one.id not in ids)
            for decision in fresh:
                check_clock(known, decision)
            if path.exists():
                data = read_bytes(path)
                whole = data.rfind(b"\n") + 1
                if whole != len(data):
                    disk.truncate(path, whole)
            if fresh:
                disk.append(path, b"".join(encode_decision(one) + b"\n" for one in fresh))
                disk.fsync_path(self.root)
        return fresh

    def _files(self, folder: str, ending: str) -> list[Path]:
        return [
            self.root / folder / name
            for name in _names(self.root / folder)
            if name.endswith(ending) and not name.startswith(".")
        ]

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with disk.lock(self.root / LOCK, wait=WAIT):
                for name in _names(self.root / EVIDENCE):
                    if _PART.fullmatch(name):  # of a writer that ended in the middle
                        disk.remove_file(self.root / EVIDENCE / name)
                yield
        except disk.LockedError:
            raise BusyLedgerError(str(self.root)) from None
        except OSError as error:
            raise LedgerDiskError(
                str(error.filename2 or error.filename or self.root), error.strerror or str(error)
            ) from None


def check_clock(known: tuple[Decision, ...], decision: Decision) -> None:
    """Raise ClockError when a decision lies before one that is recorded for the same subject and target."""
    at = parse_time(decision.at)
    for one in reversed(known):
        if same_release(one.subject, decision.subject.name, decision.subject.version) and same_target(
            one.target, decision.target
        ):
            if parse_time(one.at) > at:
                raise ClockError(
                    f"{decision.at} lies before the last decision on {decision.subject} for {decision.target} "
                    f"({one.at}): the clock went back.",
                    hint="Set the clock right; --dry-run looks at a past moment without recording it.",
                )
            return


def check_now(known: tuple[Decision, ...], now: int) -> None:
    """Raise ClockError when the clock shows a time before the newest decision of all."""
    newest = max((parse_time(one.at) for one in known), default=0)
    if newest > now:
        raise ClockError(
            f"the clock shows {show_moment(now)}, and a decision of {show_moment(newest)} is recorded: it went back.",
            hint="Set the clock right, or say with --at which moment is meant.",
        )


def init_ledger(root: Path, files: dict[str, str]) -> Ledger:
    """A new ledger with these files. It is there as a whole or not at all. Raises CannotInitLedgerError."""
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise CannotInitLedgerError(str(root), "is a ledger already" if (root / POLICY).exists() else "is not empty")
    try:
        disk.make_folder(root.parent)
        staged = root.parent / f".{root.name or FOLDER}.part"
        if staged.exists():  # of an init that ended in the middle
            disk.remove_tree(staged)
        for folder in (staged, staged / WAIVERS, staged / EVIDENCE):
            disk.make_folder(folder)
        for name, text in files.items():
            disk.write(staged / name, text.encode())
        if root.exists():
            root.rmdir()
        disk.move(staged, root)
        disk.fsync_path(root.parent)
    except OSError as error:
        raise LedgerDiskError(str(error.filename or root), error.strerror or str(error)) from None
    return Ledger(root)


def read_text(path: Path) -> bytes:
    """A file that people write. Raises LedgerDiskError, DamagedLedgerError."""
    return _read(path, TEXT_LIMIT)


def read_policy_file(path: Path) -> Policy:
    """A policy that the user names. Raises ConfigError, and GateError for one that is not there."""
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise GateError(f"the policy {path} {what}.", hint="Name a policy.toml with --policy FILE.")
    return parse_policy(*_named(path))


def _named(path: Path) -> tuple[bytes, str]:
    return read_text(path), str(path)


def read_bytes(path: Path) -> bytes:
    """A file of the ledger. Raises LedgerDiskError, DamagedLedgerError."""
    return _read(path, LIMIT)


def _read(path: Path, limit: int) -> bytes:
    try:
        with disk.open_file(path) as file:
            data = file.read(limit + 1)
            size = len(data)
    except OSError as error:
        raise LedgerDiskError(str(path), error.strerror or str(error)) from None
    if size > limit:
        raise DamagedLedgerError([f"{path} is larger than {limit >> 20} MB"], hint="No such file belongs in a ledger.")
    return data


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 - a path for each of thousands of names takes its time
    except FileNotFoundError:
        return []
    except OSError as error:
        raise LedgerDiskError(str(folder), error.strerror or str(error)) from None
