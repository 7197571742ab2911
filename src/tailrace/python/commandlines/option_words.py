"""The options that the text of a release names, for programs whose command line cannot be read otherwise.

An option is named by its own text (`"--build-dir"`, also in a docstring or a table), by the negation of another, or by
an identifier from which a toolkit derives it (`build_dir`). What a release names nowhere it does not take.
"""

from __future__ import annotations

import re

from tailrace.model import Artifact
from tailrace.python.modules import is_test_file

_OPTION = re.compile(rb"--(?:\[no-\])?[A-Za-z][\w-]*")
_WORD = re.compile(rb"[A-Za-z_][\w-]*")


class OptionWords:
    """The words of one release, read when first asked for."""

    def __init__(self, artifact: Artifact) -> None:
        self.artifact = artifact
        self._options: dict[bytes, int] | None = None
        self._words: set[bytes] = set()

    def count(self, option: str) -> int:
        """How many times the text of an option stands in the sources."""
        self._read()
        assert self._options is not None
        bare = option.removeprefix("--").removeprefix("no-")
        return self._options.get(option.encode(), 0) + self._options.get(f"--[no-]{bare}".encode(), 0)

    def names(self, option: str) -> bool:
        """Whether the option, or what it may be derived from, stands anywhere in the sources."""
        self._read()
        assert self._options is not None
        plain = option.lstrip("-")
        bare = plain.removeprefix("no-")
        forms = {f"--{plain}", f"--{bare}", f"--[no-]{bare}", f"--no-{bare}"}
        if any(form.encode() in self._options for form in forms):
            return True
        return any(
            form.replace("-", "_").encode() in self._words or form.encode() in self._words for form in (plain, bare)
        )

    def _read(self) -> None:
        if self._options is not None:
            return
        self._options = {}
        for file in self.artifact.python_files:
            if file.endswith(".pyi") or is_test_file(file):
                continue
            try:
                data = (self.artifact.root / file).read_bytes()
            except OSError:
                continue
            for option in _OPTION.findall(data):
                self._options[option] = self._options.get(option, 0) + 1
            self._words.update(_WORD.findall(data))
