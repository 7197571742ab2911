"""The virtual packages of a platform, from `none`, `auto` or a list: what a client detects on the machine itself.
Never runs a program.

For the machine's own platform `auto` asks the machine; for another platform it assumes what package builders assume
at least.
"""

from __future__ import annotations

from tailrace.conda import rattler
from tailrace.conda.errors import ChannelError
from tailrace.conda.records import VirtualPackage

_LINUX: tuple[VirtualPackage, ...] = (("__glibc", "2.28", "0"), ("__linux", "4.18", "0"), ("__unix", "0", "0"))
_OSX: tuple[VirtualPackage, ...] = (("__osx", "13.0", "0"), ("__unix", "0", "0"))
_WIN: tuple[VirtualPackage, ...] = (("__win", "0", "0"),)


class VirtualPackageError(ChannelError):
    """An entry of the list of virtual packages that cannot be read."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is not a virtual package.", hint="Write it as in __glibc=2.28 or __cuda=12.4=0.")
        self.text = text


def virtual_packages(policy: str, subdir: str) -> tuple[VirtualPackage, ...]:
    """The virtual packages of a platform under a policy: `none`, `auto`, or `NAME=VERSION[=BUILD],…`."""
    if policy == "none":
        return ()
    if policy == "auto":
        if subdir == rattler.this_platform():
            return rattler.detected_virtual_packages()
        family = subdir.split("-", maxsplit=1)[0]
        return {"linux": _LINUX, "osx": _OSX, "win": _WIN}.get(family, ())
    return tuple(_parse(text) for text in policy.replace(" ", ",").split(",") if text)


def _parse(text: str) -> VirtualPackage:
    name, _, rest = text.partition("=")
    version, _, build = rest.lstrip("=").partition("=")
    if not name.startswith("__") or len(name) < 3 or rattler.version(version or "0") is None:
        raise VirtualPackageError(text)
    return name, version or "0", build or "0"
