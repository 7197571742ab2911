"""The channels of an incident as they were at any moment: with the hotfixes of that day, with others, or with none.

Values only. Channels of one state are the same objects every time, so that solvers read them once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from tailrace.conda.records import Channel, Record, Subdir
from tailrace.conda.repodata import channel_from_packages
from tailrace.conda.timestamps import parse_moment
from tailrace.hotfix import HotfixDocument
from tailrace.hotfix.apply.channel import patch_channel
from tailrace.replay.load import Incident
from tailrace.replay.scenario import Scenario, split_file_name

Documents = Mapping[str, tuple[HotfixDocument, ...]]
Channels = Mapping[str, Channel]


class IncidentChannels:
    """The channels of an incident."""

    def __init__(self, incident: Incident) -> None:
        self.incident = incident
        self._states: dict[tuple[str, ...], Channels] = {}

    @cached_property
    def packages(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Channel → subdir → file name → record, without any hotfix."""
        scenario = self.incident.scenario
        made: dict[str, dict[str, dict[str, Any]]] = {name: {"noarch": {}} for name in scenario.channels}
        for record in scenario.records:
            parts = split_file_name(record.file)
            assert parts, "checked when it was loaded"
            made[record.channel].setdefault(record.subdir, {})[record.file] = _packed(
                *parts, record.timestamp, record.depends, record.constrains
            )
        for leaf in scenario.leaves.packages:
            name, version, *build = leaf.split()
            text = build[0] if build else "leaf_0"
            made[scenario.leaves.channel]["noarch"][f"{name}-{version}-{text}.tar.bz2"] = _packed(
                name, version, text, scenario.leaves.timestamp, (), ()
            )
        return made

    @cached_property
    def bare(self) -> Channels:
        """Without any hotfix."""
        return {name: channel_from_packages(name, subdirs) for name, subdirs in self.packages.items()}

    def on(self, moment: int) -> Channels:
        """With the hotfixes that were in force at that moment (ms since the epoch UTC)."""
        files = tuple(h.file for h in self.incident.scenario.hotfixes if parse_moment(h.at) <= moment)
        return self.after(files)

    def after(self, files: Iterable[str]) -> Channels:
        """With these hotfix files, one after the other."""
        key = tuple(files)
        if key not in self._states:
            channels = self.bare
            for hotfix in self.incident.scenario.hotfixes:
                if hotfix.file in key:
                    channels = patch_channels(channels, {hotfix.channel: self.incident.documents[hotfix.file]})
            self._states[key] = channels
        return self._states[key]

    def changes(self) -> tuple[int, ...]:
        """The moments at which a record appears or a hotfix comes into force, between `since` and `until`, sorted."""
        scenario = self.incident.scenario
        low, high = time_span(scenario)
        moments = {record.timestamp for record in scenario.records}
        moments |= {parse_moment(hotfix.at) for hotfix in scenario.hotfixes}
        return tuple(sorted(moment for moment in moments if low < moment <= high))


def time_span(scenario: Scenario) -> tuple[int, int]:
    """The first and the last moment that is looked at, ms since the epoch UTC."""
    return parse_moment(scenario.since, start=True), parse_moment(scenario.until)


def patch_channels(channels: Channels, documents: Documents) -> Channels:
    """The channels with these documents applied, each to its own channel."""
    return {**channels, **{name: patch_channel(channels[name], wanted).channel for name, wanted in documents.items()}}


def filter_records(channel: Channel, keep: Callable[[Record], bool]) -> Channel:
    """The channel with those records alone that pass."""
    subdirs = (Subdir(subdir.name, tuple(filter(keep, subdir.records)), subdir.refused) for subdir in channel.subdirs)
    return Channel(channel.name, channel.url, tuple(subdirs))


def order_channels(channels: Channels, order: Iterable[str]) -> tuple[Channel, ...]:
    """These channels, highest priority first."""
    return tuple(channels[name] for name in order)


def _packed(
    name: str, version: str, build: str, timestamp: int, depends: tuple[str, ...], constrains: tuple[str, ...]
) -> dict[str, Any]:
    tail = build.rsplit("_", 1)[-1]
    return {
        "name": name,
        "version": version,
        "build": build,
        "build_number": int(tail) if tail.isdigit() else 0,
        "depends": list(depends),
        "constrains": list(constrains),
        "timestamp": timestamp,
    }
