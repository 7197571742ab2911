"""The reference of the hotfix language names every word that there is, and none that there is not."""

from __future__ import annotations

import re

from support.pages import DOCS
from tailrace.hotfix.language.templates import OLD, PLACEHOLDERS
from tailrace.hotfix.language.vocabulary import ACTION_WORDS, CONDITION_WORDS

PAGE = (DOCS / "reference" / "hotfix-language.md").read_text("utf-8")


def part(title: str) -> str:
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_every_condition_is_there() -> None:
    said = set(re.findall(r"`([a-z0-9_]+)`", part("Conditions")))
    plain = {word for word in said if word in CONDITION_WORDS}
    endings = {word for word in said if word.startswith("_")}
    assert {word for word in said - plain - endings if not word.startswith(("not_", "1", "if"))} <= {"numpy"}
    spelled = {f"{start}{word}{end}" for word in plain for end in ("", *endings) for start in ("", "not_")}
    assert set(CONDITION_WORDS) <= spelled


def test_every_action_is_there() -> None:
    first = [row.split("|")[1] for row in part("Actions").splitlines() if row.startswith("| `")]
    assert {word for cell in first for word in re.findall(r"`(\w+)`", cell)} == set(ACTION_WORDS)
    assert {*PLACEHOLDERS, OLD} == set(re.findall(r"\$\{?(\w+)", part("Actions")))
