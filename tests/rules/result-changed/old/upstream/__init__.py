from pathlib import Path


def find_root(start) -> Path:
    return Path(start)
