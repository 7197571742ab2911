"""An archive is not to be believed: nothing leaves its folder, nothing grows without bounds, nothing crashes."""

from __future__ import annotations

import errno
import gzip
import io
import os
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from archive_builders import METADATA, conda_info, conda_v2, entry, open_bytes, sdist, tar_bytes, wheel, zip_bytes

from tailrace.artifacts import ArtifactError, BrokenArchiveError, TooLargeError, UnsafeArchiveError
from tailrace.sources import Limits

WHEEL = "demo-1.0-py3-none-any.whl"
SDIST = "demo-1.0.tar.gz"
CONDA = "demo-1.0-0.conda"


def _renamed(path: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo("x")
    info.pax_headers = {"path": path}
    return info


def files_outside(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in tmp_path.iterdir() if path.name not in ("cache", WHEEL, SDIST, CONDA))


UNSAFE = [
    "../evil.py",
    "demo/../../evil.py",
    "/evil.py",
    "C:/evil.py",
    "C:\\evil.py",
    "..\\evil.py",
    "\\\\host\\evil.py",
    "a/../../../../evil.py",
]


@pytest.mark.parametrize("name", UNSAFE)
def test_a_name_that_leads_out_refuses_the_whole_archive(tmp_path: Path, name: str) -> None:
    for filename, content in (
        (WHEEL, wheel({name: "x"})),
        (SDIST, tar_bytes({"d/PKG-INFO": METADATA, name: "x"})),
        (CONDA, conda_v2({name: "x"})),
    ):
        with pytest.raises(UnsafeArchiveError) as caught:
            open_bytes(tmp_path, filename, content)
        assert caught.value.exit_status == 3
    assert files_outside(tmp_path) == []
    assert not list((tmp_path / "cache").glob("*/trees/*/*"))


@pytest.mark.parametrize("name", ["..py", "a..b.py", "demo/...py", "C.py", "demo/~x.py", "./demo.py", "demo//x.py"])
def test_a_name_that_only_looks_like_it_is_taken(tmp_path: Path, name: str) -> None:
    artifact = open_bytes(tmp_path, WHEEL, wheel({name: "x"}))
    assert len(artifact.python_files) == 1
    assert (artifact.root / artifact.python_files[0]).is_file()


def test_backslashes_of_old_archives_are_separators(tmp_path: Path) -> None:
    artifact = open_bytes(
        tmp_path, "demo-1.0.zip", zip_bytes({"demo-1.0\\setup.py": "", "demo-1.0\\demo\\__init__.py": "x"})
    )
    assert artifact.python_files == ("demo/__init__.py", "setup.py")


def test_links_are_left_out_and_counted(tmp_path: Path) -> None:
    content = sdist(
        {
            "demo/__init__.py": "",
            "demo/soft.py": entry(tarfile.SYMTYPE, "/etc/passwd"),
            "demo/hard.py": entry(tarfile.LNKTYPE, "/etc/passwd"),
            "demo/folder": entry(tarfile.SYMTYPE, "../../.."),
            "demo/folder/through.py": "x",
        }
    )
    artifact = open_bytes(tmp_path, SDIST, content)
    assert artifact.python_files == ("demo/__init__.py", "demo/folder/through.py")
    assert artifact.unreadable == (("demo/hard.py", "it is a link"), ("demo/soft.py", "it is a link"))
    assert artifact.notes == ("3 links in the archive were left out.",)
    assert not (artifact.root / "demo" / "folder").is_symlink()
    assert not list(tmp_path.glob("cache/through.py")) + list(tmp_path.glob("cache/*/through.py"))


def test_links_in_a_zip_are_left_out(tmp_path: Path) -> None:
    buffer = io.BytesIO(wheel({"demo.py": ""}))
    with zipfile.ZipFile(buffer, "a") as file:
        info = zipfile.ZipInfo("soft.py")
        info.external_attr = 0o120777 << 16
        file.writestr(info, "/etc/passwd")
    assert open_bytes(tmp_path, WHEEL, buffer.getvalue()).unreadable == (("soft.py", "it is a link"),)


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_devices_and_pipes_refuse_the_archive(tmp_path: Path, kind: bytes) -> None:
    with pytest.raises(UnsafeArchiveError, match="device or a pipe"):
        open_bytes(tmp_path, SDIST, sdist({"demo/x.py": entry(kind)}))


def _twice(content: str) -> bytes:
    buffer = io.BytesIO(wheel({"demo.py": "first"}))
    with zipfile.ZipFile(buffer, "a") as file, pytest.warns(UserWarning, match="Duplicate"):
        file.writestr("demo.py", content)
    return buffer.getvalue()


def test_two_members_with_one_name_count_where_they_agree(tmp_path: Path) -> None:
    artifact = open_bytes(tmp_path, WHEEL, _twice("first"))
    assert (artifact.root / "demo.py").read_text() == "first"
    assert any("twice" in note for note in artifact.notes)


def test_two_members_with_one_name_are_not_read_where_they_differ(tmp_path: Path) -> None:
    """Which of them is installed depends on the installer."""
    artifact = open_bytes(tmp_path, WHEEL, _twice("last"))
    assert artifact.unreadable == (("demo.py", "the archive holds it twice, with different contents"),)


def test_the_last_of_two_members_of_a_tar_counts(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as file:
        for content in (b"first", b"last"):
            info = tarfile.TarInfo("demo-1.0/demo.py")
            info.size = len(content)
            file.addfile(info, io.BytesIO(content))
    artifact = open_bytes(tmp_path, SDIST, buffer.getvalue())
    assert (artifact.root / "demo.py").read_text() == "last"


def _patched(content: bytes, *changes: tuple[str, int, bytes]) -> bytes:
    """A zip of one member `demo.py` with bytes replaced: in its `local` header, its `central` one, or at the `end`."""
    data = bytearray(content)
    signature = {"local": b"PK\3\4", "central": b"PK\1\2", "end": b"PK\5\6"}
    for place, offset, value in changes:
        at = data.rindex(signature[place]) + offset
        data[at : at + len(value)] = value
    return bytes(data)


ONE = zip_bytes({"demo.py": "import up"}, compressed=False)
DEFLATED = zip_bytes({"demo.py": "import up\n" * 9})
HIDDEN = zip_bytes({"demo.py": "import other"}, compressed=False)
SHORT = struct.pack("<III", zlib.crc32(b"import"), 6, 6)
SHORT_CHECKSUM, SHORT_SIZE = struct.pack("<I", zlib.crc32(b"import")), struct.pack("<I", 6)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (_patched(ONE, ("central", 16, SHORT)), "contradicts itself"),
        (_patched(ONE, ("local", 18, bytes(8))), "contradicts itself"),
        (_patched(ONE, ("local", 8, b"\x08\0")), "contradicts itself"),
        (_patched(DEFLATED, ("central", 24, struct.pack("<I", 6))), "contradicts itself"),
        (
            _patched(DEFLATED, ("local", 6, b"\x08\0"), ("central", 16, SHORT_CHECKSUM), ("central", 24, SHORT_SIZE)),
            "Bad CRC-32",
        ),
        (_patched(ONE, ("local", 6, b"\x08\0"), ("central", 16, bytes(12))), "contradicts itself"),
        (HIDDEN + ONE, "does not list"),
        (ONE + HIDDEN, "does not list"),
        (_patched(ONE, ("end", 20, struct.pack("<H", len(HIDDEN)))) + HIDDEN, "does not list"),
        (ONE[: ONE.rindex(b"PK\1\2")] + HIDDEN, "does not list"),
        (_patched(ONE, ("end", 16, b"\xf0\xff\xff\xff")), "cannot be read"),
    ],
)
def test_a_zip_that_two_readers_see_differently_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    with pytest.raises(BrokenArchiveError, match=problem):
        open_bytes(tmp_path, WHEEL, content)


