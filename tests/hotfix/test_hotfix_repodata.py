"""Repodata is read bounded, written whole or not at all, and keeps all it has that was not to be changed."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from tailrace.conda.repodata import SECTIONS, with_records
from tailrace.hotfix import RepodataError, decode_repodata, encode_repodata, read_repodata, write_repodata

RECORD = {"name": "a", "version": "1", "build": "0", "depends": ["b"]}
TEXT = (
    '{"info": {"subdir":"linux-64", "new_key": [1.50]}, "packages": {"a-1-0.tar.bz2": {"version": "1", "name": "a", '
    '"build": "0", "size": 12345678901234567890, "later": {"x": 1e3}}}, "unknown": null, '
    '"packages.conda": {}, "removed": []}'
)


def encoded(text: str | bytes) -> Any:
    return msgspec.json.decode(text)


def test_unchanged_records_stay_byte_for_byte_and_keys_in_order() -> None:
    repodata = decode_repodata(TEXT.encode())
    written = b"".join(encode_repodata(repodata)).decode()
    assert '"size": 12345678901234567890, "later": {"x": 1e3}' in written
    assert list(encoded(written)) == list(encoded(TEXT))
    assert encoded(written) == encoded(TEXT)
    assert repodata.subdir == "linux-64"


def test_replaced_records_keep_their_place_and_strangers_are_not_added() -> None:
    files = {f"{name}-1-0.conda": RECORD | {"name": name} for name in "abc"}
    repodata = decode_repodata(msgspec.json.encode({"packages.conda": files}))
    new = RECORD | {"name": "b", "depends": []}
    after = with_records(repodata, {"packages.conda": {"b-1-0.conda": new, "z-1-0.conda": new}})
    assert list(after.packages_conda) == list(files)
    assert after.packages_conda["b-1-0.conda"] == new
    assert repodata.packages_conda["b-1-0.conda"]["depends"] == ["b"]
    assert list(encoded(b"".join(encode_repodata(after)))) == ["packages.conda"]


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)


@given(st.dictionaries(st.text(max_size=5).filter(lambda key: key not in {*SECTIONS, "info", "removed"}), JSON), JSON)
def test_what_is_not_known_survives(extra: dict[str, Any], odd: Any) -> None:
    given_ = {"packages": {"a.tar.bz2": RECORD | {"odd": odd}, "": RECORD}} | extra | {"packages.conda": {}}
    assert encoded(b"".join(encode_repodata(decode_repodata(msgspec.json.encode(given_))))) == given_


@pytest.mark.parametrize("name", ["repodata.json", "repodata.json.zst"])
def test_files_are_read_as_they_were_written(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write_repodata(decode_repodata(TEXT.encode()), path)
    assert encoded(b"".join(encode_repodata(read_repodata(path)))) == encoded(TEXT)
    assert [one.name for one in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (TEXT[:100].encode(), "is cut short or not repodata"),
        (b"<html>404</html>", "is cut short or not repodata"),
        (b"\xff\xfe", "is cut short or not repodata"),
        (b"[]", "is cut short or not repodata"),
        (b"{}", 'has neither "packages" nor "packages.conda"'),
        (b'{"packages": []}', '"packages" must be a mapping of file names to records'),
        (b'{"packages": {}, "info": 1}', '"info" must be a mapping'),
        (b'{"packages": {}, "info": {"subdir": 64}}', '"info" needs text as its "subdir"'),
        (b'{"packages": {}, "removed": {"a": 1}}', '"removed" must be a list of file names'),
        (zstandard.compress(TEXT.encode())[:40], "cut short"),
        (zstandard.compress(TEXT.encode())[:-4] + b"zzzz", "is not a whole zstd stream"),
        (b"[" * 100_000, "is cut short or not repodata"),
    ],
)
def test_a_file_that_is_no_repodata_is_one_clear_sentence(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "repodata.json"
    path.write_bytes(data)
    with pytest.raises(RepodataError) as caught:
        read_repodata(path)
    assert said in str(caught.value) or (data[:4] == zstandard.FRAME_HEADER and "empty" in str(caught.value))
    assert caught.value.exit_status == 3
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ([], "is not a mapping of fields"),
        ("a", "is not a mapping of fields"),
        ({"version": "1", "build": "0"}, 'needs text as its "name"'),
        (RECORD | {"version": 1}, 'needs text as its "version"'),
        (RECORD | {"depends": "b"}, 'needs a list of texts as its "depends"'),
        (RECORD | {"depends": ["b", 1]}, 'needs a list of texts as its "depends"'),
        (RECORD | {"constrains": {"b": "1"}}, 'needs a list of texts as its "constrains"'),
    ],
)
def test_a_record_of_wrong_types_is_named(record: Any, said: str) -> None:
    repodata = decode_repodata(msgspec.json.encode({"packages": {"a-1-0.tar.bz2": record}}), "here.json")
    with pytest.raises(RepodataError, match=r"here\.json") as caught:
        list(repodata.packages.items())
    assert said in str(caught.value)
    assert '"a-1-0.tar.bz2" in "packages"' in str(caught.value)


@pytest.mark.parametrize("record", [{k: v for k, v in RECORD.items() if k != "depends"}, RECORD | {"depends": None}])
def test_records_without_dependencies_are_well(record: dict[str, Any]) -> None:
    repodata = decode_repodata(msgspec.json.encode({"packages": {"a-1-0.tar.bz2": record}}))
    assert dict(repodata.packages) == {"a-1-0.tar.bz2": record}


def test_a_small_file_that_unpacks_to_a_large_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "repodata.json.zst"
    path.write_bytes(zstandard.compress(b" " * 4_000_000 + TEXT.encode()))
    with pytest.raises(RepodataError, match="larger than 1 MB"):
        read_repodata(path, max_bytes=1 << 20)
    assert len(read_repodata(path)) == 1


def test_what_cannot_be_read_or_written_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RepodataError, match="cannot be read: No such file"):
        read_repodata(tmp_path / "gone.json")
    with pytest.raises(RepodataError, match="cannot be read"):
        read_repodata(tmp_path)
    repodata = decode_repodata(TEXT.encode())
    with pytest.raises(RepodataError, match="cannot be written"):
        write_repodata(repodata, tmp_path / "nowhere" / "repodata.json")
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(RepodataError, match="cannot be written"):
        write_repodata(repodata, folder)
    assert [one.name for one in tmp_path.iterdir()] == ["folder"]


def test_a_failure_halfway_keeps_the_old_file(tmp_path: Path) -> None:
    from tailrace.conda.files import write_atomically

    path = tmp_path / "repodata.json"
    path.write_text("old")

    def pieces() -> Any:
        yield b"new"
        raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        write_atomically(path, pieces())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("data", "one_frame", "expected"),
    [
        (zstandard.compress(b"ab"), True, b"ab"),
        (zstandard.compress(b"ab") + zstandard.compress(b"c"), False, b"abc"),
        (zstandard.compress(b"ab") + zstandard.compress(b"c"), True, "has data after its end"),
        (zstandard.compress(b"ab")[:-1], False, "is cut short"),
        (zstandard.compress(b"ab") + zstandard.compress(b"cd")[:-1], False, "is cut short"),
        (b"", False, "is cut short"),
        (b"plain", False, "is not a whole zstd stream"),
        (zstandard.compress(b"a" * 9), False, "is larger than 0 MB"),
    ],
)
def test_zstd_is_unpacked_whole_or_not_at_all(data: bytes, one_frame: bool, expected: bytes | str) -> None:
    from tailrace.conda.files import UnpackError, unpack_zst

    pieces = [data[start : start + 3] for start in range(0, len(data), 3)]
    if isinstance(expected, bytes):
        assert unpack_zst(pieces, 8, one_frame=one_frame) == expected
    else:
        with pytest.raises(UnpackError, match=expected):
            unpack_zst(pieces, 8, one_frame=one_frame)
