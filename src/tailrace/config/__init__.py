"""Flags, environment and file in, one validated `Settings` out, each value with its origin. Never fetches."""

from tailrace.config.load import load
from tailrace.config.locate import find_config
from tailrace.config.mistakes import ConfigError, Mistake
from tailrace.config.settings import GROUPS, SETTINGS, Setting
from tailrace.config.values import Settings, Value

__all__ = [
    "GROUPS",
    "SETTINGS",
    "ConfigError",
    "Mistake",
    "Setting",
    "Settings",
    "Value",
    "find_config",
    "load",
]
