"""`channel-unverified`: packages are fetched or unpacked without checks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tailrace.lint.edits import replace_word
from tailrace.lint.facts import Document
from tailrace.lint.names import blot, is_plain_http
from tailrace.lint.rules.interface import Example, LintRule, Problem

_OFF = frozenset({"false", "no", "off", "0", "<false>"})


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    for listing in document.channels:
        for word in listing.channels:
            if is_plain_http(word.text):
                yield Problem(
                    word,
                    f"`{blot(word.text)}` is fetched without encryption",
                    "Use https, or serve the channel with it.",
                )
    for setting in document.settings:
        value = setting.value.text.strip().lower() if setting.value else ""
        if setting.name == "ssl_verify" and value in _OFF:
            yield Problem(
                setting.at,
                "certificates are not verified, so anybody on the way can serve packages",
                "Name the certificates of your proxy (`ssl_verify: PATH`), or `truststore`.",
            )
        elif setting.name == "safety_checks" and value == "disabled":
            yield Problem(
                setting.at,
                "packages are unpacked without a look at their sizes and hashes",
                "Set it to `enabled`.",
                edits=replace_word(document.source, setting.value, "enabled"),
            )
    for command in document.commands:
        if "--insecure" in command.options or "-k" in command.options:
            yield Problem(command.at, "certificates are not verified in this call", "Take `--insecure` out.")


RULE = LintRule(
    id="channel-unverified",
    title="Packages are not verified",
    severity="warning",
    summary="A channel is fetched over plain http, certificates are not verified, or safety checks are off.",
    why="""\
The hashes of packages are in the channel's index. Anyone who can change the index in transit can change both.
""",
    repair="Use https, verified certificates, and the default safety checks of conda.\n",
    examples=(
        Example(
            ".condarc",
            bad="channels:\n  - http://channels.example/company\n",
            good="channels:\n  - https://channels.example/company\n",
        ),
        Example(".condarc", bad="ssl_verify: false\n", good="ssl_verify: truststore\n"),
        Example(
            ".condarc", bad="safety_checks: disabled\n", good="safety_checks: warn\n", fixed="safety_checks: enabled\n"
        ),
    ),
    check=_check,
)
