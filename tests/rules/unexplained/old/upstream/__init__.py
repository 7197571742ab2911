def load() -> str:
    return "water"


def size() -> int:
    return 1


def find(pools, name):
    return pools[name]


class Pool:
    def drain(self):
        return None
