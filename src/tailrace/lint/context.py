"""A document in, what holds for all of it out: Miniforge, strict priority, no `defaults`. Judges nothing."""

from __future__ import annotations

import re

from tailrace.lint.facts import Document

_FORGE = re.compile(r"miniforge|mambaforge|micromamba|setup-pixi|condaforge/", re.IGNORECASE)
_MINICONDA = re.compile(r"^conda-incubator/setup-miniconda$")


def uses_miniforge(document: Document) -> bool:
    """Whether the file sets up a distribution that knows conda-forge only."""
    if any(_FORGE.search(word.text) for word in (*document.images, *document.words)):
        return True
    return any(
        _FORGE.search(step.action) or step.get("miniforge-version") or step.get("miniforge-variant")
        for step in document.steps
    )


def removes_defaults(document: Document) -> bool:
    """Whether the file takes `defaults` out of the configuration it works with."""
    for command in document.commands:
        removed = [word.text for word in command.values.get("--remove", ())]
        if command.verb == "config" and ("defaults" in removed or "--remove-key" in command.options):
            return True
    return any((step.get("conda-remove-defaults") or "").lower() == "true" for step in document.steps)


def is_strict(document: Document) -> bool:
    """Whether the file sets strict priority somewhere, for what comes after."""
    return any(
        setting.name == "channel_priority"
        and setting.value is not None
        and setting.value.text.strip().lower() == "strict"
        for setting in document.settings
    )
