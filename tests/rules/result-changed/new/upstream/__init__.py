from pathlib import Path
from typing import Tuple


def find_root(start) -> Tuple[Path, str]:
    return Path(start), "file system root"
