"""Lints paths: reads files, asks the rules, obeys suppressions."""

from __future__ import annotations

import hashlib
import os
import stat
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath

import msgspec

from tailrace import __version__
from tailrace.lint.discover import TEST_DATA, Found, discover
from tailrace.lint.edits import Edit
from tailrace.lint.errors import UnreadableFileError
from tailrace.lint.facts import Document
from tailrace.lint.files import max_bytes, read_file
from tailrace.lint.model import LintCounts, LintFinding, LintPlace, LintReport, LintVerdict, UnreadableFile
from tailrace.lint.names import blot
from tailrace.lint.rules import LINT_RULES
from tailrace.lint.rules.interface import LintRule, Problem
from tailrace.lint.suppress import read_suppressions
from tailrace.model.report import Tool

MAX_OF_A_RULE = 200
"""Findings of one rule that are shown for one file; the next ones follow once these are fixed."""

_LONGEST_LINE = 1000
_ORDER = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True, slots=True)
class Judged:
    """One finding with the edits that would fix it. `policy`: see `Problem`."""

    finding: LintFinding
    edits: tuple[Edit, ...]
    safe: bool
    policy: str | None = None


@dataclass(slots=True)
class Run:
    """Everything of one run. `paths`: shown path → file; `documents` and `bytes` by shown path."""

    found: Found
    documents: dict[str, Document] = field(default_factory=dict)
    data: dict[str, bytes] = field(default_factory=dict)
    unreadable: list[UnreadableFile] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    fixed: int = 0


def lint_paths(
    paths: Sequence[str] = (".",), *, disable: Collection[str] = (), exclude: Sequence[str] = TEST_DATA
) -> LintReport:
    """Checks every file below the paths. Raises `NoSuchPathError` for a path that is not there.

    `disable`: rule ids that are not asked. `exclude`: names or patterns of folders and files to leave out.
    """
    return report_of(run_lint(paths, disable=disable, exclude=exclude))


def run_lint(paths: Sequence[str], *, disable: Collection[str], exclude: Sequence[str]) -> Run:
    """The same, with what `--fix` needs besides."""
    run = Run(discover(paths, exclude))
    run.unreadable += (UnreadableFile(file=name, reason=reason) for name, reason in run.found.unreadable)
    for shown, (path, named) in run.found.files.items():
        _read(run, shown, path, named)
    _read_condarcs(run)
    check_document(run, disable)
    return run


def _read_condarcs(run: Run) -> None:
    """Reads the configuration files that CI names and whose own names say nothing.

    They are looked for below the folders above the file that names them, and only where the run looks anyway.
    """
    for document in tuple(run.documents.values()):
        for named in document.condarcs:
            relative = PurePosixPath(named)
            if relative.is_absolute() or ".." in relative.parts:
                continue
            for folder in PurePosixPath(document.source.path).parents:
                shown = (folder / relative).as_posix()
                path = run.found.files[document.source.path][0].parents[_depth(document.source.path, folder)] / named
                if shown not in run.documents and path.is_file():
                    run.found.files[shown] = (path, False)
                    _read(run, shown, path, False, kind="condarc")
                    break


def _depth(path: str, folder: PurePosixPath) -> int:
    return len(PurePosixPath(path).parts) - len(folder.parts) - 1


def _read(run: Run, shown: str, path: Path, named: bool, kind: str | None = None) -> None:
    try:
        data = _bytes(path, max_bytes(shown))
        document = read_file(shown, data, kind=kind)
    except UnreadableFileError as error:
        run.unreadable.append(UnreadableFile(file=shown, reason=error.reason, line=error.line))
        return
    except RecursionError:
        run.unreadable.append(UnreadableFile(file=shown, reason="it is nested too deep"))
        return
    if document is not None:
        run.documents[shown] = document
        run.data[shown] = data
    elif named:
        run.unreadable.append(UnreadableFile(file=shown, reason="it is of no kind that lint reads"))


def _bytes(path: Path, limit: int) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableFileError("it is no regular file")
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise UnreadableFileError(f"it cannot be opened: {error.strerror or error}") from None


def check_document(run: Run, disable: Collection[str]) -> None:
    """Asks every rule about every document."""
    project = tuple(run.documents.values())
    run.judged = []
    for document in project:
        run.judged += judge_document(document, project, disable)


def judge_document(document: Document, project: Sequence[Document], disable: Collection[str] = ()) -> list[Judged]:
    """What the rules find in one document, in the order of the text."""
    reasons = {
        (rule, found.line): found.reason
        for found in read_suppressions(document.source)
        if found.reason
        for rule in found.rules
    }
    judged = []
    seen: Counter[tuple[str, str]] = Counter()
    for rule in LINT_RULES.values():
        if rule.id in disable:
            continue
        for problem in islice(rule.check(document, project), MAX_OF_A_RULE):
            # Whoever keeps a generated file cannot act on a mere note.
            if not (document.generated and (problem.severity or rule.severity) == "note"):
                judged.append(_judge(document, rule, problem, reasons, seen))
    judged.sort(key=lambda j: (j.finding.line, j.finding.column, j.finding.rule, j.finding.message))
    return judged


