"""`channel-credentials`: a channel's URL carries a token or a password."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tailrace.lint.facts import Document
from tailrace.lint.names import blot, holds_secret
from tailrace.lint.rules.interface import Example, LintRule, Problem
from tailrace.lint.source import Word


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    seen: set[str] = set()
    for word in _urls(document):
        if word.text not in seen and holds_secret(word.text):
            seen.add(word.text)
            yield Problem(
                word,
                f"the URL `{blot(word.text)}` carries a token or a password in clear text",
                "Withdraw it now; keep the new one in the client's store of logins or in a secret of the CI service.",
            )


def _urls(document: Document) -> Iterator[Word]:
    for listing in document.channels:
        yield from listing.channels
    for setting in document.settings:
        yield from setting.items
        if setting.value:
            yield setting.value
        for words in setting.table.values():
            yield from words
    for specs in document.specs:
        yield from specs.specs


RULE = LintRule(
    id="channel-credentials",
    title="A token in a channel's URL",
    severity="error",
    summary="A channel's URL holds a token or a password.",
    why="""\
Anyone who can read the file can read the channel, and on many servers also write to it. The URL is also kept in the
history of the repository, in lock files, in every environment's records and in logs.
""",
    repair="Revoke the token. Log in with the client, or use a variable (`$TOKEN`) in the URL.\n",
    examples=(
        Example(
            ".condarc",
            bad="channels:\n  - https://channels.example/t/ab-1234-5678/company\n",
            good="channels:\n  - https://channels.example/t/$TOKEN/company\n",
        ),
    ),
    check=_check,
)
