"""The commands of `tailrace gate`, which decide on a release. Imports click only; the rest when a command runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tailrace import disk
from tailrace.cli.app import CONTEXT
from tailrace.cli.format_choice import FormatChoice
from tailrace.cli.gate.calendar import command as calendar_command
from tailrace.cli.gate.collect import command as collect_command
from tailrace.cli.gate.replay import command as replay_command

if TYPE_CHECKING:
    from tailrace.gate.decision import Decision
    from tailrace.gate.evaluate import Facts
    from tailrace.gate.ledger import Ledger
    from tailrace.gate.names import Subject

LEDGER = click.option(
    "--ledger",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The ledger.  [default: the folder gate]",
)
AT = click.option("--at", metavar="TIME", help="The moment to decide for, UTC.  [default: now]")
DIRTY = click.option("--allow-dirty", is_flag=True, help="Use a policy, calendar and waivers that are not committed.")
SUBJECT = click.argument("subject", metavar="SUBJECT")
TARGET = click.option("--target", metavar="CHANNEL", help="Only this target.  [default: all of the policy]")


@click.group(name="gate", context_settings=CONTEXT)
def command() -> None:
    """Decide whether a release may go out, and if not, who must do what.

    \b
        tailrace gate init --profile conda
        tailrace gate evidence add report.json
        tailrace gate evaluate 'conda 4.13.0' --target defaults/main
        tailrace gate why 'conda 4.13.0'

    The ledger is a folder that a release team keeps in git: policy.toml, calendar.toml, waivers, evidence and the log
    of decisions. SUBJECT is a name and a version.
    """


@command.command("init", context_settings=CONTEXT)
@click.option(
    "--profile",
    type=click.Choice(["conda", "library", "index"]),
    default="library",
    show_default=True,
    help="The starting policy.",
)
@click.option(
    "--ledger", "folder", type=click.Path(path_type=Path), default=Path("gate"), show_default=True, metavar="DIR"
)
def init_command(profile: str, folder: Path) -> int:
    """Write a new ledger, with a commented policy and calendar."""
    from tailrace.gate.ledger import init_ledger
    from tailrace.gate.profiles import files_of

    files = files_of(profile)
    init_ledger(folder, files)
    _print(*(f"{folder / name}" for name in sorted(files)))
    _say(f"{folder} is a ledger now; read policy.toml, then commit it")
    return 0


@command.command("evaluate", context_settings=CONTEXT)
@SUBJECT
@click.option(
    "--target", required=True, metavar="CHANNEL", help="Where the release is to go: CHANNEL/LABEL, or an index."
)
@AT
@click.option(
    "--policy",
    "policy_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Try another policy. The decision is not recorded.",
)
@click.option("--file", "files", multiple=True, type=click.Path(path_type=Path), metavar="FILE",
              help="A file of the release; evidence on other builds does not count. Repeatable.")  # fmt: skip
@click.option(
    "--with", "together", multiple=True, metavar="SUBJECT", help="A release that goes out in the same step; repeatable."
)
@click.option(
    "--attest", type=click.Path(path_type=Path), metavar="FILE", help="Write an in-toto statement on the decision."
)
@click.option("--dry-run", is_flag=True, help="Do not record the decision.")
@click.option("--format", "-f", "format_", type=FormatChoice("decision"), default="text", show_default=True)
@click.option("--summary", type=click.Path(path_type=Path), metavar="FILE", help="Append the decision as Markdown.")
@LEDGER
@DIRTY
def evaluate_command(
    subject: str,
    target: str,
    at: str | None,
    policy_file: Path | None,
    files: tuple[Path, ...],
    together: tuple[str, ...],
    attest: Path | None,
    dry_run: bool,
    format_: str,
    summary: Path | None,
    folder: Path | None,
    allow_dirty: bool,
) -> int:
    """Decide on a release, and record the decision.

    \b
        tailrace gate evaluate 'conda 4.13.0' --target defaults/main
        tailrace gate evaluate 'conda 4.13.0' --target defaults/main --with 'conda-build 3.21.9'

    The same ledger and moment always give the same bytes. Missing evidence is never green. A decision for a moment
    that is yet to come is shown and not recorded.

    Exit status: 0 go, 1 stop, 2 usage or an error in the ledger, 3 unknown, 4 wait.
    """
    from tailrace.gate.evaluate import evaluate
    from tailrace.gate.ledger import check_clock
    from tailrace.gate.moments import DAY
    from tailrace.gate.names import parse_subject

    release = _with_files(parse_subject(subject), files)
    others = tuple(parse_subject(text) for text in together)
    ledger, facts = _facts(folder, policy_file, allow_dirty=allow_dirty)
    moment = _moment(ledger, at)
    decision = evaluate(facts, release, target, moment, together=others)
    record = not dry_run and policy_file is None
    if record and moment > _now() + DAY:
        _say(f"note: {decision.at} is yet to come, so the decision is not recorded")
        record = False
    if record:
        check_clock(ledger.read_decisions(), decision)
    if attest is not None:
        _attest(ledger, facts, decision, attest, policy_file)
    if record:
        ledger.record((decision,))
    _publish(decision, format_)
    if summary is not None:
        from tailrace.cli.output import append_summary
        from tailrace.report import render

        append_summary(summary, render(decision, "markdown"))
    return decision.exit_status


@command.command("why", context_settings=CONTEXT)
@SUBJECT
@TARGET
@AT
@click.option("--format", "-f", "format_", type=FormatChoice("gate-why"), default="text", show_default=True)
@LEDGER
@DIRTY
def why_command(
    subject: str, target: str | None, at: str | None, format_: str, folder: Path | None, allow_dirty: bool
) -> int:
    """Explain why a release may go to each target, or not.

    For each target this shows the root blocker, every rule, and who must act. Nothing is recorded. Exit status: that of
    the worst target.
    """
    from tailrace.gate.names import parse_subject
    from tailrace.gate.overview import GateExplanation, asked_since, explain_targets, worst_status

    ledger, facts = _facts(folder, None, allow_dirty=allow_dirty)
    decisions = explain_targets(facts, parse_subject(subject), target, _moment(ledger, at))
    recorded = ledger.read_decisions()
    since = tuple(asked_since(one, recorded) for one in decisions)
    _publish(GateExplanation(tuple(decisions), since), format_)
    return worst_status(decisions)


@command.command("list", context_settings=CONTEXT)
@TARGET
@AT
@click.option("--format", "-f", "format_", type=FormatChoice("gate-list"), default="text", show_default=True)
@LEDGER
@DIRTY
def list_command(target: str | None, at: str | None, format_: str, folder: Path | None, allow_dirty: bool) -> int:
    """List the releases in the ledger, those that need action first.

    Nothing is recorded.
    """
    from tailrace.gate.overview import GateList, list_subjects

    ledger, facts = _facts(folder, None, allow_dirty=allow_dirty)
    decisions = list_subjects(facts, ledger.read_decisions(), target, _moment(ledger, at))
    _publish(GateList(tuple(decisions)), format_)
    return 0


@command.command("checklist", context_settings=CONTEXT)
@SUBJECT
@AT
@click.option("--with", "together", multiple=True, metavar="SUBJECT", help="A release that goes out in the same step.")
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="FILE", help="Write it to a file.")
@LEDGER
@DIRTY
def checklist_command(
    subject: str,
    at: str | None,
    together: tuple[str, ...],
    output: Path | None,
    folder: Path | None,
    allow_dirty: bool,
) -> int:
    """Write the release checklist as Markdown.

    It has a box for each rule and target, ticked by evidence alone. Nothing is recorded. Exit status: that of the worst
    target.
    """
    from tailrace.cli.formats import Output
    from tailrace.cli.output import publish
    from tailrace.gate.names import parse_subject
    from tailrace.gate.overview import GateChecklist, explain_targets, worst_status
    from tailrace.gate.rules import RULE_KINDS
    from tailrace.report import RenderOptions

    ledger, facts = _facts(folder, None, allow_dirty=allow_dirty)
    others = tuple(parse_subject(text) for text in together)
    decisions = explain_targets(facts, parse_subject(subject), None, _moment(ledger, at), others)
    checklist = GateChecklist(tuple(decisions), {name: kind.summary for name, kind in RULE_KINDS.items()})
    publish(checklist, [Output("markdown", output)], RenderOptions())
    return worst_status(decisions)


@command.command("waive", context_settings=CONTEXT)
@click.option("--rule", required=True, metavar="RULE", help="The id of the rule.")
@click.option("--subject", required=True, metavar="'NAME VERSION'", help="The release.")
@click.option(
    "--fingerprint", "fingerprints", required=True, multiple=True, metavar="F", help="The finding; repeatable."
)
@click.option("--target", metavar="CHANNEL", help="Only for this target.  [default: all]")
@click.option("--reason", required=True, metavar="TEXT", help="Why the finding does not matter.")
@click.option("--by", required=True, metavar="WHO", help="Who is responsible for it.")
@click.option("--approved-by", required=True, metavar="WHO", help="Who approves it; must differ from --by.")
@click.option("--expires", required=True, metavar="DATE", help="The last day on which it counts.")
@AT
@LEDGER
def waive_command(
    rule: str,
    subject: str,
    fingerprints: tuple[str, ...],
    target: str | None,
    reason: str,
    by: str,
    approved_by: str,
    expires: str,
    at: str | None,
    folder: Path | None,
) -> int:
    """Write a waiver for a current finding.

    It binds to the rule, the release and the fingerprint of the finding: a finding that changes is not waived. A
    waiver that would match nothing is refused.
    """
    from tailrace.gate.overview import make_waivers

    ledger, facts = _facts(folder, None, allow_dirty=True)
    waivers = make_waivers(
        facts,
        rule=rule,
        subject=subject,
        fingerprints=fingerprints,
        target=target,
        reason=reason,
        by=by,
        approved_by=approved_by,
        expires=expires,
        at=_moment(ledger, at),
    )
    name = "-".join((*str(waivers[0].subject).lower().split(), rule, waivers[0].fingerprint[:8]))
    path = ledger.add_waivers("".join(c if c.isalnum() or c in "-._" else "-" for c in name), waivers)
    _print(str(path))
    _say("commit it: a waiver that is not committed does not count")
    return 0


@command.command("approve", context_settings=CONTEXT)
@SUBJECT
@click.option("--role", required=True, metavar="ROLE", help="The role in which it is approved.")
@click.option("--by", required=True, metavar="WHO", help="Who approves.")
@click.option("--object", "objects", is_flag=True, help="Record an objection instead of an approval.")
@click.option("--note", default="", metavar="TEXT", help="What others should know.")
@click.option("--file", "files", multiple=True, type=click.Path(path_type=Path), metavar="FILE",
              help="A file of the release; the approval counts for this build only. Repeatable.")  # fmt: skip
@click.option("--target", metavar="CHANNEL", help="Only for this target.  [default: all]")
@AT
@LEDGER
def approve_command(
    subject: str,
    role: str,
    by: str,
    objects: bool,
    note: str,
    files: tuple[Path, ...],
    target: str | None,
    at: str | None,
    folder: Path | None,
) -> int:
    """Add a person's approval of a release to the evidence."""
    import msgspec

    from tailrace.gate.ledger import Ledger
    from tailrace.gate.names import parse_subject, parse_target
    from tailrace.gate.rules.approval import ApprovalBody

    release = _with_files(parse_subject(subject), files)
    body = msgspec.json.encode(ApprovalBody(by=by, role=role, approved=not objects, note=note))
    ledger = Ledger.find(folder)
    where = parse_target(target) if target is not None else None
    _add(ledger, [("the approval", body)], release, None, where, at, None)
    return 0


