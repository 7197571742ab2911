"""A client that works with one major version."""

import upstream

from downstream.versions import check

if tuple(int(part) for part in upstream.__version__.split(".")) >= (2, 0):
    raise ImportError("downstream needs upstream 1")

check()
