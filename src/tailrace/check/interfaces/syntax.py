"""Files of a downstream that the candidate's Python does not parse, and the baseline's does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tailrace.check.breakage import Breakage
from tailrace.check.interfaces.view import Finder, View
from tailrace.python.grammar import read_syntax, reads_before_keywords
from tailrace.python.modules import is_test_file

_RAISED = frozenset({"SyntaxError", "Exception", "BaseException"})
# Modules that are chosen by version often say so in their names.
_CHOSEN = re.compile(r"py_?3\d|compat")


def find(view: View) -> Iterator[Breakage]:
    """`syntax-refused`, once for each kind of syntax in a file."""
    candidate, baseline = (s.artifact.release for s in (view.candidate, view.baseline))
    if candidate.source != "interpreter" or baseline.source != "interpreter":
        return
    candidate_minor, baseline_minor = (int(release.version.split(".")[1]) for release in (candidate, baseline))
    for file in view.files():
        parsed = view.tree(file) if not is_test_file(file) else None
        told: set[str] = set()
        if parsed is None or (parsed.python2 and not reads_before_keywords(parsed.text)):
            continue
        for syntax in read_syntax(parsed.tree):
            refused = candidate_minor < syntax.since <= baseline_minor or (
                syntax.until is not None and baseline_minor <= syntax.until < candidate_minor
            )
            if not refused or syntax.what in told:
                continue
            told.add(syntax.what)
            known = (
                f"Python 3.{syntax.since} reads it"
                if syntax.since
                else f"Python 3.{syntax.until} is the last to read it"
            )
            yield Breakage(
                rule="syntax-refused",
                symbol=f"syntax:{syntax.what}",
                module="",
                name=syntax.what,
                how="import",
                file=file,
                line=syntax.line,
                confidence="possible" if _CHOSEN.search(file.rpartition("/")[2]) else "certain",
                raises=_RAISED,
                detail=known,
            )


FINDER = Finder(find, of_stubs=True)