def _judge(
    document: Document,
    rule: LintRule,
    problem: Problem,
    reasons: dict[tuple[str, int], str],
    seen: Counter[tuple[str, str]],
) -> Judged:
    source = document.source
    line, column = source.place(problem.at.start)
    severity = "note" if document.generated else problem.severity or rule.severity
    text = blot(source.line(line)[:_LONGEST_LINE])
    key = (rule.id, problem.message)
    seen[key] += 1
    digest = hashlib.sha256(
        "\0".join((rule.id, source.path, problem.message, str(seen[key]))).encode("utf-8", "replace")
    )
    finding = LintFinding(
        rule=rule.id,
        severity=severity,
        file=source.path,
        line=line,
        column=column,
        source=text,
        message=problem.message,
        fix="The file is generated by conda-smithy: fix what it is made from." if document.generated else problem.fix,
        fixable=None if document.generated or not problem.edits else "safe" if problem.safe else "unsafe",
        suppressed=reasons.get((rule.id, line)),
        generated=document.generated,
        fingerprint=digest.hexdigest()[:16],
    )
    return Judged(finding, () if document.generated else problem.edits, problem.safe, problem.policy)


class _Repositories:
    """Which repository a file of the run is in: the nearest folder above it with a `.git`, else the run itself."""

    def __init__(self, run: Run) -> None:
        self._paths = {shown: path for shown, (path, _) in run.found.files.items()}
        self._known: dict[Path, str] = {}

    def __call__(self, shown: str) -> str:
        path = self._paths.get(shown)
        return self._of(path.absolute().parent) if path else ""

    def _of(self, folder: Path) -> str:
        if folder not in self._known:
            above = folder.parent
            if os.path.lexists(folder / ".git"):
                self._known[folder] = folder.as_posix()
            else:
                self._known[folder] = "" if above == folder else self._of(above)
        return self._known[folder]


def fold(judged: Sequence[Judged], repository_of: Callable[[str], str]) -> list[LintFinding]:
    """One finding for each policy of a repository; every other finding, and each that is suppressed, by itself."""
    groups: dict[tuple[object, ...], list[Judged]] = {}
    for number, one in enumerate(judged):
        found = one.finding
        key: tuple[object, ...] = (number,)
        if one.policy is not None and found.suppressed is None:
            key = (repository_of(found.file), found.rule, found.severity, found.generated, one.policy)
        groups.setdefault(key, []).append(one)
    return [_folded(group) for group in groups.values()]


def _folded(group: list[Judged]) -> LintFinding:
    group = sorted(group, key=lambda one: (one.finding.file, one.finding.line, one.finding.column))
    places = tuple(
        LintPlace(
            file=one.finding.file,
            line=one.finding.line,
            column=one.finding.column,
            source=one.finding.source,
            message=one.finding.message,
            fixable=one.finding.fixable,
            fingerprint=one.finding.fingerprint,
        )
        for one in group
    )
    first, policy = group[0].finding, group[0].policy
    if len(group) == 1 or policy is None:
        return msgspec.structs.replace(first, places=places)
    kinds = {place.fixable for place in places}
    digest = hashlib.sha256("\0".join((first.rule, first.severity, policy)).encode("utf-8", "replace"))
    return msgspec.structs.replace(
        first,
        message=policy,
        fixable="safe" if "safe" in kinds else "unsafe" if "unsafe" in kinds else None,
        fingerprint=digest.hexdigest()[:16],
        places=places,
    )


def report_of(run: Run) -> LintReport:
    """The run as a report: findings of one policy are one for each repository."""
    findings = tuple(
        sorted(
            fold(run.judged, _Repositories(run)),
            key=lambda f: (f.file, f.line, f.column, _ORDER[f.severity], f.rule),
        )
    )
    open_ = [finding for finding in findings if finding.suppressed is None]
    severities = Counter(finding.severity for finding in open_)
    unreadable = sorted(run.unreadable, key=lambda u: (u.file, u.line))
    if run.found.stopped:
        unreadable.append(UnreadableFile(file=".", reason=run.found.stopped))
    verdict: LintVerdict = (
        "findings" if severities["error"] + severities["warning"] else "incomplete" if unreadable else "clean"
    )
    return LintReport(
        tool=Tool(version=__version__),
        verdict=verdict,
        counts=LintCounts(
            files=len(run.documents) + len(unreadable),
            read=len(run.documents),
            unreadable=len(unreadable),
            findings=len(open_),
            errors=severities["error"],
            warnings=severities["warning"],
            notes=severities["note"],
            suppressed=len(findings) - len(open_),
            fixable=sum(place.fixable == "safe" for finding in open_ for place in finding.places),
            fixed=run.fixed,
            places=sum(len(finding.places) for finding in open_),
        ),
        findings=findings,
        unreadable=tuple(unreadable),
        files=tuple(sorted((shown, document.kind) for shown, document in run.documents.items())),
        left_out=tuple(sorted(run.found.left_out)),
    )
