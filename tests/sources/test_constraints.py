"""The constraints that pip and uv are configured for limit a release whose version nobody named."""

from __future__ import annotations

from pathlib import Path

import pytest
from source_builders import wheel_bytes

from tailrace.sources import ListError, Sources, SourceSettings, UnknownVersionError


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sources:
    """Releases 1.0, 1.5 and 2.0 of `demo` in a folder; pip and uv are configured for nothing else."""
    (tmp_path / "wheels").mkdir()
    for version in ("1.0", "1.5", "2.0"):
        file = tmp_path / "wheels" / f"demo-{version}-py3-none-any.whl"
        file.write_bytes(wheel_bytes("demo", version))
    for name, value in {
        "PIP_CONFIG_FILE": "/dev/null",
        "UV_NO_CONFIG": "1",
        "PIP_CONSTRAINT": "",
        "UV_CONSTRAINT": "",
    }.items():
        monkeypatch.setenv(name, value)
    return Sources(SourceSettings(index_urls=(), find_links=(str(tmp_path / "wheels"),), cache_dir=tmp_path / "cache"))


@pytest.mark.parametrize(
    ("spec", "constraints", "expected"),
    [
        ("demo", "demo<2\n", "1.5"),
        ("demo", "Demo == 1.0 --hash=sha256:00\n", "1.0"),
        ("demo", "demo<2  # a comment\ndemo!=1.5\n", "1.0"),
        ("demo", "-c more.txt\n", "1.0"),
        ("demo>=1.5", "demo<2\n", "1.5"),
        ("demo==2.0", "demo<2\n", "2.0"),  # who names a version gets it
        ("demo", "demo<2; python_version < '3'\n", "2.0"),
        ("demo", "demos<2\nother==1\n", "2.0"),
        ("demo", "demo @ https://example.org/demo-1.0.zip\n", "2.0"),
        ("demo", "not a requirement at all\n", "2.0"),
        ("demo", "", "2.0"),
    ],
)
@pytest.mark.parametrize("variable", ["PIP_CONSTRAINT", "UV_CONSTRAINT"])
def test_a_constraint_limits_what_is_not_pinned(
    sources: Sources,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    spec: str,
    constraints: str,
    expected: str,
) -> None:
    (tmp_path / "limits.txt").write_text(constraints)
    (tmp_path / "more.txt").write_text("demo<1.5\n")
    monkeypatch.setenv(variable, str(tmp_path / "limits.txt"))
    assert sources.resolve(spec).version == expected


def test_a_constraint_that_nothing_satisfies_is_named(
    sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "limits.txt").write_text("demo>=3\n")
    monkeypatch.setenv("PIP_CONSTRAINT", str(tmp_path / "limits.txt"))
    with pytest.raises(UnknownVersionError, match=r"demo that is >=3") as caught:
        sources.resolve("demo")
    assert "demo>=3" in str(caught.value.hint)


def test_a_constraint_file_that_is_not_there_is_a_mistake(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONSTRAINT", "/no/such/limits.txt")
    with pytest.raises(ListError, match="limits"):
        sources.resolve("demo")
