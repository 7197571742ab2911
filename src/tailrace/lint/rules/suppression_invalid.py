"""`suppression-invalid`: a `tailrace: ignore` comment that cannot work. Found by `lint.suppress`, not from facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tailrace.lint.facts import Document
from tailrace.lint.rules.interface import Example, LintRule, Problem
from tailrace.lint.suppress import read_suppressions


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    from tailrace.lint.rules import LINT_RULES

    for suppression in read_suppressions(document.source):
        if not suppression.reason:
            yield Problem(
                suppression.at,
                "the comment gives no reason, so it suppresses nothing",
                "Write the reason after the bracket: `# tailrace: ignore[rule-id] reason`.",
            )
        for rule in suppression.rules:
            if rule not in LINT_RULES:
                yield Problem(
                    suppression.at, f"there is no rule `{rule[:60]}`", "`tailrace lint --list-rules` names them all."
                )


RULE = LintRule(
    id="suppression-invalid",
    title="An invalid suppression",
    severity="warning",
    summary="A `tailrace: ignore` comment has no reason, or names a rule that does not exist.",
    why="""\
A reader needs the reason to decide whether the suppression is still right. One that names a rule that does not exist
has no effect.
""",
    repair="Name the rule in brackets and give the reason after them.\n",
    examples=(
        Example(
            "environment.yml",
            bad="channels: [conda-forge]  # tailrace: ignore[nodefaults-missing]\ndependencies: [numpy]\n",
            good="channels: [conda-forge]  # tailrace: ignore[nodefaults-missing] mamba only\ndependencies: [numpy]\n",
        ),
    ),
    check=_check,
)
