"""Finds breaks and receivers' classes with type inference. Only this package knows `ty`.

Why a language server, where `ty check` would do: for the same files both take the same time, but the server also
answers *where* an attribute and the class of its receiver are defined, and infers only what it is asked for. That
beats `reveal_type` probes, which need a changed copy of each file, a whole run, and give bare class names. The server
takes the text of files from us, so that code which a fixed Python version would hide is shown to it (see `overlay`),
files in any encoding can be checked, and columns are those of `ast`. One request a file keeps a crash inside the
checker to that file.
"""

from tailrace.check.typecheck.compare import Comparison, compare, receiver_types, setup_for
from tailrace.check.typecheck.diff import new_diagnostics
from tailrace.check.typecheck.evidence import Proof, proof
from tailrace.check.typecheck.run import Side, find_program, run
from tailrace.check.typecheck.session import Setup
from tailrace.check.typecheck.values import (
    FAILS,
    MAY_FAIL,
    Answer,
    Diagnostic,
    Kind,
    Location,
    Query,
    TypecheckRun,
    TypeText,
    Unchecked,
    lost_member,
)

__all__ = [
    "FAILS",
    "MAY_FAIL",
    "Answer",
    "Comparison",
    "Diagnostic",
    "Kind",
    "Location",
    "Proof",
    "Query",
    "Setup",
    "Side",
    "TypeText",
    "TypecheckRun",
    "Unchecked",
    "compare",
    "find_program",
    "lost_member",
    "new_diagnostics",
    "proof",
    "receiver_types",
    "run",
    "setup_for",
]
