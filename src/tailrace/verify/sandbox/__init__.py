"""Runs foreign programs where they cannot do harm or learn anything.

One module for each kind of sandbox (`bubblewrap`, `bare`), `choose` for the one that works here, `running` for time and
output limits, `cgroup` for those on processes and memory.
"""

from tailrace.verify.sandbox.choose import KINDS, Kind, choose_sandbox
from tailrace.verify.sandbox.interface import Command, Ended, Limits, Sandbox

__all__ = ["KINDS", "Command", "Ended", "Kind", "Limits", "Sandbox", "choose_sandbox"]
