"""For which interpreters and platforms only the older release has a wheel."""

from __future__ import annotations

import pytest

from tailrace.changes.wheels import LostWheels, lost_wheels

LINUX, WINDOWS = "manylinux_2_17_x86_64.manylinux2014_x86_64", "win_amd64"
INTEL, ARM, BOTH = "macosx_10_9_x86_64", "macosx_11_0_arm64", "macosx_10_9_universal2"
NONE = LostWheels(False, ())


def wheels(*tags: str) -> list[str]:
    return [f"up-1.0-{tag}.whl" for tag in tags]


ROWS = {
    "the same": (wheels(f"cp311-cp311-{LINUX}"), wheels(f"cp311-cp311-{LINUX}"), NONE),
    "an interpreter": (
        wheels(f"cp310-cp310-{LINUX}", f"cp311-cp311-{LINUX}"),
        wheels(f"cp311-cp311-{LINUX}"),
        LostWheels(False, ((10, "Linux on x86_64"),)),
    ),
    "an interpreter that nobody has": (
        wheels(f"cp36-cp36m-{LINUX}", f"cp311-cp311-{LINUX}"),
        wheels(f"cp311-cp311-{LINUX}"),
        NONE,
    ),
    "a platform": (
        wheels(f"cp311-cp311-{LINUX}", f"cp311-cp311-{WINDOWS}"),
        wheels(f"cp311-cp311-{LINUX}"),
        LostWheels(False, ((11, "Windows on x86_64"),)),
    ),
    "a rare platform": (wheels(f"cp311-cp311-{LINUX}", "cp311-cp311-win32"), wheels(f"cp311-cp311-{LINUX}"), NONE),
    "one of two for macOS": (
        wheels(f"cp311-cp311-{BOTH}"),
        wheels(f"cp311-cp311-{ARM}"),
        LostWheels(False, ((11, "macOS on x86_64"),)),
    ),
    "two for macOS become one": (
        wheels(f"cp311-cp311-{INTEL}", f"cp311-cp311-{ARM}"),
        wheels(f"cp311-cp311-{BOTH}"),
        NONE,
    ),
    "the stable interface of an older one": (wheels(f"cp311-cp311-{LINUX}"), wheels(f"cp39-abi3-{LINUX}"), NONE),
    "the stable interface of a newer one": (
        wheels(f"cp39-abi3-{LINUX}"),
        wheels(f"cp311-abi3-{LINUX}"),
        LostWheels(False, ((10, "Linux on x86_64"),)),
    ),
    "pure by now": (wheels(f"cp311-cp311-{LINUX}"), wheels("py3-none-any"), NONE),
    "pure, and its source only by now": (wheels("py3-none-any"), ["up-1.0.tar.gz"], NONE),
    "its source only": (
        wheels(f"cp311-cp311-{LINUX}"),
        ["up-1.0.tar.gz"],
        LostWheels(True, ((11, "Linux on x86_64"),)),
    ),
    "nothing known of the newer": (wheels(f"cp311-cp311-{LINUX}"), [], NONE),
    "no name of a wheel": (["up.whl", "up-1.0-cp311-cp311-x.whl"], ["up-x-y-z-1-2-3.whl"], NONE),
}


@pytest.mark.parametrize("row", ROWS)
def test_what_only_the_older_release_serves(row: str) -> None:
    before, after, lost = ROWS[row]
    assert lost_wheels(before, after, (10, 11)) == lost
