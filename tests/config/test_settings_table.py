"""The table of settings agrees with everything that is made from it."""

from __future__ import annotations

import dataclasses
import re

import pytest

from tailrace.check.options import CheckOptions
from tailrace.config.settings import GROUPS, SETTINGS, Setting
from tailrace.config.values import Settings
from tailrace.sources.settings import Limits

IDS = [setting.key for setting in SETTINGS]


def test_every_row_has_its_typed_attribute_and_every_attribute_its_row() -> None:
    extra = {"allow", "values", "file", "unknown_environment"}
    assert {field.name for field in dataclasses.fields(Settings)} - extra == {setting.field for setting in SETTINGS}


@pytest.mark.parametrize("setting", SETTINGS, ids=IDS)
def test_a_row_is_well_formed(setting: Setting) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*(\.[a-z]+(-[a-z]+)*)?", setting.key)
    assert re.fullmatch(r"TAILRACE_[A-Z_]+", setting.env)
    assert setting.group in GROUPS
    assert setting.help.endswith(".")
    assert setting.flag is None or setting.flag.startswith("--")


@pytest.mark.parametrize("name", ["key", "env", "field", "flag", "short"])
def test_no_two_rows_share_a_name(name: str) -> None:
    found = [getattr(setting, name) for setting in SETTINGS if getattr(setting, name)]
    assert len(found) == len(set(found))


@pytest.mark.parametrize("setting", [s for s in SETTINGS if s.default not in (None, ())], ids=lambda s: s.key)
def test_a_default_is_a_valid_value(setting: Setting) -> None:
    raw = list(setting.default) if isinstance(setting.default, tuple) else setting.default
    assert setting.kind.from_toml(raw) == setting.default


@pytest.mark.parametrize("setting", [s for s in SETTINGS if s.key.startswith("limits.")], ids=lambda s: s.key)
def test_the_limits_defaults_are_those_of_the_room_that_enforces_them(setting: Setting) -> None:
    field = setting.field.removeprefix("limits_")
    assert getattr(Limits(), field) == setting.default


@pytest.mark.parametrize("key", ["jobs", "time-limit", "memory-limit", "python-version"])
def test_the_check_s_defaults_are_those_of_the_room_that_obeys_them(key: str) -> None:
    setting = next(s for s in SETTINGS if s.key == key)
    assert getattr(CheckOptions(), setting.field) == setting.default
