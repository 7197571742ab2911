"""Lists the keywords that a function of the standard library accepts.

Only modules are looked at that do nothing when they are imported; what a `**kwargs` of theirs ends in stands here.
"""

from __future__ import annotations

import inspect
import sysconfig
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

_NAMES = """
    argparse asyncio base64 collections configparser contextlib copy csv dataclasses datetime email fnmatch functools
    getpass glob gzip hashlib heapq hmac html http importlib io itertools json logging multiprocessing os pathlib pickle
    pprint queue random re shlex shutil signal socket sqlite3 ssl statistics string struct subprocess tarfile tempfile
    textwrap threading time traceback types urllib uuid warnings weakref xml zipfile
"""
_MODULES = frozenset(_NAMES.split())
# Where the keywords of a `**kwargs` go.
_ON = {
    "subprocess.run": "subprocess.Popen",
    "subprocess.call": "subprocess.Popen",
    "subprocess.check_call": "subprocess.Popen",
    "subprocess.check_output": "subprocess.run",
    "json.dump": "json.JSONEncoder",
    "json.dumps": "json.JSONEncoder",
    "json.load": "json.JSONDecoder",
    "json.loads": "json.JSONDecoder",
}
# What such a function takes out of them itself.
_ALSO = {"subprocess.check_output": frozenset({"input", "timeout"}), "subprocess.call": frozenset({"timeout"})}


@lru_cache(maxsize=512)
def standard_keywords(path: str) -> frozenset[str] | None:
    """Every keyword that the function or class takes; `None` where that is not known, or it takes any."""
    if path.split(".", 1)[0] not in _MODULES or not _is_python_s_own(path.split(".", 1)[0]):
        return None
    found = _object(path)
    if found is None:
        return None
    try:
        parameters = inspect.signature(found).parameters.values()
    except (TypeError, ValueError):
        return None
    names = {p.name for p in parameters if p.kind in {p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY}}
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        behind = standard_keywords(_ON[path]) if path in _ON else None
        if behind is None:
            return None
        names |= behind
    return frozenset(names) | _ALSO.get(path, frozenset())


def _is_python_s_own(module: str) -> bool:
    """Whether an import gives the module of the standard library, not a file of this name in the user's folder."""
    try:
        spec = find_spec(module)
    except (ImportError, ValueError):
        return False
    origin = spec.origin if spec is not None else None
    return origin in {"built-in", "frozen"} or (origin or "").startswith(sysconfig.get_path("stdlib"))


def _object(path: str) -> Callable[..., Any] | None:
    """The object itself, of the longest part of the path that is a module."""
    parts = path.split(".")
    for depth in range(len(parts) - 1, 0, -1):
        try:
            found: Any = import_module(".".join(parts[:depth]))
        except ImportError:
            continue
        for part in parts[depth:]:
            found = getattr(found, part, None)
        return found if callable(found) else None
    return None
