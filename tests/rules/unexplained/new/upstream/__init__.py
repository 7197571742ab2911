_SOURCES = [b"water"]


def load() -> bytes:
    return _SOURCES[0]


def size() -> int:
    return 1


def find(pools, name):
    return pools[name]


class Pool:
    def empty(self):
        return None
