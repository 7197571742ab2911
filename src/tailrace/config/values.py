"""The settings as values, each with its origin. Holds; never reads or judges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tailrace.config.settings import Setting

if TYPE_CHECKING:
    from tailrace.check.options import AllowEntry


@dataclass(frozen=True, slots=True)
class Value:
    """One setting's value. `origin`: `--jobs`, `TAILRACE_JOBS`, `pyproject.toml:12` or `default`."""

    setting: Setting
    value: object
    origin: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, typed; one attribute for each row of the table (`config/settings.py`).

    `allow`: the allow-list of the file. `values`: the same with origins, in the table's order. `file`: the file that
    configures, if there is one. `unknown_environment`: `TAILRACE_*` variables that name no setting, each with the
    nearest one that does.
    """

    downstreams: tuple[str, ...]
    downstreams_from: tuple[str, ...]
    downstream_env: str | None
    ignore_bounds: bool
    format: tuple[str, ...]
    include: tuple[str, ...]
    strict: bool
    exit_zero: bool
    color: str
    verbose: bool
    quiet: bool
    index_url: str | None
    extra_index_urls: tuple[str, ...] | None
    find_links: tuple[str, ...] | None
    allow_prereleases: bool
    offline: bool
    refresh: bool
    cache_dir: str | None
    jobs: int
    python_version: str | None
    time_limit: float
    memory_limit: int
    verify_level: str
    verify_python: str | None
    verify_sandbox: str
    verify_timeout: float
    verify_ecosystem: str
    verify_channels: tuple[str, ...]
    verify_channel_priority: str
    verify_as_of: str | None
    verify_dask: str | None
    verify_test_command: tuple[str, ...]
    verify_recipe: str | None
    verify_keep: bool
    limits_members: int
    limits_file_size: int
    limits_total_size: int
    limits_ratio: int
    limits_archive_size: int
    lint_disable: tuple[str, ...]
    lint_exclude: tuple[str, ...]
    deprecations_profile: str
    deprecations_public: tuple[str, ...]
    store: str | None = None
    allow: tuple[AllowEntry, ...] = ()
    values: Mapping[str, Value] = field(default_factory=dict, compare=False)
    file: Path | None = None
    unknown_environment: tuple[tuple[str, str | None], ...] = ()
