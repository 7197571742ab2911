def load() -> str:
    return "water"


def size() -> int:
    return 1