@pytest.mark.parametrize(
    "content",
    [
        ONE,
        DEFLATED,
        zip_bytes({"demo.py": "x", "inner.zip": HIDDEN}, compressed=False),
        _patched(ONE, ("end", 20, b"\x03\0")) + b"abc",
        _patched(ONE, ("local", 6, b"\x08\0"), ("local", 14, bytes(12))),
    ],
    ids=["stored", "deflated", "a zip inside", "a comment", "sizes that follow"],
)
def test_a_zip_that_all_readers_see_alike_is_read(tmp_path: Path, content: bytes) -> None:
    assert open_bytes(tmp_path, WHEEL, content).python_files == ("demo.py",)


PARTS = tar_bytes({"d-1/PKG-INFO": METADATA, "d-1/a.py": "x"}, "w")
BODY = PARTS[: 512 * 4]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (BODY + b"x" * 512 + PARTS, "a header is damaged"),
        (BODY + bytes(512) + PARTS, "after its end"),
        (BODY + bytes(1024) + PARTS, "after its end"),
        (PARTS + b"x", "after its end"),
        (BODY, "only a part"),
        (BODY + bytes(100), "only a part"),
        (tar_bytes({"d-1/PKG-INFO": METADATA, "d-1/b.py": _renamed("")}, "w"), "without a name"),
    ],
)
def test_a_tar_with_members_that_no_reader_lists_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    with pytest.raises(BrokenArchiveError, match=problem):
        open_bytes(tmp_path, SDIST, gzip.compress(content))


