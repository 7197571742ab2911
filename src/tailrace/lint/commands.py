"""Find calls of conda, mamba and micromamba in shell text, with their options, channels and settings."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import pairwise

from tailrace.lint.facts import ChannelList, Command, Facts, Machines, Setting, SpecList
from tailrace.lint.shellwords import split_commands
from tailrace.lint.source import Word, word_set

_PROGRAMS = frozenset({"conda", "mamba", "micromamba"})
_PREFIXES = word_set(
    "sudo time exec call command env nohup if then else elif do while until ! { } retry travis_retry run "
    "xvfb-run arch winpty cmd /c eval echo_run - @ &"
)
_SHELLS = frozenset({"bash", "sh", "zsh", "dash", "pwsh", "powershell"})
_ASSIGNMENT = re.compile(r"^(?:\$env:)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$", re.DOTALL)
_VARIABLE = re.compile(r"^(?:CONDA|MAMBA)_([A-Z_]+)$")
_KNOWN_VARIABLES = word_set(
    "CHANNELS CHANNEL_PRIORITY DEFAULT_CHANNELS CHANNEL_ALIAS AUTO_UPDATE_CONDA REPODATA_FNS "
    "PINNED_PACKAGES SSL_VERIFY SAFETY_CHECKS OVERRIDE_CHANNELS_ENABLED PLUGINS_AUTO_ACCEPT_TOS SUBDIR "
    "USE_ONLY_TAR_BZ2"
)
_ALIASES = {"-c": "--channel", "-f": "--file", "-n": "--name", "-p": "--prefix"}
_VALUED = word_set(
    "--channel --file --name --prefix --repodata-fn --solver --experimental-solver --subdir --platform "
    "--clone --revision --dir --croot --output-folder --python --variant-config-files -m --relocate "
    "--rc-file --root-prefix --user --package --method --only --environment --extra-safety-checks "
    "--envs-dir --channel-priority --channel-alias --log-level --retry-clean-cache"
)
_PAIRS = frozenset({"--set", "--add", "--append", "--prepend", "--remove"})
_OF_GROUP = {
    "env": frozenset({"create", "update", "remove", "list", "export", "config"}),
    "tos": frozenset({"accept", "view"}),
}
_INSTALLING = frozenset({"install", "create", "update", "upgrade", "env create", "env update"})
_LIST_SETTINGS = frozenset(
    {"channels", "default_channels", "repodata_fns", "pinned_packages", "allowlist_channels", "denylist_channels"}
)
_CONFIG_VERBS = {"set": "--set", "append": "--append", "prepend": "--prepend", "remove": "--remove"}
MAX_NESTING = 4


def collect_shell(facts: Facts, text: str, start: int = 0, end: int | None = None, *, depth: int = 0) -> None:
    """Adds the words, the conda commands and the `CONDA_*` variables of the shell text between two offsets."""
    for words in split_commands(text, start, end):
        facts.words += words
        _collect_simple(facts, text, words, depth)


def finish_config(facts: Facts) -> None:
    """Makes one list of all channels that the `conda config` calls of a machine add: they end up in one configuration.

    Call it when the jobs of the file are known; calls in different jobs do not meet.
    """
    machines = Machines(tuple(sorted(facts.jobs, key=lambda job: job.span)))
    calls = [command for command in facts.commands if command.verb == "config"]
    owners = list(dict.fromkeys(machines.job_at(command.at.start) for command in calls))
    if None in owners and len(owners) > 1:
        owners.remove(None)  # what all jobs share is seen with each of them
    for job in owners:
        added: deque[Word] = deque()
        first: Word | None = None
        removed: set[str] = set()
        for command in calls:
            if not machines.shares(command.at.start, job):
                continue
            for option in ("--add", "--prepend", "--append"):
                for key, value in _pairs(command.values.get(option, ())):
                    if key.text == "channels":
                        if first is None or machines.job_at(command.at.start) == job:
                            first = command.at
                        added.append(value) if option == "--append" else added.appendleft(value)
            removed |= {
                value.text for key, value in _pairs(command.values.get("--remove", ())) if key.text == "channels"
            }
        kept = tuple(word for word in added if word.text not in removed)
        if first and kept:
            facts.channels.append(ChannelList(kept, "config", first))


def variable_setting(name: str, value: Word, at: Word) -> Setting | None:
    """The setting that an environment variable such as `CONDA_CHANNEL_PRIORITY` is."""
    found = _VARIABLE.match(name)
    if not found or found[1] not in _KNOWN_VARIABLES:
        return None
    return _setting(found[1].lower(), value, at, "variable")


def _setting(name: str, value: Word, at: Word, scope: str) -> Setting:
    parts = (
        tuple(Word(part[0], value.start, value.end) for part in re.finditer(r"[^,&\s]+", value.text))
        if name in _LIST_SETTINGS
        else ()
    )
    return Setting(name, scope, at, value, parts)  # type: ignore[arg-type]


def _collect_simple(facts: Facts, text: str, words: Sequence[Word], depth: int) -> None:
    rest = deque(words)
    while rest:
        head = rest[0]
        assigned = _ASSIGNMENT.match(head.text)
        if assigned:
            quoted = 1 if text[head.end - 1] in "'\"" else 0
            value = assigned[2].strip("\"'")
            word = Word(value, head.end - quoted - len(value), head.end - quoted)
            setting = variable_setting(assigned[1], word, head)
            if setting:
                facts.settings.append(setting)
        elif head.text in ("export", "setx", "set") and len(rest) > 1:
            pass
        elif head.text.lower() not in _PREFIXES and not (head.text.startswith("-") and head is not words[0]):
            break
        rest.popleft()
    if not rest:
        return
    call = tuple(rest)
    program = re.split(r"[\\/]", call[0].text)[-1].lower().removesuffix(".exe").removesuffix(".bat")
    if program in _SHELLS and depth < MAX_NESTING:
        for flag, script in pairwise(call):
            if re.fullmatch(r"-[a-z]*c|-Command", flag.text) and text[script.start] in "'\"":
                collect_shell(facts, text, script.start + 1, script.end - 1, depth=depth + 1)
                return
    if re.search(r"python|executable", program) and [w.text for w in call[1:3]] == ["-m", "conda"]:
        program, call = "conda", call[2:]
    if program.startswith("$"):
        program = _named_by_variable(program)
    if program in _PROGRAMS:
        collect_command(facts, _configured(read_command(program, call)))


def _named_by_variable(program: str) -> str:
    name = re.sub(r"[_-]?(?:exe|cmd|bin|command|executable)$", "", program.strip('${}()"').lower())
    return name if name in _PROGRAMS else program


def read_command(program: str, words: Sequence[Word]) -> Command:
    """One call as verb, options and specs; `words[0]` is the program."""
    options: set[str] = set()
    values: dict[str, list[Word]] = {}
    plain: list[Word] = []
    queue = deque(words[1:])
    while queue:
        word = queue.popleft()
        name, equals, value = word.text.partition("=")
        if word.text.startswith("--") and equals:
            values.setdefault(name, []).append(Word(value, word.start + len(name) + 1, word.end))
            options.add(name)
        elif re.fullmatch(r"-[cnpf]\S+", word.text) and not word.text.startswith("--"):
            name = _ALIASES[word.text[:2]]
            values.setdefault(name, []).append(Word(word.text[2:], word.start + 2, word.end))
            options.add(name)
        elif word.text.startswith("-") and len(word.text) > 1:
            name = _ALIASES.get(word.text, word.text)
            options.add(name)
            wanted = 2 if name in _PAIRS else 1 if name in _VALUED else 0
            for _ in range(min(wanted, len(queue))):
                values.setdefault(name, []).append(queue.popleft())
        else:
            plain.append(word)
    verb, specs = "", plain
    verb_end = words[0].end
    if plain:
        verb, specs, verb_end = plain[0].text, plain[1:], plain[0].end
        if verb in _OF_GROUP and specs and specs[0].text in _OF_GROUP[verb]:
            verb, verb_end, specs = f"{verb} {specs[0].text}", specs[0].end, specs[1:]
    if verb == "run":
        specs = []
    at = Word(" ".join((program, verb)).strip(), words[0].start, max(verb_end, words[0].end))
    return Command(
        program,
        verb,
        at,
        frozenset(options),
        {name: tuple(found) for name, found in values.items()},
        tuple(specs),
        verb_end,
    )


def _configured(command: Command) -> Command:
    """`micromamba config set KEY VALUE` as `conda config --set KEY VALUE`; other calls as they are."""
    if command.verb != "config" or len(command.specs) < 3 or command.specs[0].text not in _CONFIG_VERBS:
        return command
    option = _CONFIG_VERBS[command.specs[0].text]
    return Command(
        command.program,
        command.verb,
        command.at,
        command.options | {option},
        {**command.values, option: command.specs[1:3]},
        (),
        command.verb_end,
    )


def command_of_arguments(program: str, verb: str, key: Word, words: Sequence[Word]) -> Command:
    """The call of a client that an input such as `create-args` completes. `key`: the input's name, where it stands."""
    read = read_command(program, (Word(program, key.start, key.end), Word(verb, key.start, key.end), *words))
    return Command(program, verb, key, read.options, read.values, read.specs, read.verb_end)


