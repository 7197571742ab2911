def load() -> bytes:
    return b"water"


def size() -> int:
    return 1
