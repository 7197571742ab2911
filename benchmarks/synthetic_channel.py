"""Makes a synthetic channel of a realistic shape: compiled packages built once per Python, noarch packages, layered
dependencies.

The shape is that of a large community channel: a few libraries that everything needs, interpreters with many builds,
`python_abi`, pins of the form `>=1.2,<2.0a0`, a long tail of packages that little depends on.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

PYTHONS = ("3.8", "3.9", "3.10", "3.11", "3.12")
DAY = 86_400_000
START = 1_577_836_800_000  # 2020-01-01
Packages = dict[str, dict[str, Any]]


def _record(
    name: str, version: str, build: str, number: int, depends: list[str], when: int, **more: Any
) -> dict[str, Any]:
    return {
        "name": name,
        "version": version,
        "build": build,
        "build_number": number,
        "depends": depends,
        "timestamp": when,
        "license": "BSD-3-Clause",
        "md5": f"{random.Random(name + version + build).getrandbits(128):032x}",
        "size": 12345,
        **more,
    }


class Maker:
    """Grows one channel package by package; later packages depend on earlier ones."""

    def __init__(self, seed: int, subdirs: tuple[str, ...], tag: str) -> None:
        self.random = random.Random(seed)
        self.subdirs = subdirs
        self.tag = tag
        self.packages: dict[str, Packages] = {subdir: {} for subdir in (*subdirs, "noarch")}
        self.libraries: list[tuple[str, list[str]]] = []
        self.modules: list[str] = []

    def _add(self, subdir: str, record: dict[str, Any]) -> None:
        name = f"{record['name']}-{record['version']}-{record['build']}.conda"
        self.packages[subdir][name] = {**record, "subdir": subdir}

    def _versions(self, least: int, most: int) -> list[str]:
        count = self.random.randint(least, most)
        major, minor, found = 1, 0, []
        for _ in range(count):
            found.append(f"{major}.{minor}.{self.random.randint(0, 3)}")
            minor += 1
            if self.random.random() < 0.12:
                major, minor = major + 1, 0
        return found

    def _when(self, place: int, count: int) -> int:
        return START + int((place + self.random.random()) / count * 1600) * DAY + self.random.randrange(DAY)

    def _library_pins(self, most: int) -> list[str]:
        pins = []
        for name, versions in self.random.sample(
            self.libraries, min(self.random.randint(0, most), len(self.libraries))
        ):
            version = versions[-1 - min(int(self.random.expovariate(0.6)), len(versions) - 1)]
            pins.append(f"{name} >={version},<{int(version.split('.')[0]) + 1}.0a0")
        return pins

    def library(self, number: int) -> None:
        """A compiled library without Python."""
        name = f"lib{number}"
        versions = self._versions(3, 14)
        for place, version in enumerate(versions):
            for build in range(self.random.choice((1, 1, 2, 3))):
                when = self._when(place, len(versions))
                for subdir in self.subdirs:
                    self._add(
                        subdir,
                        _record(name, version, f"h{self.tag}{build:02x}_{build}", build, self._library_pins(2), when),
                    )
        self.libraries.append((name, versions))

    def interpreter(self) -> None:
        """Python and python_abi."""
        for place, minor in enumerate(PYTHONS):
            for patch in range(18):
                for build in range(2):
                    depends = [*self._library_pins(5)]
                    for subdir in self.subdirs:
                        when = self._when(place * 4 + patch, 40)
                        self._add(
                            subdir,
                            _record("python", f"{minor}.{patch}", f"h{self.tag}_{build}_cpython", build, depends, when),
                        )
            tag = minor.replace(".", "")
            for subdir in self.subdirs:
                self._add(subdir, _record("python_abi", minor, f"2_cp{tag}", 2, [f"python {minor}.*"], START))

    def pip(self) -> None:
        """What every Python brings along."""
        for place in range(20):
            record = _record(
                "pip", f"{20 + place}.0", "pyhd8ed1ab_0", 0, ["python >=3.8"], self._when(place, 20), noarch="python"
            )
            self._add("noarch", record)

    def module(self, number: int) -> None:
        """A Python package, compiled once per Python or noarch."""
        name = f"mod{number}"
        versions = self._versions(2, 22)
        needs = self.random.sample(self.modules, min(len(self.modules), int(self.random.expovariate(0.45))))
        compiled = self.random.random() < 0.35
        for place, version in enumerate(versions):
            when = self._when(place, len(versions))
            asked = [
                need if self.random.random() < 0.6 else f"{need} >=1.{self.random.randint(0, 1)}" for need in needs
            ]
            if self.random.random() < 0.03 and asked:
                asked[0] = asked[0].split(" ")[0] + " <2.0a0"
            if not compiled:
                self._add(
                    "noarch", _record(name, version, "pyhd8ed1ab_0", 0, ["python >=3.8", *asked], when, noarch="python")
                )
                continue
            pins = self._library_pins(3)
            for minor in self.random.sample(PYTHONS, 4):
                low, high = minor, f"3.{int(minor.split('.')[1]) + 1}.0a0"
                tag = minor.replace(".", "")
                depends = [f"python >={low},<{high}", f"python_abi {minor}.* *_cp{tag}", *pins, *asked]
                for subdir in self.subdirs:
                    self._add(subdir, _record(name, version, f"py{tag}h{self.tag}_0", 0, depends, when))
        self.modules.append(name)

    def write(self, folder: Path) -> int:
        """The channel on disk; how many records it has."""
        for subdir, packages in self.packages.items():
            (folder / subdir).mkdir(parents=True, exist_ok=True)
            text = json.dumps({"info": {"subdir": subdir}, "packages": {}, "packages.conda": packages})
            (folder / subdir / "repodata.json").write_text(text)
        return sum(len(packages) for packages in self.packages.values())


def make_channel(
    folder: Path, *, records: int, seed: int, subdirs: tuple[str, ...], tag: str = "a"
) -> tuple[int, list[str]]:
    """Write a channel of about so many records; their number, and the Python packages, those with most dependencies
    last.
    """
    maker = Maker(seed, subdirs, tag)
    for number in range(max(20, records // 700)):
        maker.library(number)
    maker.interpreter()
    maker.pip()
    number = 0
    while sum(len(packages) for packages in maker.packages.values()) < records:
        maker.module(number)
        number += 1
    return maker.write(folder), maker.modules