@pytest.mark.parametrize("end", [bytes(512), bytes(1024), bytes(10240), bytes(100_000)])
def test_a_tar_ends_with_any_number_of_zeros(tmp_path: Path, end: bytes) -> None:
    assert open_bytes(tmp_path, SDIST, gzip.compress(BODY + end)).python_files == ("a.py",)


INFO, PKG = "info-demo-1.0-0.tar.zst", "pkg-demo-1.0-0.tar.zst"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({PKG: None}, "no pkg component"),
        ({INFO: None}, "no info component"),
        ({PKG: None, "pkg-demo-1.0-0.tar.bz2": b"x"}, "not a .tar.zst"),
        ({"pkg-other-1.0-0.tar.zst": b"x"}, "2 pkg components"),
        ({"info-other-1.0-0.tar.zst": b"x"}, "2 info components"),
    ],
)
def test_half_a_conda_package_is_refused(tmp_path: Path, change: dict[str, bytes | None], problem: str) -> None:
    with zipfile.ZipFile(io.BytesIO(conda_v2({"site-packages/demo.py": "x"}))) as file:
        files: dict[str, bytes | None] = {name: file.read(name) for name in file.namelist()}
    content = zip_bytes({name: data for name, data in (files | change).items() if data is not None}, compressed=False)
    with pytest.raises(BrokenArchiveError, match=problem):
        open_bytes(tmp_path, CONDA, content)


@pytest.mark.parametrize(
    ("folders", "name", "requires"),
    [
        (("demo-1.0", "zzz-9"), "demo", ("up<2",)),
        (("aaa-9", "demo-1.0"), "demo", ("up<2",)),
        (("Demo-1.0", "demo-1.0"), "demo", ()),
        (("aaa-9", "zzz-9"), "demo", ()),
    ],
)
def test_of_several_metadata_folders_only_that_of_the_wheel_counts(
    tmp_path: Path, folders: tuple[str, ...], name: str, requires: tuple[str, ...]
) -> None:
    texts = {
        f"{one}.dist-info/METADATA": f"Name: {one.partition('-')[0]}\nVersion: 1.0\nRequires-Dist: up<2\n"
        for one in folders
    }
    artifact = open_bytes(tmp_path, WHEEL, zip_bytes({"demo.py": "x", **texts}))
    assert (artifact.metadata.name, artifact.metadata.requires_dist) == (name, requires)
    assert any("2 .dist-info folders" in note for note in artifact.notes)


def test_names_that_differ_in_case_are_both_told(tmp_path: Path) -> None:
    artifact = open_bytes(tmp_path, WHEEL, wheel({"demo/a.py": "1", "demo/A.py": "2"}))
    told = {*artifact.python_files, *(path for path, _ in artifact.unreadable)}
    assert told == {"demo/a.py", "demo/A.py"}


def test_a_file_and_a_folder_of_one_name_do_not_crash(tmp_path: Path) -> None:
    artifact = open_bytes(tmp_path, WHEEL, wheel({"demo.py": "1", "demo.py/inner.py": "2"}))
    assert artifact.python_files == ("demo.py",)
    assert [path for path, _ in artifact.unreadable] == ["demo.py/inner.py"]


