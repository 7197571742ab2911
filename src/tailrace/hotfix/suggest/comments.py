"""Writes the comment above a hotfix from the harmful range and its evidence. Decides nothing."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from tailrace.hotfix.suggest.evidence import Fact
from tailrace.hotfix.suggest.harmful_regions import Order
from tailrace.hotfix.suggest.identity import Identity
from tailrace.hotfix.suggest.ranges import Range

SYMBOLS = 4
SITES = 3
NAMED = 12
WIDTH = 110


def comment(
    upstream: str,
    found: Range,
    order: Order,
    facts: Sequence[Fact],
    fixed: Sequence[Identity],
    shut_out: Sequence[str],
    remarks: Sequence[str],
) -> str:
    """The reason, where it stands in the code, what was checked and what was not.

    `order` is of the downstream, `facts` all on this pair, `shut_out` versions of the upstream that nobody checked.
    """
    names = {text for place in found.known for text in order.groups[place]}
    broken = [fact for fact in facts if fact.said == "broken" and fact.subject.version in names]
    shown = broken or [fact for fact in facts if fact.said == "broken"]
    name = facts[0].subject.name
    lines = list(_reasons(upstream, shown))
    if broken:
        lines.append(f"Breaks: {_enumerate(f'{fact.subject} with {upstream} {fact.candidate}' for fact in broken)}.")
    whole = [order.text(place) for place in found.known if place not in found.checked]
    if whole or not broken:
        lines.append(f"Not checked, taken to break as its neighbours do: {name} {_listed(whole, found, order)}.")
    lines += [f"Not checked, shut out as well: {upstream} {_some(shut_out)}."] if shut_out else []
    fine = sorted({str(fact.subject) for fact in facts if fact.said == "fine"})
    if fine:
        lines.append(f"Checked and fine: {_some(fine)}.")
    if fixed:
        lines.append(f"Known to be repaired, not checked: {_some(map(str, fixed))}.")
    unknown = sorted({f"{fact.subject} ({fact.reason})" for fact in facts if fact.said == "unknown"})
    if unknown:
        lines.append(f"Could not be checked: {_some(unknown)}.")
    lines += remarks
    lines.append(f"Evidence: {_some(sorted({fact.report for fact in facts}))}.")
    return "\n".join(_wrapped(lines))


def _wrapped(lines: Iterable[str]) -> Iterable[str]:
    """Long sentences over several lines, the further ones indented; names are never broken."""
    for line in lines:
        yield from textwrap.wrap(
            line, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
        ) or [""]


def _reasons(upstream: str, facts: Sequence[Fact]) -> Iterable[str]:
    """One paragraph for each thing that is missing, with its places."""
    by_symbol: dict[tuple[str, str], dict[tuple[str, int, str], str]] = {}
    for fact in facts:
        for finding in fact.findings:
            sites = by_symbol.setdefault((finding.rule, finding.symbol), {})
            sites.setdefault((finding.file, finding.line, str(fact.subject)), finding.message)
    for (rule, symbol), sites in sorted(by_symbol.items())[:SYMBOLS]:
        versions = sorted({fact.candidate for fact in facts if any(f.symbol == symbol for f in fact.findings)})
        yield f"{upstream} {' and '.join(versions)}: {rule} {symbol}"
        yield f"  {sites[min(sites)]}"
        # Of a place that stands in several releases, the highest one is shown.
        places = {(file, line): subject for file, line, subject in sorted(sites)}
        for (file, line), subject in sorted(places.items())[:SITES]:
            yield f"  {file}:{line} in {subject}"
        if len(places) > SITES:
            yield f"  and {len(places) - SITES} more places"
    if len(by_symbol) > SYMBOLS:
        yield f"  and {len(by_symbol) - SYMBOLS} more symbols"
    if not by_symbol:
        yield f"{upstream} breaks this; the report names no place."


def _listed(texts: Sequence[str], found: Range, order: Order) -> str:
    if texts:
        return _some(texts)
    return f"any before {order.text(found.high)}" if found.high_open else f"any up to {order.text(found.high)}"


def _enumerate(texts: Iterable[str]) -> str:
    return _some(dict.fromkeys(texts))


def _some(texts: Iterable[str]) -> str:
    every = list(texts)
    more = f" and {len(every) - NAMED} more" if len(every) > NAMED else ""
    return ", ".join(every[:NAMED]) + more