def collect_command(facts: Facts, command: Command, section: str | None = None) -> None:
    """Adds the call with its channels, requirements and settings. `section`: where it stands, in words."""
    facts.commands.append(command)
    _collect_command(facts, command, section or f"`{command.at.text}`")


def _pairs(words: Sequence[Word]) -> Iterable[tuple[Word, Word]]:
    return zip(words[::2], words[1::2], strict=False)


def _collect_command(facts: Facts, command: Command, section: str) -> None:
    channels = command.values.get("--channel", ())
    # One -c may name several, separated by commas.
    split = tuple(Word(part, w.start, w.end) for w in channels for part in w.text.split(",") if part)
    if split:
        facts.channels.append(ChannelList(split, "command", command.at))
    if command.verb in _INSTALLING and command.specs:
        facts.specs.append(SpecList(command.specs, section, command.at, tuple(w.text for w in split)))
    if command.verb == "config":
        for key, value in _pairs(command.values.get("--set", ())):
            facts.settings.append(Setting(key.text, "command", key, value))
        for option in ("--add", "--append", "--prepend"):
            for key, value in _pairs(command.values.get(option, ())):
                if key.text != "channels":
                    facts.settings.append(Setting(key.text, "command", key, value, (value,)))
    for value in command.values.get("--channel-priority", ()):
        facts.settings.append(Setting("channel_priority", "option", value, value))
    for value in command.values.get("--repodata-fn", ()):
        facts.settings.append(Setting("repodata_fns", "command", value, value, (value,)))
