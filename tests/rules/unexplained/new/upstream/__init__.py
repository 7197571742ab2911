def load() -> bytes:
    return b"water"


def size() -> int:
    return 1


def find(pools, name):
    return pools[name]


class Pool:
    def empty(self):
        return None
