"""`channel-leak`: one requirement names a channel, past the list of channels and their priority."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tailrace.lint.facts import Document, SpecList
from tailrace.lint.names import blot, channel_name, is_defaults, is_variable, split_spec
from tailrace.lint.rules.interface import Example, LintRule, Problem
from tailrace.lint.source import Word


def _check(document: Document, project: Sequence[Document]) -> Iterator[Problem]:
    for listing in document.specs:
        for spec in listing.specs:
            problem = _problem(document, listing, spec)
            if problem:
                yield problem
    for setting in document.settings:
        if setting.name == "pinned_packages":
            pinned = SpecList(setting.items, "pinned_packages", setting.at)
            for spec in setting.items:
                problem = _problem(document, pinned, spec)
                if problem:
                    yield problem


def _problem(document: Document, listing: SpecList, spec: Word) -> Problem | None:
    channel, rest = split_spec(spec.text)
    if not channel or is_variable(channel):
        return None
    shown, name = blot(channel), rest.split()[0] if rest.split() else spec.text
    if document.kind == "recipe":
        return Problem(
            spec,
            f"`{name}` is required from `{shown}` in {listing.section}, which clients do not agree on how to read",
            "Leave the channel out; the channels of a build belong into its configuration.",
            severity="error",
        )
    if any(map(is_variable, listing.channels)):
        return None  # it may be the very channel that is put in at run time
    listed = [channel_name(name) for name in listing.channels if name != "nodefaults"]
    if is_defaults(channel) and not any(is_defaults(name) for name in listing.channels):
        return Problem(
            spec,
            f"`{name}` is taken from `{shown}`, which is not among the channels",
            "Leave the channel out.",
            severity="error",
        )
    if channel_name(channel) in listed:
        if listed[0] == channel_name(channel):
            return None  # the first channel is where it comes from anyway
        return Problem(
            spec,
            f"`{name}` is taken from `{shown}`, past the priority of `{blot(listed[0])}`",
            "Order the channels so that it comes from there by itself, or say why it must not.",
            severity="note",
            policy=f"packages are taken from `{shown}`, past the priority of the channels listed above it",
        )
    if document.runs and listed == []:
        severity = "note"  # the channel list is configured elsewhere
    else:
        severity = None
    return Problem(
        spec,
        f"`{name}` is taken from `{shown}`, which is not among the channels of {listing.section}",
        f"List `{shown}` among the channels, at its place, and leave it out here.",
        severity=severity,  # type: ignore[arg-type]
    )


RULE = LintRule(
    id="channel-leak",
    title="A requirement names its own channel",
    severity="warning",
    summary=(
        "`channel::package` takes one package from a channel, regardless of the list of channels and their priority."
    ),
    why="""\
The package comes from that channel and its dependencies from others, a combination that nobody has built or tested.
The bound is kept in the history of the environment, and in recipes it becomes part of the package's metadata, which
clients interpret differently. Readers of `channels` do not see a channel that is named this way.
""",
    repair="""\
List the channel under `channels` and remove it from the requirement. With strict priority and the right order, the
package comes from there anyway.
""",
    examples=(
        Example(
            "environment.yml",
            bad="channels: [conda-forge, nodefaults]\ndependencies:\n  - defaults::mkl\n",
            good="channels: [conda-forge, nodefaults]\ndependencies:\n  - conda-forge::mkl\n",
        ),
        Example(
            "recipe/meta.yaml",
            bad="package:\n  name: a\nrequirements:\n  run:\n    - bioconda::samtools  # [linux]\n",
            good="package:\n  name: a\nrequirements:\n  run:\n    - samtools  # [linux] from a::b\n",
        ),
        Example(
            "conda-forge.yml",
            bad='remote_ci_setup: ["company::conda-forge-ci-setup=4"]\n',
            good='remote_ci_setup: ["conda-forge-ci-setup=4"]\n',
        ),
        Example(
            "pixi.toml",
            bad='[workspace]\nchannels = ["conda-forge"]\nexclude-newer = "7d"\n[dependencies]\n'
            'torch = { version = "*", channel = "pytorch" }\n',
            good='[workspace]\nchannels = ["conda-forge"]\nexclude-newer = "7d"\n[dependencies]\ntorch = "*"\n',
        ),
    ),
    check=_check,
)
