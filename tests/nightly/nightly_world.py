"""An index in a folder, as a world for nightlies."""

from __future__ import annotations

from pathlib import Path

from support.wheels import write_wheel
from tailrace.check import CheckOptions, check
from tailrace.model import CheckReport
from tailrace.nightly.cell import CellRunner
from tailrace.nightly.values import Cell, CellResult, LevelName
from tailrace.sources import Sources, SourceSettings
from tailrace.verify import Feed
from tailrace.verify.sandbox import choose_sandbox

CELL = Cell(candidate="up==2.0", baseline="up==1.0", others=("down==1.0",), project="up")


class NightlyWorld:
    """Write releases, then run cells."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wheels = folder / "wheels"
        self.wheels.mkdir(exist_ok=True)
        settings = SourceSettings(
            index_urls=(), extra_index_urls=(), find_links=(str(self.wheels),), cache_dir=folder / "cache"
        )
        self.sources = Sources(settings)

    def add(self, name: str, version: str, files: dict[str, str], **more: object) -> None:
        """One release."""
        write_wheel(self.wheels, name, version, files, **more)  # type: ignore[arg-type]

    def check(self, candidate: str, baseline: str, downstream: str) -> CheckReport:
        """The static check."""
        return check(candidate, baseline, (downstream,), sources=self.sources, options=CheckOptions(in_process=True))

    def runner(self, *levels: LevelName, **more: object) -> CellRunner:
        """What runs cells."""
        return CellRunner(
            feed=Feed(self.sources, whole_trees=True),
            sandbox=choose_sandbox("auto"),
            check=self.check,
            folder=self.folder / "nightly",
            levels=levels,
            repeat=2,
            **more,  # type: ignore[arg-type]
        )

    def run(self, *levels: LevelName, cell: Cell = CELL, **more: object) -> CellResult:
        """One cell."""
        return self.runner(*levels, **more).run(cell)
