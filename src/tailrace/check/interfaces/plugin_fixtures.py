"""Places of a downstream that ask by name for a pytest fixture which the candidate no longer offers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tailrace.check.breakage import Breakage
from tailrace.check.interfaces.view import Finder, View
from tailrace.python.plugins.fixtures import read_fixtures, read_requests

_FIXTURE = re.compile(rb"fixture")


def find_fixture_breaks(view: View) -> Iterator[Breakage]:
    """`fixture-removed`; silent where the downstream defines a fixture of that name, unless that one asks for it."""
    gone = {symbol.removeprefix("fixture:"): change for symbol, change in view.changes("fixture-removed").items()}
    if not gone:
        return
    files = list(view.holding(gone))
    own: set[str] = set()
    overriding: set[int] = set()
    for file in files:
        parsed = view.tree(file) if _FIXTURE.search(view.data(file)) else None
        for fixture in read_fixtures(parsed.tree) if parsed is not None else ():
            own.add(fixture.name)
            overriding.update(id(a) for a in fixture.asks if a.arg == fixture.name)
    for file in files:
        parsed = view.tree(file)
        for request in read_requests(parsed.tree, frozenset(gone)) if parsed is not None else ():
            if request.name in own and id(request.node) not in overriding:
                continue
            change = gone[request.name]
            yield Breakage(
                rule="fixture-removed",
                symbol=change.symbol,
                module="",
                name=change.symbol,
                how="string",
                file=file,
                line=request.node.lineno,
                column=request.node.col_offset + 1,
                use=view.use_at(file, request.node),
                cause_file=change.file,
                cause_line=change.line,
            )


FINDER = Finder(find_fixture_breaks)
