"""Manages a channel of your own: one index that every client reads alike, and promotion from canary to main in one
step.

Whatever happens, the served channel is the old or the new one. Hotfixes are handed in as a `Patcher`; the clock too.
"""

from tailrace.channel.errors import OwnChannelError
from tailrace.channel.index_formats.check import check_channel
from tailrace.channel.index_formats.places import IndexLocation, place_of
from tailrace.channel.index_formats.relations import check_skew
from tailrace.channel.index_formats.values import ChannelCheck, Difference, NotChecked
from tailrace.channel.log import read_log
from tailrace.channel.operations import Added, add, hold, index, init, no_hotfixes, promote, release
from tailrace.channel.patches import Patcher
from tailrace.channel.state import File, Hold, LogEntry, State
from tailrace.channel.store import Store
from tailrace.channel.store import read as read_store
from tailrace.conda.folders import is_own_channel

__all__ = [
    "Added",
    "ChannelCheck",
    "Difference",
    "File",
    "Hold",
    "IndexLocation",
    "LogEntry",
    "NotChecked",
    "OwnChannelError",
    "Patcher",
    "State",
    "Store",
    "add",
    "check_channel",
    "check_skew",
    "hold",
    "index",
    "init",
    "is_own_channel",
    "no_hotfixes",
    "place_of",
    "promote",
    "read_log",
    "read_store",
    "release",
]
