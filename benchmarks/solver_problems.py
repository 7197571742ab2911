"""Makes random problems over two to four channels, in the form of the recorded ones but without answers.

`python benchmarks/solver_problems.py 200 --seed 7 [--wild] [--channels 3] > problems.jsonl`. Plain problems have the
recorded make: packages that depend on later ones, two builds now and then. `--wild` adds what real channels have
besides: constraints, features, cycles, timestamps, versions and build strings that tie, both archive types, and every
spelling of a spec.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
from typing import Any

VERSIONS = ("1.0", "1.1", "2.0", "3.0")
WILD_VERSIONS = (*VERSIONS, "1.0.0", "2.0rc1", "2.0.post1", "1!0.5")
STAMP = 1_650_000_000_000


CHANNELS = ("hi", "lo", "lower", "lowest")


def make_problem(number: int, seed: int, wild: bool, count: int = 2) -> dict[str, Any]:
    """One problem over so many channels; the same for the same arguments."""
    source = random.Random(f"{seed}-{number}-{wild}")
    names = [f"p{place}" for place in range(source.randint(3, 6))]
    channels = {channel: _packages(source, names, wild) for channel in CHANNELS[:count]}
    return {"id": number, "channels": channels, "specs": _specs(source, names, wild), "answers": {}}


def _packages(source: random.Random, names: list[str], wild: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for place, name in enumerate(names):
        if source.random() < 0.15:
            continue
        versions = WILD_VERSIONS if wild and source.random() < 0.4 else VERSIONS
        for version in versions:
            if source.random() < 0.45:
                continue
            for number in (0, 1) if source.random() < 0.31 else (0,):
                record = _record(source, names, place, version, number, wild)
                kinds: tuple[str, ...] = (".conda",)
                if wild and source.random() < 0.15:
                    kinds = source.choice(((".tar.bz2",), (".conda", ".tar.bz2")))
                for kind in kinds:
                    found[f"{name}-{version}-{record['build']}{kind}"] = record
    return found


def _record(
    source: random.Random, names: list[str], place: int, version: str, number: int, wild: bool
) -> dict[str, Any]:
    name = names[place]
    build = str(number)
    if wild and source.random() < 0.3:
        build = source.choice((f"h{number}", f"py39_{number}", f"py310_{number}"))
    record: dict[str, Any] = {
        "name": name,
        "version": version,
        "build": build,
        "build_number": number,
        "depends": [_spec(source, other, wild) for other in names[place + 1 :] if source.random() < 0.35],
        "constrains": [],
        "noarch": "generic",
        "subdir": "noarch",
        "timestamp": STAMP,
        "size": 1,
    }
    text = f"{name}-{version}-{build}"
    record["md5"] = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    record["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    if wild:
        _add_wild(source, record, names)
    return record


def _add_wild(source: random.Random, record: dict[str, Any], names: list[str]) -> None:
    others = [name for name in names if name != record["name"]]
    if source.random() < 0.2:
        record["constrains"] = [_spec(source, source.choice(others), True)]
    if source.random() < 0.08:
        record["depends"] = [*record["depends"], _spec(source, source.choice(others), True)]
    if source.random() < 0.1:
        record["track_features"] = source.choice(("feature_a", "feature_b", "feature_a feature_b"))
    if source.random() < 0.5:
        record["timestamp"] = STAMP + source.randint(-3, 3) * 86_400_000


def _spec(source: random.Random, name: str, wild: bool) -> str:
    draw = source.random()
    version = source.choice(VERSIONS)
    if draw < 0.32:
        return name
    if wild and draw > 0.8:
        forms = ("!={v}", "=={v}", "~={v}", ">={v},<3.0", "<{v}|>=3.0", "{v} 0", "{v} *_1", "={v}", "1.*|3.*")
        return f"{name} {source.choice(forms).format(v=version)}"
    if draw < 0.57:
        return f"{name} >={version}"
    if draw < 0.83:
        return f"{name} <{version if version != '1.0' else '3.0'}"
    return f"{name} {source.choice(('1.1.*', '1.*', '2.*', '3.*'))}"


def _specs(source: random.Random, names: list[str], wild: bool) -> list[str]:
    chosen = source.sample(names, min(len(names), source.choice((1, 1, 2) if not wild else (1, 2, 2, 3))))
    made = []
    for name in chosen:
        text = name
        if source.random() < 0.27:
            text += source.choice((">=3.0", ">=1.1", ">=2.0", ">=1.0", "<3.0", "<2.0", "<1.1"))
        elif wild and source.random() < 0.2:
            text += source.choice(("=1.1", "==1.0", "=1.0=0", "!=3.0", ">=1.1,<3.0", "=2.*", "~=1.0"))
        made.append(text)
    return made


def main() -> int:
    """Write the problems, one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--wild", action="store_true")
    parser.add_argument("--channels", type=int, default=2, choices=range(2, len(CHANNELS) + 1))
    options = parser.parse_args()
    for number in range(options.count):
        print(json.dumps(make_problem(number, options.seed, options.wild, options.channels)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
