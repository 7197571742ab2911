"""What `tailrace config show` shows."""

from __future__ import annotations

from typing import Literal

import msgspec


class SettingReport(msgspec.Struct, frozen=True, kw_only=True):
    """One setting. `origin`: what set it. `environment`, `flag`: what can set it; `None` where there is no flag."""

    value: bool | int | float | str | tuple[str, ...] | None
    origin: str
    environment: str
    flag: str | None


class AllowReport(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the allow-list. `expires`: a day, as in `2026-12-31`."""

    rule: str
    symbol: str
    reason: str
    downstream: str | None
    expires: str | None


class ConfigReport(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that apply, by key, without the secrets of addresses. `file`: the configuration that was read."""

    schema: Literal["tailrace.config/1"] = "tailrace.config/1"
    file: str | None
    settings: dict[str, SettingReport]
    allow: tuple[AllowReport, ...] = ()
