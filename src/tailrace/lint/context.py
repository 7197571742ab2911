"""Decide what holds on the machine of a job: Miniforge, strict priority, no `defaults`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tailrace.lint.facts import Document, Machines, Step
from tailrace.lint.names import is_defaults
from tailrace.lint.source import Word

_FORGE = re.compile(r"miniforge|mambaforge|micromamba|setup-pixi|condaforge/", re.IGNORECASE)


def context_of(document: Document, at: Word, project: Sequence[Document] = ()) -> Document:
    """The facts that count where the word stands: those of its job, those that all jobs share, and those of the
    repository's own actions and configuration files that its steps use.
    """
    machines = Machines(document.jobs)
    job = machines.job_at(at.start)
    here = document
    if document.jobs:
        here = replace(
            document,
            channels=tuple(x for x in document.channels if machines.shares(x.at.start, job)),
            settings=tuple(x for x in document.settings if machines.shares(x.at.start, job)),
            commands=tuple(x for x in document.commands if machines.shares(x.at.start, job)),
            images=tuple(x for x in document.images if machines.shares(x.start, job)),
            words=tuple(x for x in document.words if machines.shares(x.start, job)),
            steps=tuple(x for x in document.steps if machines.shares(x.at.start, job)),
        )
    for other in _used(here, project):
        here = replace(
            here,
            settings=(*here.settings, *other.settings),
            commands=(*here.commands, *other.commands),
            images=(*here.images, *other.images),
            words=(*here.words, *other.words),
            steps=(*here.steps, *other.steps),
        )
    return here


def _used(document: Document, project: Sequence[Document]) -> list[Document]:
    wanted: set[str] = set()
    for step in document.steps:
        if step.action.startswith("./"):
            folder = step.action[2:].strip("/")
            wanted |= {f"{folder}/action.yml", f"{folder}/action.yaml"} if folder else {"action.yml", "action.yaml"}
        condarc = step.get("condarc-file")
        if condarc:
            wanted.add(condarc.removeprefix("./"))
    if not wanted:
        return []
    return [
        other
        for other in project
        if other is not document
        and any(f"/{other.source.path}".lower().endswith(f"/{path.lower()}") for path in wanted)
    ]


def uses_miniforge(context: Document) -> bool:
    """Whether a distribution is set up that knows conda-forge only."""
    if any(_FORGE.search(word.text) for word in (*context.images, *context.words)):
        return True
    return any(
        _FORGE.search(step.action) or step.get("miniforge-version") or step.get("miniforge-variant")
        for step in context.steps
    )


def removes_defaults(context: Document) -> bool:
    """Whether `defaults` is taken out of the configuration."""
    for command in context.commands:
        removed = [word.text for word in command.values.get("--remove", ())]
        if command.verb == "config" and ("defaults" in removed or "--remove-key" in command.options):
            return True
    return any(action_removes_defaults(step) for step in context.steps)


def action_removes_defaults(step: Step) -> bool:
    """Whether setup-miniconda is asked to remove `defaults`; `nodefaults` among its channels asks for it too."""
    if (step.get("conda-remove-defaults") or "").lower() == "true":
        return True
    names = (step.get("channels") or "").replace(",", " ").split()
    return "nodefaults" in names and not any(is_defaults(name) for name in names)


def is_strict(context: Document) -> bool:
    """Whether strict priority is configured."""
    return any(
        setting.name == "channel_priority"
        and setting.scope != "option"
        and setting.value is not None
        and setting.value.text.strip().lower() == "strict"
        for setting in context.settings
    )
