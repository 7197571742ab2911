"""Exposure on past days with the hotfixes of those days: from the command line, with patches that have a date."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from quay_channels import BROKEN, HOTFIX, folder

from tailrace.cli.channel.exposure import command
from tailrace.conda.loading import load_channel
from tailrace.hotfix import parse_patches
from tailrace.hotfix.apply.history import PatchHistory, PatchSet

DAY = 86_400_000


def published(root: Path) -> tuple[Path, Path]:
    """The harbour as it is served today, hotfixed, with its records as published beside; and quay."""
    harbour, quay = folder(root, "harbour", patched=True), folder(root, "quay")
    plain = folder(root / "before", "harbour") / "noarch" / "repodata.json"
    (harbour / "noarch" / "repodata_from_packages.json").write_bytes(plain.read_bytes())
    (root / "hotfix.yaml").write_text(HOTFIX)
    (root / "none.yaml").write_text("if: {name: nobody}\nthen:\n  - add_depends: x\n")
    return harbour, quay


# The records are of 2022-04-15; the hotfix of 1 May, taken back on 1 June.
HISTORY = ("harbour={}/hotfix.yaml@2022-05-01", "harbour={}/none.yaml@2022-06-01")
DAYS = [("2022-04-30", True), ("2022-05-01", False), ("2022-05-31", False), ("2022-06-01", True)]


def ask(root: Path, *arguments: str, history: tuple[str, ...] = HISTORY) -> tuple[int, str]:
    harbour, quay = root / "harbour", root / "quay"
    given = [word for text in history for word in ("--hotfixes", text.format(root))]
    done = CliRunner().invoke(
        command,
        ["line", "--with", "dock >=2", "-c", str(harbour), "-c", str(quay), "--broken", BROKEN, "--client", "conda",
         "--priority", "disabled", "--virtual-packages", "none", "-f", "json", *given, *arguments],
        standalone_mode=False,
    )  # fmt: skip
    return done.return_value, done.output or repr(done.exception)


@pytest.mark.parametrize(("day", "exposed"), DAYS)
def test_a_day_has_the_hotfixes_of_that_day(tmp_path: Path, day: str, exposed: bool) -> None:
    published(tmp_path)
    status, text = ask(tmp_path, "--as-of", day)
    (cell,) = json.loads(text)["cells"]
    assert (status, cell["exposed"], cell["status"]) == ((1, True, "solved") if exposed else (0, None, "unsolvable"))
    (note,) = [note for note in json.loads(text)["notes"] if "today's" in note]
    assert note.startswith("The records of quay are shown with today's hotfixes; --hotfixes")


def test_exposure_ends_and_begins_with_the_hotfixes(tmp_path: Path) -> None:
    published(tmp_path)
    (course,) = json.loads(ask(tmp_path, "--since", "2022-04-20", "--until", "2022-07-01")[1])["courses"]
    assert [(span["begin"], span["exposed"]) for span in course["spans"]] == [
        (None, True),
        ("2022-05-01T00:00:00Z", None),
        ("2022-06-01T00:00:00Z", True),
    ]


def test_without_a_history_the_records_are_those_of_today(tmp_path: Path) -> None:
    published(tmp_path)
    status, text = ask(tmp_path, "--as-of", "2022-04-30", history=())
    assert (status, json.loads(text)["cells"][0]["status"]) == (0, "unsolvable")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("harbour", "write CHANNEL=PATCHES"),
        ("harbour=", "write CHANNEL=PATCHES"),
        ("elsewhere={}/hotfix.yaml", "not among the channels"),
        ("harbour={}/hotfix.yaml@someday", "is not a date"),
        ("harbour={}/nothing.yaml", "nothing.yaml"),
    ],
)
def test_what_is_no_history_is_refused(tmp_path: Path, text: str, said: str) -> None:
    published(tmp_path)
    assert said in ask(tmp_path, history=(text,))[1]


def test_one_state_is_one_channel_whatever_the_moment(tmp_path: Path) -> None:
    harbour, _ = published(tmp_path)
    channel = load_channel(str(harbour), ("linux-64",), cache=tmp_path / "cache", unpatched=True)
    history = PatchHistory({"harbour": (PatchSet(tuple(parse_patches(HOTFIX)), 5 * DAY),)})
    assert history.at(channel, 5 * DAY - 1) is channel
    assert history.at(channel, 5 * DAY) is history.at(channel, None)
    assert history.at(channel, None) is not channel
    assert (history.names, history.moments) == ({"harbour"}, (5 * DAY,))
