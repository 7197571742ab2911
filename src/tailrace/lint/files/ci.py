"""The YAML of a CI service in, its commands, images, variables and setup actions out. Runs nothing.

One reader for all services: what they share (lists of commands, images, variables) is named much the same everywhere.
"""

from __future__ import annotations

import re
from dataclasses import replace

import yaml

from tailrace.lint.commands import collect_shell, finish_config, variable_setting
from tailrace.lint.facts import ChannelList, Document, Facts, Setting, SpecList, Step
from tailrace.lint.files.yamltext import all_entries, child, compose, entries, items, texts, word
from tailrace.lint.source import Source, Word, word_set

_SCRIPTS = word_set(
    "run script before_script after_script bash powershell pwsh command commands install before_install "
    "test_script build_script after_success before_deploy after_install init on_success on_failure "
    "after_build before_build before_test before-install before-script inline pre_build post_install "
    "pre_install post_create_environment pre_create_environment jobs inlineScript postCreateCommand "
    "*_script"
)
_IMAGES = frozenset({"image", "container", "docker"})
SETUP_ACTIONS = frozenset(
    {"conda-incubator/setup-miniconda", "mamba-org/setup-micromamba", "mamba-org/provision-with-micromamba"}
)
_INPUT_SETTINGS = {
    "channel-priority": "channel_priority",
    "auto-update-conda": "auto_update_conda",
    "channel-alias": "channel_alias",
}


def read(source: Source) -> Document:
    """The document."""
    facts = Facts()
    roots = compose(source)
    text = source.text
    for key, value, _ in all_entries(roots):
        if key.text in _SCRIPTS or key.text.endswith("_script"):
            for script in _scalars(value):
                _shell(facts, text, script)
        elif key.text in _IMAGES:
            facts.images += texts(value)
            facts.images += (w for item in items(value) for w in texts(child(item, "image")))
        elif key.text == "uses" and isinstance(value, yaml.ScalarNode):
            pass  # read with its step below
        elif isinstance(value, yaml.ScalarNode) and value.value:
            setting = variable_setting(key.text, word(value), key)
            if setting:
                facts.settings.append(setting)
    for root in roots:
        _steps(facts, root)
    finish_config(facts)
    return facts.document(source, "ci")


def _scalars(node: yaml.Node) -> tuple[yaml.ScalarNode, ...]:
    if isinstance(node, yaml.ScalarNode):
        return (node,)
    return tuple(item for item in items(node) if isinstance(item, yaml.ScalarNode))


def _shell(facts: Facts, text: str, node: yaml.ScalarNode) -> None:
    """The script as it stands in the file, so that offsets hold: header, quotes and folded line ends are blanked."""
    start, end = int(node.start_mark.index), int(node.end_mark.index)
    raw = text[start:end]
    if node.style in ("|", ">"):
        header = raw.find("\n")
        if header < 0:
            return
        body = raw[header:]
        if node.style == ">":
            body = re.sub(r"(?<=[^\n\r])(\r?)\n(?=[ \t]*[^\s])", lambda found: " " * len(found[0]), body)
        raw = " " * header + body
    elif node.style in ("'", '"'):
        raw = " " + raw[1:-1] + " "
        if node.style == '"':
            raw = raw.replace('\\"', ' "').replace("\\n", " ;")
    found = Facts()
    collect_shell(found, raw)
    _shift(facts, found, start)


def _shift(facts: Facts, found: Facts, by: int) -> None:
    def moved(w: Word) -> Word:
        return Word(w.text, w.start + by, w.end + by)

    facts.words += map(moved, found.words)
    for c in found.commands:
        values = {name: tuple(map(moved, words)) for name, words in c.values.items()}
        specs = tuple(map(moved, c.specs))
        facts.commands.append(replace(c, at=moved(c.at), values=values, specs=specs, verb_end=c.verb_end + by))
    for s in found.settings:
        value = moved(s.value) if s.value else None
        facts.settings.append(replace(s, at=moved(s.at), value=value, items=tuple(map(moved, s.items))))
    for listing in found.channels:
        facts.channels.append(replace(listing, channels=tuple(map(moved, listing.channels)), at=moved(listing.at)))
    for sl in found.specs:
        facts.specs.append(replace(sl, specs=tuple(map(moved, sl.specs)), at=moved(sl.at)))


def _steps(facts: Facts, root: yaml.Node) -> None:
    for key, value, step in all_entries((root,)):
        if key.text != "uses" or not isinstance(value, yaml.ScalarNode):
            continue
        action = value.value.partition("@")[0].strip().lower()
        inputs = {
            name.text: (name, word(given))
            for name, given in entries(child(step, "with"))
            if isinstance(given, yaml.ScalarNode)
        }
        facts.steps.append(Step(action, word(value), inputs))
        if action in SETUP_ACTIONS:
            _inputs(facts, action, inputs, child(step, "with"))


def _inputs(facts: Facts, action: str, inputs: dict[str, tuple[Word, Word]], given: yaml.Node | None) -> None:
    for name, setting in _INPUT_SETTINGS.items():
        if name in inputs and inputs[name][1].text.strip():
            facts.settings.append(Setting(setting, "action", inputs[name][0], inputs[name][1]))
    if "channels" in inputs:
        key, value = inputs["channels"]
        names = tuple(Word(found[0], value.start, value.end) for found in re.finditer(r"[^,\s]+", value.text))
        if names:
            facts.channels.append(ChannelList(names, "action", key))
    made = [w for w in (inputs.get("create-args"), inputs.get("extra-specs")) if w]
    for key, value in made:
        specs = tuple(Word(found[0], value.start, value.end) for found in re.finditer(r"[^\s]+", value.text))
        facts.specs.append(SpecList(tuple(s for s in specs if not s.text.startswith("-")), f"`{key.text}`", key))
