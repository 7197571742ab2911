"""Loads `Settings` from flags, environment and the nearest file, and reports every mistake in them together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tailrace.config.locate import ConfigFile, find_config, read_config
from tailrace.config.settings import BY_KEY, SETTINGS, Setting
from tailrace.config.values import Settings, Value
from tailrace.toml.kinds import nearest
from tailrace.toml.lines import KeyPath, key_lines
from tailrace.toml.mistakes import ConfigError, Mistake

# Variables that steer the program itself and are no settings.
OTHER_VARIABLES = frozenset({"TAILRACE_DEBUG", "TAILRACE_CONFIG", "TAILRACE_WEBHOOK_SECRET", "TAILRACE_APPRISE_URL"})

# Mistakes for which the nearest valid key is looked up: each takes milliseconds, and a message lists no more.
_MOST_GUESSES = 50


def load(
    flags: Mapping[str, object],
    *,
    environment: Mapping[str, str],
    folder: Path,
    config: Path | None = None,
    rules: Callable[[], Sequence[str]] = tuple,
) -> Settings:
    """The settings that apply in `folder`: flag > environment > file > default.

    `flags`: setting key → value as already checked, only those given. `environment`: such as `os.environ`. `config`:
    this file instead of the nearest. `rules`: the valid rule ids, asked for only when the file has an allow-list.
    Raises `ConfigError` with every mistake.
    """
    named = config or (Path(environment["TAILRACE_CONFIG"]) if environment.get("TAILRACE_CONFIG") else None)
    mistakes: list[Mistake] = []
    file: ConfigFile | None = None
    try:
        file = read_config(folder / named) if named else find_config(folder)
    except ConfigError as error:
        mistakes += (Mistake(_displayed(Path(m.origin), folder), m.line, m.message) for m in error.mistakes)
    from_file, allow = _File(file, folder, mistakes).read(rules) if file else ({}, ())
    from_environment = _read_environment(environment, mistakes)
    if mistakes:
        raise ConfigError(mistakes)
    defaults = {setting.key: Value(setting, setting.default, "default") for setting in SETTINGS}
    from_flags = {key: Value(BY_KEY[key], value, BY_KEY[key].flag or "flag") for key, value in flags.items()}
    values = {**defaults, **from_file, **from_environment, **from_flags}
    typed: dict[str, Any] = {BY_KEY[key].field: value.value for key, value in values.items()}
    return Settings(
        **typed,
        allow=allow,
        values=values,
        file=file.path if file else None,
        unknown_environment=_unknown_variables(environment),
    )


def _read_environment(environment: Mapping[str, str], mistakes: list[Mistake]) -> dict[str, Value]:
    found = {}
    for setting in SETTINGS:
        text = environment.get(setting.env)
        if text is None or (not text.strip() and not setting.repeat):
            continue
        try:
            found[setting.key] = Value(setting, setting.kind.from_text(text), setting.env)
        except ValueError as error:
            mistakes.append(Mistake(setting.env, None, str(error)))
    return found


def _unknown_variables(environment: Mapping[str, str]) -> tuple[tuple[str, str | None], ...]:
    known = tuple(setting.env for setting in SETTINGS)
    strange = sorted(
        n for n in environment if n.startswith("TAILRACE_") and n not in known and n not in OTHER_VARIABLES
    )
    return tuple((name, nearest(name, known)) for name in strange)


class _File:
    """One configuration file being read; line numbers are looked up only when something needs them."""

    def __init__(self, file: ConfigFile, folder: Path, mistakes: list[Mistake]) -> None:
        self.file = file
        self.mistakes = mistakes
        self.lines: dict[KeyPath, int] | None = None
        self.name = _displayed(file.path, folder)

    def read(self, rules: Callable[[], Sequence[str]]) -> tuple[dict[str, Value], tuple[Any, ...]]:
        """The values that the file gives, and its allow-list."""
        table = dict(self.file.table)
        allow: tuple[Any, ...] = ()
        if "allow" in table:
            from tailrace.config.allow import read_allow  # stands on the room `check`, which few commands need

            allow = read_allow(table.pop("allow"), tuple(rules()), self.mistake)
        return self._values(table, ()), allow

    def mistake(self, path: KeyPath, message: str) -> None:
        """Notes a mistake at the key path, which is relative to our table."""
        self.mistakes.append(Mistake(self.name, self._line(path), message))

    def _line(self, path: KeyPath) -> int | None:
        if self.lines is None:
            self.lines = key_lines(self.file.text)
        full: KeyPath = (*self.file.prefix, *path)
        while full and full not in self.lines:
            full = full[:-1]
        return self.lines.get(full)

    def _values(self, table: Mapping[str, Any], above: tuple[str, ...]) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for key, raw in table.items():
            path = (*above, key)
            dotted = ".".join(path)
            setting = BY_KEY.get(dotted)
            if setting:
                try:
                    value = self._anchor(setting, setting.kind.from_toml(raw))
                except ValueError as error:
                    self.mistake(path, f"`{dotted}` {error}")
                else:
                    found[dotted] = Value(setting, value, f"{self.name}:{self._line(path)}")
            elif not above and any(other.startswith(dotted + ".") for other in BY_KEY):
                if isinstance(raw, dict):
                    found |= self._values(raw, path)
                else:
                    self.mistake(path, f"`{dotted}` must be a table")
            else:
                near = nearest(dotted, (*BY_KEY, "allow")) if len(self.mistakes) < _MOST_GUESSES else None
                hint = f"did you mean `{near}`?" if near else "`tailrace config show` lists the valid ones"
                self.mistake(path, f"unknown key `{dotted}`; {hint}")
        return found

    def _anchor(self, setting: Setting, value: object) -> object:
        if not setting.anchored:
            return value
        base = self.file.path.parent
        if isinstance(value, tuple):
            return tuple(anchored(str(item), base) for item in value)
        return anchored(str(value), base)


def anchored(text: str, base: Path) -> str:
    """A relative path in a file means a path relative to that file; anything else is left as it is.

    A path is what begins with `.` or `~`, or names something that is there; `env:` and `git+` may stand before it.
    """
    if "::" in text or "==" in text or "://" in text:
        return text
    for scheme in ("git+", "env:", "pypi:"):
        if text.startswith(scheme):
            rest = text.removeprefix(scheme)
            return text if scheme == "pypi:" else scheme + anchored(rest, base)
    if text.startswith("~"):
        return str(Path(text).expanduser())
    path, at, ref = text.partition("@")
    if path.startswith("."):
        return str((base / path).resolve()) + at + ref
    return str(base / text) if (base / text).exists() else text


def _displayed(path: Path, folder: Path) -> str:
    """The path as a reader in `folder` would write it."""
    try:
        return str(path.relative_to(folder))
    except ValueError:
        return str(path)
