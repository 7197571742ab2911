"""What is new by meaning, on diagnostics made by hand."""

from __future__ import annotations

import pytest

from tailrace.check.typecheck import Diagnostic, TypecheckRun, Unchecked, new_diagnostics
from tailrace.check.typecheck.messages import read_message


def says(rule: str, text: str, *, file: str = "a.py", line: int = 1, end: int = 9) -> Diagnostic:
    meaning = read_message(rule, text)
    return Diagnostic(
        file, line, 1, rule, meaning.kind, text, meaning.receiver, meaning.lacking, meaning.name, meaning.callee,
        meaning.owner, line, end,
    )  # fmt: skip


ALL = "missing-attribute", "Object of type `{}` has no attribute `get`"
SOME = "missing-union-attribute", "Attribute `get` is not defined on `{}` in union `{}`"


def everywhere(receiver: str) -> Diagnostic:
    return says(ALL[0], ALL[1].format(receiver))


def partly(lacking: str, receiver: str) -> Diagnostic:
    return says(SOME[0], SOME[1].format(lacking, receiver))


@pytest.mark.parametrize(
    ("old", "new", "is_new"),
    [
        (None, everywhere("A"), True),
        (everywhere("A"), everywhere("A"), False),
        # only the printing of the type has changed
        (everywhere("A"), everywhere("pkg.A"), False),
        (partly("B", "A | B"), partly("B", "B | A"), False),
        (partly("B", "A | B"), partly("B", "A | B | C"), False),
        # missing on one member before, on all now
        (partly("EntryPoints", "EntryPoints | SelectableGroups"), everywhere("EntryPoints"), True),
        (partly("B", "A | B"), partly("`A`, `B`".strip("`"), "A | B"), True),
        # what may have been missing is missing
        (says("possibly-missing-attribute", "Member `get` may be missing on module `up`"), everywhere("A"), True),
        (everywhere("A"), says("possibly-missing-attribute", "Member `get` may be missing on module `up`"), False),
        # the candidate's annotation admits None: nothing is known to fail
        (None, partly("None", "A | None"), False),
        (None, partly("B", "A | B"), True),
        (None, everywhere("None"), True),
    ],
)
def test_an_attribute_is_newly_missing(old: Diagnostic | None, new: Diagnostic, is_new: bool) -> None:
    before = TypecheckRun((old,) if old else ())
    assert new_diagnostics(before, TypecheckRun((new,))) == ((new,) if is_new else ())


def test_a_call_that_was_wrong_already_is_not_new_when_told_otherwise() -> None:
    old = says("unknown-argument", "Argument `z` does not match any known parameter of function `f`")
    new = says("unknown-argument", "Argument `z` does not match any known parameter of bound method `A.f`")
    other = says("unknown-argument", "Argument `y` does not match any known parameter of function `f`")
    assert new_diagnostics(TypecheckRun((old,)), TypecheckRun((new, other))) == (other,)


@pytest.mark.parametrize("side", ["old", "new"])
def test_a_file_that_one_side_could_not_check_is_left_out(side: str) -> None:
    here, there = says(*("not-callable", "Object of type `A` is not callable")), everywhere("A")
    elsewhere = says("not-callable", "Object of type `A` is not callable", file="b.py")
    failed = (Unchecked("a.py", "crashed"),)
    old = TypecheckRun((), failed if side == "old" else ())
    new = TypecheckRun((here, there, elsewhere), failed if side == "new" else ())
    assert new_diagnostics(old, new) == (elsewhere,)
    assert new_diagnostics(TypecheckRun(unchecked=(Unchecked("", "not-found"),)), new) == ()


@pytest.mark.parametrize("verdict", [True, False])
def test_a_union_with_other_members_is_left_to_the_arbiter(verdict: bool) -> None:
    old, new = partly("A", "A | B | C"), partly("A", "A | C")
    asked: list[tuple[Diagnostic, Diagnostic]] = []

    def arbitrate(before: Diagnostic, after: Diagnostic) -> bool:
        asked.append((before, after))
        return verdict

    runs = TypecheckRun((old,)), TypecheckRun((new,))
    assert new_diagnostics(*runs) == ()
    assert new_diagnostics(*runs, arbitrate=arbitrate) == ((new,) if verdict else ())
    assert asked == [(old, new)]