def test_names_that_are_not_utf8_are_recorded(tmp_path: Path) -> None:
    raw = tar_bytes({"demo-1.0/PKG-INFO": METADATA, "demo-1.0/caf_.py": "x"}, "w").replace(b"caf_", b"caf\xe9")
    fixed = bytearray(raw)
    start = raw.index(b"demo-1.0/caf\xe9")
    header = fixed[start : start + 512]
    header[148:156] = b" " * 8
    fixed[start + 148 : start + 156] = b"%06o\0 " % sum(header)
    artifact = open_bytes(tmp_path, SDIST, gzip.compress(bytes(fixed)))
    assert artifact.unreadable == (("caf\\xe9.py", "its name is not UTF-8"),)
    zipped = zip_bytes({"d/PKG-INFO": METADATA, "d/caf_.py": "x"}).replace(b"caf_", b"caf\xe9")
    artifact = open_bytes(tmp_path, "demo-1.0.zip", zipped)
    assert artifact.unreadable[0][1] == "its name is not UTF-8"


@pytest.mark.parametrize(
    "name", ["demo/" + "x" * 300 + ".py", "/".join(["d"] * 100) + "/x.py", "demo/a\nb.py", "demo/\x1b[31m.py"]
)
def test_names_no_file_system_should_see_are_recorded(tmp_path: Path, name: str) -> None:
    artifact = open_bytes(tmp_path, SDIST, sdist({"demo/__init__.py": "", name: "x"}))
    assert artifact.python_files == ("demo/__init__.py",)
    assert len(artifact.unreadable) == 1
    assert "\n" not in artifact.unreadable[0][0]
    assert "\x1b" not in artifact.unreadable[0][0]


@pytest.mark.parametrize(
    ("filename", "content"),
    [
        (WHEEL, b""),
        (WHEEL, b"<html>not found</html>"),
        (WHEEL, wheel({"demo.py": "x" * 5000})[:-40]),
        (WHEEL, wheel({"demo.py": "x" * 5000})[:100]),
        (SDIST, b"\x1f\x8b"),
        (SDIST, sdist({"demo.py": os.urandom(5000)})[:-300]),
        (SDIST, gzip.compress(b"not a tar")),
        (SDIST, gzip.compress(b"")),
        (CONDA, conda_v2({"site-packages/x.py": "x"})[:-60]),
        (CONDA, zip_bytes({"metadata.json": "{}"})),
        (CONDA, zip_bytes({"info-demo-1.0-0.tar.zst": b"nothing", "pkg-demo-1.0-0.tar.zst": b"nothing"})),
        ("demo-1.0.tar.bz2", b"BZh9garbage"),
        ("demo-1.0.tar.xz", b"\xfd7zXZ\x00garbage"),
        ("demo-1.0.tar.zst", b"\x28\xb5\x2f\xfdgarbage"),
    ],
    ids=[
        "empty",
        "page",
        "no-end",
        "head",
        "head-of-gzip",
        "half-gzip",
        "no-tar",
        "empty-gzip",
        "half",
        "no-info",
        "no-zstd",
        "bzip2",
        "xz",
        "zstd",
    ],
)
def test_what_is_no_whole_archive_is_refused(tmp_path: Path, filename: str, content: bytes) -> None:
    with pytest.raises(BrokenArchiveError) as caught:
        open_bytes(tmp_path, filename, content)
    assert caught.value.exit_status == 3
    assert filename in str(caught.value)
    assert not list((tmp_path / "cache").glob("*/trees/*/*"))


def test_a_member_whose_checksum_is_wrong_is_refused(tmp_path: Path) -> None:
    content = zip_bytes({"demo.py": "unmistakable", "demo-1.0.dist-info/METADATA": METADATA}, compressed=False)
    with pytest.raises(BrokenArchiveError):
        open_bytes(tmp_path, WHEEL, content.replace(b"unmistakable", b"unmistakeble"))


def test_an_encrypted_member_is_recorded(tmp_path: Path) -> None:
    content = bytearray(wheel({"demo/__init__.py": "", "secret.py": "x"}))
    for marker, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        name_at = {b"PK\x03\x04": 30, b"PK\x01\x02": 46}[marker]
        at = -1
        while (at := content.find(marker, at + 1)) >= 0:
            if content[at + name_at : at + name_at + 9] == b"secret.py":
                content[at + offset] |= 1
    assert open_bytes(tmp_path, WHEEL, bytes(content)).unreadable == (("secret.py", "it is encrypted"),)


