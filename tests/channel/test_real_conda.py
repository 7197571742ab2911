"""Real conda as a client of a channel that is served over HTTP: what it sees and does, and which files it asks for.

Runs with `-m online` where there is a conda: the one on PATH, or the command in TAILRACE_TEST_CONDA, such as
`env PYTHONPATH=SOURCES python -m conda` for one that runs from its sources. Tried with 4.12.0 and 26.7.1, each solver.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from own_parts import WHEN, patcher

from tailrace import channel as own
from tailrace.channel.serve import Handler, address_of, make_server
from tailrace.conda.loading import load_channel
from tailrace.conda.prefixes import load_prefix
from tailrace.exposure.harmful import parse_broken
from tailrace.hotfix.reach import ReachQuestion, reach

COMMAND = shlex.split(os.environ.get("TAILRACE_TEST_CONDA", "")) or [path for path in [shutil.which("conda")] if path]
pytestmark = [
    pytest.mark.online,
    pytest.mark.skipif(not COMMAND, reason="no conda on PATH, and TAILRACE_TEST_CONDA names none"),
]


@dataclass
class Conda:
    """One conda with folders of its own, and a channel whose requests are written down."""

    root: Path
    channel: Path
    url: str
    asked: list[str]

    def run(self, *arguments: str) -> tuple[int, Any]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("CONDA", "MAMBA"))}
        if "TAILRACE_TEST_CONDA_SOLVER" in os.environ:
            environment["CONDA_SOLVER"] = os.environ["TAILRACE_TEST_CONDA_SOLVER"]
        environment |= {
            "CONDARC": str(self.root / "none"),
            "CONDA_PKGS_DIRS": str(self.root / "pkgs"),
            "CONDA_ENVS_DIRS": str(self.root / "envs"),
            "CONDA_SUBDIR": "linux-64",
            "CONDA_ADD_PIP_AS_PYTHON_DEPENDENCY": "false",
            "HOME": str(self.root),
            "XDG_CACHE_HOME": str(self.root / "cache"),
        }
        self.asked.clear()
        done = subprocess.run(
            [*COMMAND, *arguments], env=environment, capture_output=True, text=True, check=False, cwd=self.root
        )
        text = done.stdout
        # Downloads are told as they go, one JSON text each; the last one is the answer.
        found = json.loads(text.rpartition("\0")[2]) if "--json" in arguments else text + done.stderr
        return done.returncode, found

    def make(self, prefix: str, *specs: str, channel: str = "") -> str:
        """`name=version …` of a new environment, or that there is none."""
        url = f"{self.url}{channel}"
        where = ["-c", url, *(["-c", self.url] if channel else [])]
        status, found = self.run(
            "create", "-y", "--json", "-p", str(self.root / prefix), "--override-channels", *where, *specs
        )
        return self.packages(prefix) if not status else self.refused(found)

    def change(self, prefix: str, *specs: str) -> str:
        """The same after `conda install`."""
        status, found = self.run(
            "install", "-y", "--json", "-p", str(self.root / prefix), "--override-channels", "-c", self.url, *specs
        )
        return self.packages(prefix) if not status else self.refused(found)

    @staticmethod
    def refused(found: Any) -> str:
        """Solvers and versions of conda have several names for it."""
        name = found["exception_name"]
        return "unsolvable" if re.search(r"Unsatisfiable|PackagesNotFound|Conflict|Unsolvable", name) else str(found)

    def packages(self, prefix: str) -> str:
        return " ".join(f"{p.record.name}={p.record.version}" for p in load_prefix(self.root / prefix))


@pytest.fixture
def conda(channel: Path, tmp_path: Path) -> Iterator[Conda]:
    asked: list[str] = []

    class Listening(Handler):
        def log_message(self, format: str, *args: object) -> None:
            asked.append(re.sub(r"[0-9a-f]{64}", "HASH", format % args))

    with make_server(channel, "127.0.0.1", 0) as server:
        server.RequestHandlerClass = type("ChannelHandler", (Listening,), {"root": channel.resolve()})
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        root = tmp_path / "client"
        root.mkdir()
        yield Conda(root, channel, address_of(server, channel.name), asked)
        server.shutdown()
        thread.join()


def test_what_is_promoted_held_and_hotfixed_is_what_conda_installs(conda: Conda, tmp_path: Path) -> None:
    assert conda.make("1", "conda-build") == "conda=4.12.0 conda-build=3.21.8"
    (package, *_) = load_prefix(conda.root / "1")
    assert (package.record.channel, package.channel_url) == ("channel", conda.url)
    assert {one.record.name: one.requested for one in load_prefix(conda.root / "1")} == {
        "conda": None,
        "conda-build": "conda-build",
    }
    # Of the canary only who asks for the label gets it.
    assert conda.make("2", "conda-build", channel="/label/canary") == "conda=4.13.0 conda-build=3.21.9"
    own.promote(conda.channel, ["conda", "conda-build"], patcher, WHEN, source="canary")
    assert conda.make("3", "conda-build") == "conda=4.13.0 conda-build=3.21.9"
    assert conda.make("4", "conda-build=3.21.8", "conda>=4.13") == "conda=4.13.0 conda-build=3.21.8"

    own.hold(conda.channel, ["conda=4.13.0"], patcher, WHEN, reason="it breaks conda-build 3.21.8")
    assert conda.make("5", "conda-build").startswith("conda=4.12.0 ")
    assert conda.make("6", "conda>=4.13") == "unsolvable"
    own.release(conda.channel, ["conda=4.13.0"], patcher, WHEN)

    patches = tmp_path / "hotfix.json"
    patches.write_text(
        json.dumps(
            {
                "patch_instructions_version": 1,
                "packages": {},
                "packages.conda": {"conda-build-3.21.8-0.conda": {"depends": ["conda >=4.5,<4.13.0a0"]}},
            }
        )
    )
    own.index(conda.channel, patcher, WHEN, patches=patches)
    assert conda.make("7", "conda-build=3.21.8", "conda>=4.13") == "unsolvable"
    assert conda.make("8", "conda-build=3.21.8") == "conda=4.12.0 conda-build=3.21.8"

    # The environment that was made before has the record without the hotfix, and is told so.
    loaded = (load_channel(conda.url, ("linux-64",), cache=tmp_path / "cache"),)
    question = ReachQuestion(
        channels=loaded,
        broken=parse_broken("conda >=4.13 & conda-build ==3.21.8"),
        prefixes=(conda.root / "1", conda.root / "4", conda.root / "8"),
        virtual="none",
    )
    found = reach(question)
    assert [(miss.package, Path(miss.where).name) for miss in found.misses] == [
        ("conda-build-3.21.8-0", "1"),
        ("conda-build-3.21.8-0", "4"),
    ]
    assert [(one.harmful_now, one.would_be_hurt) for one in found.environments] == [
        (False, True),
        (True, False),
        (False, False),
    ]
    hurt = {update.client for update in found.environments[0].updates if update.by_old_records}
    assert hurt == {"mamba"}
    # What it says of this client is what this client does; only the classic solver believes the channel.
    classic = os.environ.get("TAILRACE_TEST_CONDA_SOLVER", "classic") == "classic"
    assert conda.change("1", "conda>4.12.0") == f"conda=4.13.0 conda-build={'3.21.9' if classic else '3.21.8'}"


def test_a_hold_is_shown_as_a_notice_where_conda_has_notices(conda: Conda) -> None:
    shown = ["notices", "--override-channels", "-c", conda.url]
    if "invalid choice" in str(conda.run(*shown)) or not conda.asked:
        pytest.skip("this conda has no notices")
    own.hold(conda.channel, ["conda=4.12.0"], patcher, WHEN, reason="it eats the cellar")
    assert "conda-4.12.0-0.conda (noarch) is on hold: it eats the cellar" in conda.run(*shown)[1]
    own.release(conda.channel, ["conda=4.12.0"], patcher, WHEN)
    assert "cellar" not in conda.run(*shown)[1]


def test_an_index_that_has_not_changed_is_not_sent_again(conda: Conda) -> None:
    listed = ["search", "--json", "--override-channels", "-c", conda.url, "conda"]
    assert {one["version"] for one in conda.run(*listed)[1]["conda"]} == {"4.12.0"}
    first = [line for line in conda.asked if "noarch/repodata" in line]
    assert any(line.endswith(" 200 -") for line in first)
    assert {one["version"] for one in conda.run(*listed)[1]["conda"]} == {"4.12.0"}
    assert {line[-5:] for line in conda.asked if "noarch/repodata" in line} <= {"304 -"}
    own.promote(conda.channel, ["conda", "conda-build"], patcher, WHEN, source="canary")
    assert {one["version"] for one in conda.run(*listed)[1]["conda"]} == {"4.12.0", "4.13.0"}
    assert any(line.endswith(" 200 -") for line in conda.asked if "noarch/repodata" in line)
