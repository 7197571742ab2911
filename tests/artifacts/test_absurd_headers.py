"""Headers that announce what is not there, and metadata without end, take no time."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from archive_builders import open_bytes, wheel

from tailrace.artifacts import ArtifactError
from tailrace.artifacts.metadata import read_core


def header(name: bytes, size: bytes, kind: bytes = b"0") -> bytes:
    """A tar header whose size field is as given."""
    block = bytearray(512)
    for at, field in ((0, name), (100, b"0000644\0"), (124, size), (136, b"00000000000\0"), (156, kind)):
        block[at : at + len(field)] = field
    block[257:265] = b"ustar\x0000"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def extended(*pairs: tuple[bytes, bytes]) -> bytes:
    """A pax header with these records, and an empty file behind it."""
    records = b""
    for key, value in pairs:
        length = len(key) + len(value) + 3
        while (whole := len(str(length)) + len(key) + len(value) + 3) != length:
            length = whole
        records += b"%d %s=%s\n" % (length, key, value)
    padded = records + b"\0" * (-len(records) % 512)
    return header(b"p", b"%011o\0" % len(records), b"x") + padded + header(b"demo-1.0/a.py", b"00000000000\0")


HUGE = b"\x80" + (2**88 - 1).to_bytes(11, "big")
BELOW = b"\xff" * 9 + (2**24 - 512).to_bytes(3, "big")


@pytest.mark.parametrize(
    "content",
    [
        header(b"demo-1.0/a.py", HUGE),
        header(b"demo-1.0/a.py", b"\x80\0\0\0" + b"\xff" * 8),
        header(b"demo-1.0/a.py", b"77777777777\0"),
        header(b"demo-1.0/a.py", BELOW),
        header(b"demo-1.0/a.py", b"\xff" * 12),
        header(b"demo-1.0/a.png", HUGE),
        header(b"demo-1.0/a", HUGE, b"S"),
        header(b"demo-1.0/a", HUGE, b"Z"),
        header(b"demo-1.0/a", HUGE, b"7"),
        header(b"x", HUGE, b"x"),
        header(b"x", BELOW, b"x"),
        header(b"x", BELOW, b"g"),
        header(b"x", HUGE, b"L"),
        header(b"x", BELOW, b"K"),
        extended((b"size", b"9" * 25)),
        extended((b"size", b"-512")),
        extended((b"size", b"-1")),
        extended((b"size", b"9" * 25), (b"path", b"demo-1.0/b.py")),
    ],
)
@pytest.mark.parametrize("end", [b"", b"\0" * 1024, header(b"demo-1.0/b.py", b"00000000000\0") + b"\0" * 1024])
def test_a_size_that_cannot_be_is_refused_at_once(tmp_path: Path, content: bytes, end: bytes) -> None:
    with pytest.raises(ArtifactError) as caught:
        open_bytes(tmp_path, "demo-1.0.tar.gz", gzip.compress(content + end))
    assert caught.value.exit_status == 3


def test_metadata_with_very_many_headers_is_read_by_the_fields_that_count(tmp_path: Path) -> None:
    others = "".join(f"X-{number}: y\n" for number in range(300_000))
    known = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"
    found = read_core(f"{known}{others}Requires-Dist: other>=1\n  ,<2\nRequires-Python: >=3.8\n\nName: body\n")
    assert (found.name, found.version, found.requires_python) == ("demo", "1.0", ">=3.8")
    assert found.requires_dist == ("other>=1 ,<2",)
    many = "".join(f"Requires-Dist: a{number}\n" for number in range(25_000))
    with pytest.raises(ArtifactError, match="more than 20000 lines"):
        open_bytes(tmp_path, "demo-1.0-py3-none-any.whl", wheel({"demo.py": ""}, metadata=known + many))
