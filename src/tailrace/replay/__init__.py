"""Replays incidents from data: what broke, who got it, what contains it. Offline, computed when asked."""

from tailrace.replay.errors import ReplayError, ScenarioError, UnknownScenarioError
from tailrace.replay.folder import commands, save_incident
from tailrace.replay.load import Incident, load_incident, scenarios
from tailrace.replay.make import replay, replay_incident
from tailrace.replay.view import Replay

__all__ = [
    "Incident",
    "Replay",
    "ReplayError",
    "ScenarioError",
    "UnknownScenarioError",
    "commands",
    "load_incident",
    "replay",
    "replay_incident",
    "save_incident",
    "scenarios",
]
