"""A reach report for a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from tailrace.hotfix.reach import CLIENT_NAMES, KINDS, Kind, Miss, PrefixFindings, ReachReport, TrustFact, Update
from tailrace.model.inert import visible
from tailrace.report.ink import Ink
from tailrace.report.options import RenderOptions

BADGE = {
    "reached": ("REACHED", "bold black on green"),
    "missed": ("MISSED", "bold white on red"),
    "incomplete": ("INCOMPLETE", "bold black on yellow"),
}
SHOWN = 10


def render(report: ReachReport, options: RenderOptions) -> str:
    """The verdict, each environment with its repair, then every other place; with `why` how clients are known."""
    ink = Ink(color=options.color, width=options.width)
    word, style = BADGE[report.status]
    ink.title(word, style, _headline(report))
    if report.broken:
        ink.prose(visible(report.broken), indent=2, first=("harmful: ", "dim"))
    for environment in report.environments:
        ink.blank()
        _environment(ink, environment)
    kinds = [kind for kind in KINDS if any(miss.kind == kind for miss in report.misses)]
    for kind in kinds:
        ink.blank()
        _misses(ink, kind, [miss for miss in report.misses if miss.kind == kind])
        _believers(ink, kind, report.clients)
    if options.why:
        ink.blank()
        _table(ink, kinds or list(KINDS), report.clients)
    if report.not_checked or report.notes:
        ink.blank()
    for text in report.not_checked:
        ink.prose(visible(text), indent=0, first=("not checked: ", "yellow"))
    for text in report.notes:
        ink.prose(visible(text), indent=0, first=("note: ", "cyan"))
    return ink.text()


def _headline(report: ReachReport) -> str:
    places = len(report.misses)
    hurt = sum(one.would_be_hurt for one in report.environments)
    broken = sum(bool(one.harmful_now) for one in report.environments)
    said = (
        [f"{places} {'place keeps' if places == 1 else 'places keep'} something older than the hotfix"]
        if places
        else []
    )
    said += [f"{broken} {'environment is' if broken == 1 else 'environments are'} broken already"] if broken else []
    said += [f"the next update would break {hurt} {'environment' if hurt == 1 else 'environments'}"] if hurt else []
    if said:
        return "; ".join(said)
    if report.status == "incomplete":
        return "nothing was found, but not everything could be looked at"
    return f"nothing older than the hotfix in {len(report.looked_at)} places"


def _environment(ink: Ink, one: PrefixFindings) -> None:
    ink.line(("environment ", ""), (visible(one.prefix), "bold"), (f"  ({one.packages} packages)", "dim"))
    if one.harmful_now:
        ink.line(("  broken now", "bold red"), ("  it holds the harmful combination", ""))
    groups: dict[tuple[object, ...], list[Update]] = {}
    for update in one.updates:
        key = (update.request, update.status, update.exposed, update.status_if_fresh, update.exposed_if_fresh)
        groups.setdefault(key, []).append(update)
    for group in groups.values():
        first = group[0]
        word, style = _word(first)
        who: dict[str, list[str]] = {}
        for update in group:
            who.setdefault(update.client, []).append(update.priority)
        shown = "; ".join(f"{client} ({', '.join(found)})" for client, found in who.items())
        ink.line(
            ("  ", ""), (word.ljust(10), style), (f"  {visible(' '.join(first.request))}", "bold"), (f"  {shown}", "")
        )
        if first.by_old_records:
            fresh = "refused" if first.status_if_fresh == "unsolvable" else "harmless"
            ink.line((f"              by the channel's records it would be {fresh}", "dim"))
    if one.unknown:
        ink.line((f"  {one.unknown} of its packages are in none of these channels", "dim"))
    for command in one.repair:
        ink.line(("  repair: ", "bold green"), (visible(command), ""))


def _word(update: Update) -> tuple[str, str]:
    if update.exposed:
        return "breaks it", "bold red"
    if update.status == "unsolvable":
        return "refused", "yellow"
    return "harmless", "green"


def _misses(ink: Ink, kind: Kind, misses: list[Miss]) -> None:
    ink.line((KINDS[kind], "bold"))
    groups: dict[tuple[object, ...], list[Miss]] = {}
    for miss in misses:
        groups.setdefault((miss.where if kind != "cached" else "", miss.lacks, miss.has), []).append(miss)
    for group in list(groups.values())[:SHOWN]:
        first = group[0]
        ink.line(("  ", ""), (visible(first.where), "blue"))
        ink.line((f"      {visible(', '.join(miss.package for miss in group[:SHOWN]))}", ""))
        if len(group) > SHOWN:
            ink.line((f"      and {len(group) - SHOWN} more", "dim"))
        for text in first.has:
            ink.line(("      - ", "red"), (visible(text), ""))
        for text in first.lacks:
            ink.line(("      + ", "green"), (f"{visible(text)}", ""), ("  (in the hotfix)", "dim"))
    if len(groups) > SHOWN:
        ink.line((f"  and {len(groups) - SHOWN} more places (--format json has all)", "dim"))


def _believers(ink: Ink, kind: Kind, facts: Iterable[TrustFact]) -> None:
    found: dict[str, list[str]] = {}
    for fact in facts:
        if fact.kind == kind:
            found.setdefault(fact.trust, []).append(fact.client)
    words = (
        ("trusts", "believed by ", "bold red"),
        ("ignores", "not by ", "green"),
        ("unknown", "unknown: ", "yellow"),
    )
    for trust, word, style in words:
        if trust in found:
            ink.line(("    ", ""), (word, style), ("; ".join(found[trust]), ""))


def _table(ink: Ink, kinds: Iterable[Kind], facts: Iterable[TrustFact]) -> None:
    known = {(fact.kind, fact.client): fact for fact in facts}
    for kind in kinds:
        ink.line(("who believes ", ""), (KINDS[kind], "bold"))
        for client in CLIENT_NAMES:
            fact = known[kind, client]
            style = {"trusts": "bold red", "ignores": "green", "unknown": "yellow"}[fact.trust]
            ink.line((f"  {client.ljust(28)}", ""), (fact.trust.ljust(9), style), (fact.source, "dim"))
