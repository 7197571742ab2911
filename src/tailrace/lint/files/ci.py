"""Read the commands, images, variables and setup actions in the YAML of a CI service.

One reader serves all services: what they share (lists of commands, images, variables) is named much the same
everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from tailrace.lint.commands import collect_command, command_of_arguments, finish_config, variable_setting
from tailrace.lint.errors import UnreadableFileError
from tailrace.lint.facts import ChannelList, Document, Facts, Job, Setting, Span, Step
from tailrace.lint.files.condarc import collect_settings
from tailrace.lint.files.interface import FileKind, mentions_conda
from tailrace.lint.files.shelltext import add_moved, collect_scalar, unescape
from tailrace.lint.files.yamltext import all_entries, child, compose, entries, items, texts, word
from tailrace.lint.shellwords import split_commands
from tailrace.lint.source import Source, Word, word_set

_CI_FILES = re.compile(
    r"(?:^|/)(?:\.github/(?:workflows|actions)/.+\.ya?ml|\.(?:gitlab-ci|travis|appveyor|cirrus|drone|readthedocs|circleci/config)"
    r"\.ya?ml|\.gitlab/.+\.ya?ml|\.circleci/.+\.ya?ml|\.?appveyor\.ya?ml|\.?azure-pipelines[^/]*(?:/.+)?\.ya?ml|action\.ya?ml|readthedocs\.ya?ml|"
    r"bitbucket-pipelines\.ya?ml|\.woodpecker(?:/.+)?\.ya?ml|\.buildkite/.+\.ya?ml|azure-[^/]*\.ya?ml|"
    r"\.(?:gitea|forgejo)/workflows/.+\.ya?ml|cloudbuild\.ya?ml|buildspec[^/]*\.ya?ml)$"
)
_SCRIPTS = word_set(
    "run script before_script after_script bash powershell pwsh command commands install before_install "
    "test_script build_script after_success before_deploy after_install init on_success on_failure "
    "after_build before_build before_test before-install before-script inline pre_build post_install "
    "pre_install post_create_environment pre_create_environment jobs inlineScript postCreateCommand "
    "*_script"
)
_IMAGES = frozenset({"image", "container", "docker"})
_MICROMAMBA = frozenset({"mamba-org/setup-micromamba", "mamba-org/provision-with-micromamba"})
SETUP_ACTIONS = _MICROMAMBA | {
    "conda-incubator/setup-miniconda",
    "goanpeca/setup-miniconda",
    "s-weigand/setup-conda",
}
_INPUT_SETTINGS = {
    "channel-priority": "channel_priority",
    "auto-update-conda": "auto_update_conda",
    "channel-alias": "channel_alias",
}
_CHANNELS = ("channels", "conda-channels")
_ARGUMENTS = ("create-args", "extra-specs")
MAX_JOBS = 300


def read(source: Source) -> Document:
    """The document."""
    facts = Facts()
    roots = compose(source)
    text = source.text
    for root in roots:
        facts.jobs += _jobs(root)
    if len(facts.jobs) > MAX_JOBS:
        raise UnreadableFileError(f"it has more than {MAX_JOBS} jobs")
    for key, value, _ in all_entries(roots):
        if key.text in _SCRIPTS or key.text.endswith("_script"):
            for script in _scalars(value):
                collect_scalar(facts, text, script)
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
        _steps(facts, source, root)
    _readthedocs(facts, source, roots)
    finish_config(facts)
    return facts.document(source, "ci", runs=True)


def _jobs(root: yaml.Node) -> list[Job]:
    """The parts of the document that run on machines of their own, however the service names them."""
    found = list(_job_nodes(root))
    templates = {key.text: value for key, value in entries(root)}
    jobs: list[Job] = []
    end = -1
    for node in sorted(found, key=lambda node: int(node.start_mark.index)):
        span = _span(node)
        if span[0] >= end and span[0] < span[1]:  # an alias is where its anchor is; what stands inside is part of it
            jobs.append(Job(span, tuple(_taken_over(node, span, templates))))
            end = span[1]
    return jobs


def _job_nodes(root: yaml.Node) -> Iterator[yaml.Node]:
    listed = child(root, "jobs")
    for _, job in entries(listed):  # GitHub, CircleCI; Travis below `include`
        yield from items(job) if isinstance(job, yaml.SequenceNode) else (job,)
    yield from (job for job in items(listed) if isinstance(job, yaml.MappingNode))  # Azure
    for stage in items(child(root, "stages")):
        yield from items(child(stage, "jobs"))
    for key, job in entries(root):
        names = {name.text for name, _ in entries(job)}
        # GitLab's jobs, Cirrus's tasks
        if (
            (key.text not in ("default", "variables", "jobs") and names & {"script", "extends", "trigger"})
            or key.text.endswith("_task")
            or key.text == "task"
            or key.text.startswith(".")  # a template, which counts where it is used
        ):
            yield job
    if child(root, "runs") is None and child(root, "pool") is None and child(root, "trigger") is None:
        steps = child(root, "steps")
        for step in (*items(steps), *(value for _, value in entries(steps))):  # Drone, Woodpecker, Buildkite
            if {name.text for name, _ in entries(step)} & {"image", "command", "commands", "plugins"}:
                yield step
    for key, step, _ in all_entries((root,)):
        if key.text == "step" and isinstance(step, yaml.MappingNode):  # Bitbucket
            yield step


def _span(node: yaml.Node) -> Span:
    return int(node.start_mark.index), int(node.end_mark.index)


def _taken_over(node: yaml.Node, span: Span, templates: dict[str, yaml.Node]) -> Iterator[Span]:
    """The spans outside the job of what it takes over: YAML aliases, and the templates that it extends."""
    seen: set[int] = set()
    stack = [node]
    while stack:
        current = stack.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        own = _span(current)
        if not (span[0] <= own[0] and own[1] <= span[1]):
            yield own
        if isinstance(current, yaml.MappingNode):
            for key, value in current.value:
                stack.append(value)
                if isinstance(key, yaml.ScalarNode) and key.value in ("extends", "needs_template"):
                    stack += (templates[name.text] for name in texts(value) if name.text in templates)
        elif isinstance(current, yaml.SequenceNode):
            if current.tag == "!reference":
                stack += (templates[name.text] for name in texts(current)[:1] if name.text in templates)
            stack += current.value


def _scalars(node: yaml.Node) -> tuple[yaml.ScalarNode, ...]:
    if isinstance(node, yaml.ScalarNode):
        return (node,)
    return tuple(item for item in items(node) if isinstance(item, yaml.ScalarNode))


def _steps(facts: Facts, source: Source, root: yaml.Node) -> None:
    for key, value, step in all_entries((root,)):
        if key.text != "uses" or not isinstance(value, yaml.ScalarNode):
            continue
        action = value.value.partition("@")[0].strip().lower()
        given = child(step, "with")
        inputs = {
            name.text: (name, word(input_)) for name, input_ in entries(given) if isinstance(input_, yaml.ScalarNode)
        }
        facts.steps.append(Step(action, word(value), inputs))
        if action in SETUP_ACTIONS:
            _inputs(facts, source, action, inputs, given)


def _inputs(
    facts: Facts, source: Source, action: str, inputs: dict[str, tuple[Word, Word]], given: yaml.Node | None
) -> None:
    for name, setting in _INPUT_SETTINGS.items():
        if name in inputs and inputs[name][1].text.strip():
            facts.settings.append(Setting(setting, "action", inputs[name][0], inputs[name][1]))
    if "installer-url" in inputs:
        facts.words.append(inputs["installer-url"][1])
    for name in _CHANNELS:
        if name in inputs:
            key, value = inputs[name]
            names = tuple(Word(found[0], value.start, value.end) for found in re.finditer(r"[^,\s]+", value.text))
            if names:
                facts.channels.append(ChannelList(names, "action", key))
    condarc = child(given, "condarc")
    if isinstance(condarc, yaml.ScalarNode):
        _condarc(facts, source, condarc, "micromamba" if action in _MICROMAMBA else "conda")
    named = inputs.get("condarc-file")
    if named and named[1].text.strip() and "$" not in named[1].text:
        facts.condarcs.append(named[1].text.strip())
    for name in _ARGUMENTS:
        node = child(given, name)
        if isinstance(node, yaml.ScalarNode) and node.value:
            _arguments(facts, source, inputs[name][0], node, "micromamba" if action in _MICROMAMBA else "conda")


def _condarc(facts: Facts, source: Source, node: yaml.ScalarNode, program: str) -> None:
    """Adds the settings of an input whose text is a configuration file."""
    start, text = _text_of(source.text, node)
    try:
        roots = compose(Source(source.path, text))
    except UnreadableFileError:
        return  # what an expression of the CI system leaves unknown
    found = Facts()
    for root in roots:
        collect_settings(found, root, program)
    add_moved(facts, found, start)


def _text_of(text: str, node: yaml.ScalarNode) -> tuple[int, str]:
    start, end = _span(node)
    raw = text[start:end]
    if node.style in ("|", ">"):
        header = raw.find("\n")
        return start, "" if header < 0 else " " * header + raw[header:]
    if node.style == '"':
        return start + 1, unescape(raw[1:-1])
    return (start + 1, raw[1:-1]) if node.style else (start, raw)


def _arguments(facts: Facts, source: Source, key: Word, node: yaml.ScalarNode, program: str) -> None:
    start, text = _text_of(source.text, node)
    # One argument a line, or all in one: line ends separate words here, not commands.
    words = next(split_commands(re.sub(r"[\r\n;&|]", " ", text)), ())
    moved = tuple(Word(word.text, word.start + start, word.end + start) for word in words)
    collect_command(facts, command_of_arguments(program, "create", key, moved), section=f"`{key.text}`")


def _readthedocs(facts: Facts, source: Source, roots: tuple[yaml.Node, ...]) -> None:
    if "readthedocs" not in source.path.rpartition("/")[2]:
        return
    for root in roots:
        facts.words += texts(child(root, "build", "tools", "python"))


KIND = FileKind(
    id="ci",
    matches=lambda path: bool(_CI_FILES.search(path.as_posix())),
    mentions=mentions_conda,
    read=read,
    rank=30,
)
