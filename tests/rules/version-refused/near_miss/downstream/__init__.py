"""A client that warns, and that refuses only later."""

import warnings

import upstream

VERSION = tuple(int(part) for part in upstream.__version__.split("."))
if VERSION >= (2, 0):
    warnings.warn("not tried with upstream 2")
if VERSION < (1, 0) or VERSION >= (3, 0):
    raise ImportError("downstream needs upstream 1 or 2")


def strict():
    if VERSION >= (2, 0):
        raise RuntimeError("not supported")
