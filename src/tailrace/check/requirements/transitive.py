"""Whether some requirements bring a distribution along, directly or through what they require in turn.

Judged by the newest release that fits each requirement, as an installer would choose; nothing is installed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from packaging.utils import canonicalize_name

from tailrace.check.requirements.admission import parse_requirement

# Distribution and specifier → the requirement lines of the release that an installer takes; `None` where not known.
Lookup = Callable[[str, str], tuple[str, ...] | None]

_MOST = 30
_ENVIRONMENT = {"python_version": "3.12", "python_full_version": "3.12.0", "sys_platform": "linux", "os_name": "posix"}


def brings(lines: Iterable[str], wanted: str, skipped: Iterable[str], lookup: Lookup) -> bool | None:
    """Whether one of the requirement `lines` leads to the distribution `wanted`; `None` where that is not known.

    `skipped`: distributions that are not followed. At most 30 are looked up.
    """
    seen = {canonicalize_name(name) for name in skipped}
    queue = deque((line, frozenset[str]()) for line in lines)
    unknown, asked = False, 0
    while queue:
        line, extras = queue.popleft()
        requirement = parse_requirement(line)
        if requirement is None:
            continue
        if requirement.marker is not None and not any(
            requirement.marker.evaluate({**_ENVIRONMENT, "extra": extra}) for extra in extras or {""}
        ):
            continue
        name = canonicalize_name(requirement.name)
        if name == wanted:
            return True
        if name in seen:
            continue
        seen.add(name)
        if asked >= _MOST:
            return None
        asked += 1
        found = lookup(requirement.name, str(requirement.specifier))
        if found is None:
            unknown = True
            continue
        wanted_extras = frozenset({"", *requirement.extras})
        queue.extend((more, wanted_extras) for more in found)
    return None if unknown else False
