"""`current-repodata-pinned`: only the shortened index of a channel is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tailrace.lint.edits import replace_word
from tailrace.lint.facts import Document
from tailrace.lint.rules.interface import Example, LintRule, Problem


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    for setting in document.settings:
        names = [word.text for word in setting.items]
        if setting.name == "repodata_fns" and "current_repodata.json" in names and "repodata.json" not in names:
            word = setting.items[names.index("current_repodata.json")]
            yield Problem(
                word,
                "only `current_repodata.json` is read, which lacks all but the newest versions",
                "Read `repodata.json`.",
                edits=replace_word(document.source, word, "repodata.json"),
            )


RULE = LintRule(
    id="current-repodata-pinned",
    title="Only the shortened index is read",
    severity="warning",
    summary="`repodata_fns` or `--repodata-fn` names `current_repodata.json` alone.",
    why="""\
`current_repodata.json` lists the newest version of each package and its dependencies. When a hotfix requires an older
version, this index does not have it, and the environment cannot be solved.
""",
    repair="Remove the setting, or use `repodata.json`; `--fix` does it.\n",
    examples=(
        Example(
            ".condarc",
            bad="repodata_fns:\n  - current_repodata.json\n",
            good="repodata_fns:\n  - current_repodata.json\n  - repodata.json\n",
            fixed="repodata_fns:\n  - repodata.json\n",
        ),
        Example(
            "ci/install.sh",
            bad="conda install --repodata-fn=current_repodata.json numpy\n",
            good="conda install --repodata-fn=repodata.json numpy\n",
            fixed="conda install --repodata-fn=repodata.json numpy\n",
        ),
    ),
    check=_check,
)
