"""A channel of one's own: packages in, an index that every client reads alike out; canary → main in one step.

Whatever happens, the served channel is the old or the new one. Hotfixes are handed in as a `Patcher`; the clock too.
"""

from tailrace.channels.folders import is_own_channel
from tailrace.channels.own.acts import Added, add, hold, index, init, no_hotfixes, promote, release
from tailrace.channels.own.errors import OwnChannelError
from tailrace.channels.own.forms.check import check_channel
from tailrace.channels.own.forms.places import Place, place_of
from tailrace.channels.own.forms.relations import check_skew
from tailrace.channels.own.forms.render import render_json, render_text
from tailrace.channels.own.forms.values import ChannelCheck, Difference, NotChecked
from tailrace.channels.own.log import read_log
from tailrace.channels.own.patches import Instructions, Patcher
from tailrace.channels.own.state import Entry, File, Hold, State
from tailrace.channels.own.store import Store
from tailrace.channels.own.store import read as read_store

__all__ = [
    "Added",
    "ChannelCheck",
    "Difference",
    "Entry",
    "File",
    "Hold",
    "Instructions",
    "NotChecked",
    "OwnChannelError",
    "Patcher",
    "Place",
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
    "render_json",
    "render_text",
]
