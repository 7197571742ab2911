"""What can be wrong with a request for a hotfix. Sentences for the user; never a traceback."""

from __future__ import annotations

from tailrace.hotfix.errors import HotfixError


class SuggestError(HotfixError):
    """The base of what goes wrong while a hotfix is derived."""


class FixedBuildError(SuggestError):
    """A `--fixed` that cannot be read."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text!r} names no release or build.",
            hint='Write it as in "conda-build 3.21.8 1" (name, version, build number) or "conda-build 3.21.9".',
        )
        self.text = text


class SameNameError(SuggestError):
    """Two channels have one name, so that a hotfix for `name` would be for either."""

    def __init__(self, name: str) -> None:
        super().__init__(f"two of the channels are called {name}: derive their hotfixes one after the other.")
        self.name = name


class NoReportError(SuggestError):
    """Nothing to derive a hotfix from."""

    def __init__(self) -> None:
        super().__init__("No check report was given.", hint="Make one with: tailrace check … --format json:REPORT.json")