@command.group("evidence", context_settings=CONTEXT)
def evidence_command() -> None:
    """Add evidence to the ledger, or list it."""


@evidence_command.command("add", context_settings=CONTEXT)
@click.argument("reports", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--kind", metavar="KIND", help="What the files are.  [default: what their schema says]")
@click.option("--subject", metavar="'NAME VERSION'", help="The release that they are about, where they do not say.")
@click.option("--file", "files", multiple=True, type=click.Path(path_type=Path), metavar="FILE",
              help="A file of the release that was looked at; repeatable.")  # fmt: skip
@click.option("--target", metavar="CHANNEL", help="Where it holds.  [default: what they say, else everywhere]")
@click.option("--made-at", "at", metavar="TIME", help="When they were made, UTC.  [default: now]")
@click.option("--valid-for", metavar="DURATION", help="For how long they count, such as 72h.")
@LEDGER
def evidence_add_command(
    reports: tuple[Path, ...],
    kind: str | None,
    subject: str | None,
    files: tuple[Path, ...],
    target: str | None,
    at: str | None,
    valid_for: str | None,
    folder: Path | None,
) -> int:
    """Add reports to the ledger: all of them, or none.

    \b
        tailrace check … --format json:report.json
        tailrace gate evidence add report.json

    A report keeps its bytes, in a file that is named by their sha256 and never changes.
    """
    from tailrace.gate.errors import EvidenceError
    from tailrace.gate.ledger import Ledger, read_bytes
    from tailrace.gate.names import parse_subject, parse_target

    ledger = Ledger.find(folder)
    release = parse_subject(subject) if subject is not None else None
    if release is not None:
        release = _with_files(release, files)
    elif files:
        raise click.UsageError("--file belongs to --subject.")
    where = parse_target(target) if target is not None else None
    for path in reports:
        if not path.exists():
            raise EvidenceError(f"{path} does not exist.", hint="Check the path of the report.")
    given = [(str(path), read_bytes(path)) for path in reports]
    _add(ledger, given, release, kind, where, at, valid_for)
    return 0


@evidence_command.command("list", context_settings=CONTEXT)
@LEDGER
def evidence_list_command(folder: Path | None) -> int:
    """List all evidence, oldest first."""
    from tailrace.gate.evidence import in_order
    from tailrace.gate.ledger import Ledger
    from tailrace.gate.moments import show_moment

    for one in in_order(Ledger.find(folder).read_evidence()):
        where = f" for {one.target}" if one.target else ""
        _print(f"{one.sha256[:12]}  {show_moment(one.made)}  {one.kind:13}  {one.subject}{where}")
    return 0


command.add_command(calendar_command)
command.add_command(collect_command)
command.add_command(replay_command)


def _add(
    ledger: Ledger,
    given: list[tuple[str, bytes]],
    release: Subject | None,
    kind: str | None,
    target: str | None,
    at: str | None,
    valid_for: str | None,
) -> None:
    """Make evidence of these reports, and keep all of it or none."""
    from tailrace.gate.errors import EvidenceError
    from tailrace.gate.evidence import make_evidence, parse_evidence
    from tailrace.gate.moments import parse_time, show_moment

    moment = show_moment(parse_time(at) if at is not None else _now())
    made = []
    for name, data in given:
        try:
            made.append(
                make_evidence(data, made_at=moment, kind=kind, subject=release, target=target, valid_for=valid_for)
            )
        except EvidenceError as error:
            raise EvidenceError(f"{name} {error.message}.", hint=error.hint) from None
    for data in made:
        sha256, fresh = ledger.add_evidence(data)
        one = parse_evidence(data, sha256)
        _print(f"{sha256}  {one.kind}  {one.subject}{'' if fresh else '  (known)'}")


def _facts(folder: Path | None, policy_file: Path | None, *, allow_dirty: bool) -> tuple[Ledger, Facts]:
    from tailrace.gate.gitstate import check_git_state
    from tailrace.gate.ledger import Ledger

    ledger = Ledger.find(folder)
    check_git_state(ledger, allow_dirty=allow_dirty or policy_file is not None)
    return ledger, ledger.read_facts(policy_file)


def _moment(ledger: Ledger, at: str | None) -> int:
    """The moment that is meant; the clock may not show less than what is recorded already."""
    from tailrace.gate.ledger import check_now
    from tailrace.gate.moments import parse_time

    if at is not None:
        return parse_time(at)
    now = _now()
    check_now(ledger.read_decisions(), now)
    return now


def _now() -> int:
    """Now, to the second, in ms since the epoch."""
    import time

    return int(time.time()) * 1000


def _with_files(release: Subject, files: tuple[Path, ...]) -> Subject:
    """The release with the hashes of its files."""
    if not files:
        return release
    import hashlib

    import msgspec

    from tailrace.gate.errors import SubjectError
    from tailrace.gate.names import File

    found = []
    for path in files:
        try:
            with disk.open_file(path) as file:
                found.append(File(name=path.name, sha256=hashlib.file_digest(file, "sha256").hexdigest()))
        except OSError as error:
            raise SubjectError(f"{path} cannot be read: {error.strerror or error}.") from None
    return msgspec.structs.replace(release, files=tuple(sorted(found)))


def _attest(ledger: Ledger, facts: Facts, decision: Decision, path: Path, policy_file: Path | None) -> None:
    from tailrace.cli.output import write_file
    from tailrace.gate.attest import statement

    used = [one for one in facts.evidence if one.sha256 in decision.evidence]
    hashes = {
        sha256 for one in used if one.about(decision.subject.name, decision.subject.version) for sha256 in one.hashes
    }
    write_file(path, statement(decision, facts.policy, str(policy_file or ledger.root / "policy.toml"), hashes))


def _publish(report: object, format_: str) -> None:
    from tailrace.cli.formats import Output
    from tailrace.cli.output import publish
    from tailrace.report import RenderOptions

    publish(report, [Output(format_)], RenderOptions())


def _print(*lines: str) -> None:
    from tailrace.cli.failure import plain
    from tailrace.cli.output import write_stdout

    if lines:
        write_stdout("\n".join(plain(line) for line in lines))


def _say(line: str) -> None:
    from tailrace.cli.failure import say

    say(line)
