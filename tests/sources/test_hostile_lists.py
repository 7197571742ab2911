"""A list of releases that is not what it seems gets one sentence, whatever is in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tailrace.sources.errors import ListError
from tailrace.sources.lists import read_list

#: Some hundred bytes that name 9^30 values: whoever writes them out runs out of memory.
BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 31))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("environment.yml", BOMB + "channels: [c]\ndependencies: *a30\n"),
        ("environment.yml", BOMB + "channels: [c]\ndependencies: [*a30]\n"),
        ("environment.yml", BOMB + "channels: [c]\ndependencies: [{pip: *a30}]\n"),
        ("environment.yml", BOMB + "channels: [c]\ndependencies: [{pip: [*a30]}]\n"),
        ("conda-lock.yml", BOMB + "metadata: {}\npackage: [{name: a, version: *a30}]\n"),
        ("conda-lock.yml", BOMB + "metadata: {}\npackage: *a30\n"),
        ("environment.yml", "channels: 5\ndependencies: [a]\n"),
        ("environment.yml", "channels: {a: b}\ndependencies: [a]\n"),
        ("environment.yml", "channels: conda-forge\ndependencies: [a]\n"),
        ("environment.yml", "channels: [c]\ndependencies: 5\n"),
        ("environment.yml", "channels: [c]\ndependencies: a\n"),
        ("environment.yml", "channels: [c]\ndependencies: {a: 1}\n"),
        ("environment.yml", "channels: [c]\ndependencies: [5]\n"),
        ("environment.yml", "channels: [c]\ndependencies: [2020-01-01]\n"),
        ("environment.yml", "channels: [c]\ndependencies: [[a]]\n"),
        ("environment.yml", "channels: [c]\ndependencies: [{pip: 7}]\n"),
        ("environment.yml", "channels: [c]\ndependencies: [{pip: a}]\n"),
        ("environment.yml", "channels: [c]\ndependencies: [{pip: [7]}]\n"),
        ("environment.yml", "channels: [c]\ndependencies: [{pip: [{a: b}]}]\n"),
        ("environment.yml", "channels: [c]\ndependencies: [{pip: [-r]}]\n"),
        ("environment.yml", "dependencies: " + "[" * 100_000),
        ("environment.yml", "dependencies: " + "[" * 5_000 + "]" * 5_000),
        ("environment.yml", "dependencies: [9999-99-99]\n"),
        ("environment.yml", "dependencies: !!python/object/apply:os.system [id]\n"),
        ("environment.yml", "5\n"),
        ("uv.lock", "package = " + "[" * 50_000),
        ("uv.lock", "package = " + "[" * 50_000 + "]" * 50_000),
        ("pylock.toml", "lock-version = '1.0'\n[[packages]]\nname='a'\nmarker='" + "(" * 3_000 + "'\n"),
        ("requirements.txt", "a; " + "(" * 3_000 + "os_name=='x'" + ")" * 3_000 + "\n"),
        ("requirements.txt", "a" + ",!=1" * 50_000 + "\n"),
    ],
)
def test_what_cannot_be_a_list_is_the_users_mistake(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ListError) as caught:
        read_list(path)
    assert caught.value.exit_status == 2


def test_near_misses_are_read(tmp_path: Path) -> None:
    path = tmp_path / "environment.yml"
    path.write_text("channels: [c]\ndependencies:\n- a =1\n-\n- pip:\n  - b==2\n")
    assert [str(spec) for spec in read_list(path)] == ["c::a =1", "b==2"]


@pytest.mark.parametrize(
    "line",
    [
        "foo @ https://me:S3cr3t V4lue@host.example/foo-1.0.tar.gz",
        "foo @ https://me:a S3cr3tV4lue@host.example/foo-1.0.tar.gz",
        "foo @ https://S3cr3tV4lue @host.example/foo-1.0.tar.gz",
    ],
)
def test_a_line_that_cannot_be_read_shows_no_password(tmp_path: Path, line: str) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text(f"{line}\n")
    with pytest.raises(ListError) as raised:
        read_list(path)
    assert "S3cr3t" not in str(raised.value)
    assert "V4lue" not in str(raised.value)
    assert "host.example" in str(raised.value)