@pytest.mark.parametrize(
    "limits",
    [Limits(members=5), Limits(total_size=10_000), Limits(ratio=10, ratio_from=1000)],
    ids=["members", "total", "ratio"],
)
@pytest.mark.parametrize("kind", [WHEEL, SDIST, CONDA])
def test_a_bomb_is_stopped(tmp_path: Path, kind: str, limits: Limits) -> None:
    files = {f"lib/python3.9/site-packages/demo/m{number}.py": "x" * 20_000 for number in range(9)}
    content = {WHEEL: wheel, SDIST: sdist, CONDA: conda_v2}[kind](files)
    assert open_bytes(tmp_path, kind, content).python_files
    with pytest.raises(TooLargeError, match="raise the limits"):
        open_bytes(tmp_path, kind, content, limits)


def test_a_bomb_in_files_that_nobody_reads_is_stopped_too(tmp_path: Path) -> None:
    content = sdist({"big.bin": b"\0" * 5_000_000})
    with pytest.raises(TooLargeError):
        open_bytes(tmp_path, SDIST, content, Limits(ratio=20, ratio_from=1_000_000))


def test_one_file_of_fifty_megabytes_is_left_out(tmp_path: Path) -> None:
    content = wheel({"demo/__init__.py": "", "demo/table.py": b"#" * 50_000_000})
    artifact = open_bytes(tmp_path, WHEEL, content, Limits(ratio=2000))
    assert artifact.python_files == ("demo/__init__.py",)
    assert artifact.unreadable == (("demo/table.py", "it is larger than 20971520 bytes"),)


def test_a_member_that_lies_about_its_size_is_read_within_bounds(tmp_path: Path) -> None:
    content = bytearray(wheel({"demo.py": "x" * 100_000}))
    at = content.find(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 10)
    with pytest.raises(BrokenArchiveError):
        open_bytes(tmp_path, WHEEL, bytes(content), Limits(file_size=50_000))


def test_a_header_that_announces_gigabytes_is_not_believed(tmp_path: Path) -> None:
    header = tarfile.TarInfo("././@PaxHeader")
    header.type, header.size = tarfile.XHDTYPE, 8 << 30
    content = gzip.compress(header.tobuf(tarfile.GNU_FORMAT) + b"\0" * 100_000)
    with pytest.raises(ArtifactError):
        open_bytes(tmp_path, SDIST, content)


def test_a_zip_directory_that_announces_gigabytes_is_not_read(tmp_path: Path) -> None:
    content = bytearray(wheel({"demo.py": ""}))
    at = content.rfind(b"PK\x05\x06")
    content[at + 12 : at + 16] = struct.pack("<I", 0xFFFFFFF0)
    with pytest.raises(ArtifactError):
        open_bytes(tmp_path, WHEEL, bytes(content))


def test_odd_documents_in_a_conda_package_are_tolerated(tmp_path: Path) -> None:
    for info in (
        conda_info(link="[]"),
        conda_info(link='{"noarch": 1}'),
        {"info/index.json": "not json"},
        {"info/index.json": '{"depends": 1, "name": 2}'},
    ):
        artifact = open_bytes(tmp_path, CONDA, conda_v2({"site-packages/demo.py": ""}, info))
        assert artifact.python_files == ("demo.py",)


def test_errors_survive_the_way_between_processes(tmp_path: Path) -> None:
    import pickle

    with pytest.raises(UnsafeArchiveError) as caught:
        open_bytes(tmp_path, WHEEL, wheel({"../evil.py": ""}))
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.member, again.exit_status) == (str(caught.value), caught.value.member, 3)


@pytest.mark.parametrize("kind", [errno.ENOSPC, errno.EFBIG, errno.ENOMEM])
def test_a_full_disk_is_not_remembered_as_a_package_without_that_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: int
) -> None:
    real = Path.open
    full = True

    def write(self: Path, mode: str = "r", *given: Any, **named: Any) -> Any:
        if full and "b" in mode and self.name == "lost.py" and mode != "rb":
            raise OSError(kind, "No space left on device")
        return real(self, mode, *given, **named)

    monkeypatch.setattr(Path, "open", write)
    content = wheel({"demo/lost.py": "x = 1\n"})
    with pytest.raises(OSError, match="No space left"):
        open_bytes(tmp_path, WHEEL, content)
    full = False
    assert "demo/lost.py" in open_bytes(tmp_path, WHEEL, content).python_files
