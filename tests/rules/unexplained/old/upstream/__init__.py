_SOURCES = ["water"]


def load() -> str:
    return _SOURCES[0]


def size() -> int:
    return 1


def find(pools, name):
    return pools[name]


class Pool:
    def drain(self):
        return None
