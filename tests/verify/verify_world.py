"""An index in a folder, as a world for verification."""

from __future__ import annotations

from pathlib import Path

from support.wheels import write_wheel
from tailrace.check import CheckOptions, check
from tailrace.model import CheckReport, DownstreamReport
from tailrace.sources import Sources, SourceSettings
from tailrace.verify import Feed, VerifyOptions, verify_report


class World:
    """An index in a folder: write releases, check, verify."""

    def __init__(self, folder: Path) -> None:
        (folder / "wheels").mkdir()
        self.open(folder)

    def open(self, folder: Path) -> None:
        """Takes over a folder that holds a world already."""
        self.wheels = folder / "wheels"
        self.sources = Sources(
            SourceSettings(
                index_urls=(), extra_index_urls=(), find_links=(str(self.wheels),), cache_dir=folder / "cache"
            )
        )

    def add(self, name: str, version: str, files: dict[str, str], **more: object) -> None:
        """One release."""
        write_wheel(self.wheels, name, version, files, **more)  # type: ignore[arg-type]

    def check(self, *downstreams: str) -> CheckReport:
        """`up` 2.0 against 1.0."""
        options = CheckOptions(in_process=True)
        return check("up==2.0", "up==1.0", downstreams or ("down==1.0",), sources=self.sources, options=options)

    def verify(self, *downstreams: str, **options: object) -> CheckReport:
        """The same, then run."""
        return verify_report(self.check(*downstreams), Feed(self.sources), VerifyOptions(jobs=1, **options))  # type: ignore[arg-type]

    def verify_one(self, down: str, **options: object) -> DownstreamReport:
        """Checks and runs a downstream with this one module `down`."""
        self.add("down", "1.0", {"down.py": down}, requires=["up"])
        return self.verify(**options).downstreams[0]
