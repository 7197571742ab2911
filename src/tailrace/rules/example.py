"""Parses the text of an example into the files that it stands for."""

from __future__ import annotations

import re

_MARK = re.compile(r"^# file: (\S+)\n", re.MULTILINE)


def example_files(text: str, package: str) -> dict[str, str]:
    """Relative path → content.

    A text is `PACKAGE/__init__.py`, unless it is cut into files by lines such as `# file: upstream/cli.py`. A
    `pyproject.toml` among them says what the package declares (requirements, scripts, supported Pythons).
    """
    head, *rest = _MARK.split(text)
    files = {f"{package}/__init__.py": head} if head.strip() or not rest else {}
    return files | dict(zip(rest[::2], rest[1::2], strict=True))
