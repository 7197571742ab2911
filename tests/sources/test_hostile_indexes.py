"""An index is a stranger: it names no file of this machine, and nothing that it says is believed unchecked."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import pytest
from source_builders import wheel_bytes

from tailrace.sources import DownloadError, Sources, SourceSettings, UnknownVersionError, UnreachableError
from tailrace.sources.errors import SourceError
from tailrace.sources.pages import PageError, read_page

HOST = "https://index.example/simple"
WHEEL = wheel_bytes("demo", "1.0")
SHA256 = hashlib.sha256(WHEEL).hexdigest()
NAME = "demo-1.0-py3-none-any.whl"
JSON = {"Content-Type": "application/vnd.pypi.simple.v1+json"}
HTML = {"Content-Type": "text/html"}


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tailrace.sources.download.PAUSE", 0.0)


def ask(tmp_path: Path, answers: dict[str, tuple[int, bytes, dict[str, str]]]) -> Sources:
    """Sources of one index whose server gives these answers."""
    import httpx2

    def answer(request: httpx2.Request) -> httpx2.Response:
        status, content, headers = answers.get(request.url.path, (404, b"", {}))
        return httpx2.Response(status, stream=httpx2.ByteStream(content), headers=headers)

    sources = Sources(SourceSettings(index_urls=(HOST,), find_links=(), cache_dir=tmp_path / "cache"))
    sources.downloader.transport = httpx2.MockTransport(answer)
    return sources


def listing(*entries: object) -> tuple[int, bytes, dict[str, str]]:
    return 200, json.dumps({"meta": {"api-version": "1.0"}, "name": "demo", "files": entries}).encode(), JSON


def entry(**fields: object) -> dict[str, object]:
    return {"filename": NAME, "url": f"/files/{NAME}", "hashes": {"sha256": SHA256}} | fields


FILE = {f"/files/{NAME}": (200, WHEEL, {})}


@pytest.mark.parametrize(
    ("hashes", "says"),
    [
        ({"sha256": "{folder}"}, "no valid sha256"),
        ({"sha256": "../" * 20 + "{folder}"}, "no valid sha256"),
        ({"sha256": ""}, "no valid sha256"),
        ({"sha256": SHA256[:-1]}, "no valid sha256"),
        ({"sha256": SHA256 + "00"}, "no valid sha256"),
        ({"sha256": "g" * 64}, "no valid sha256"),
        ({"sha256": "٣" * 64}, "no valid sha256"),
        ({"sha256": f"{SHA256[:-1]}\n"}, "no valid sha256"),
        ({"sha256": 7}, "no valid sha256"),
        ({"sha256": None}, "no valid sha256"),
        ({"sha256": [SHA256]}, "no valid sha256"),
        ({"sha256": "{folder}", "md5": hashlib.md5(WHEEL).hexdigest()}, "no valid sha256"),
        ({"blake2b": "00"}, "not known"),
        ({"crc32": SHA256}, "not known"),
        ({"sha256 ": SHA256}, "not known"),
        ({"sha256": "0" * 64}, "the index promises"),
        ({"md5": "0" * 32}, "the index promises"),
        ({"sha256": SHA256, "md5": "0" * 32}, None),  # the stronger one is enough
        ({"sha256": SHA256}, None),
        ({"SHA256": SHA256.upper()}, None),
        ({"md5": hashlib.md5(WHEEL).hexdigest()}, None),
        ({"blake2b": "00", "sha256": SHA256}, None),
        ({}, None),
        (None, None),
        ("nonsense", None),
    ],
)
def test_a_hash_is_checked_before_it_becomes_a_path(tmp_path: Path, hashes: object, says: str | None) -> None:
    folder = tmp_path / "private"
    folder.mkdir()
    (folder / NAME).write_bytes(wheel_bytes("demo", "1.0", {"demo/__init__.py": "secret = 1\n"}))
    text = json.loads(json.dumps(hashes).replace("{folder}", str(folder)))
    sources = ask(tmp_path, {"/simple/demo/": listing(entry(hashes=text)), **FILE})
    if says is None:
        assert sources.locate("demo==1.0").path.read_bytes() == WHEEL
        return
    with pytest.raises(DownloadError, match=says) as caught:
        sources.locate("demo==1.0")
    assert caught.value.exit_status == 3


@pytest.mark.parametrize(
    "fields",
    [
        {"url": "file://{folder}/" + NAME},
        {"url": "FILE://{folder}/" + NAME},
        {"url": " file://{folder}/" + NAME},
        {"url": "fi\nle://{folder}/" + NAME},
        {"url": "file:{folder}/" + NAME},
        {"url": "file://localhost{folder}/" + NAME},
        {"url": "ftp://index.example/" + NAME},
        {"url": "{folder}/" + NAME, "filename": "../" + NAME},
        {"filename": "../" + NAME},
        {"filename": "/etc/" + NAME},
        {"filename": "a\\" + NAME},
        {"filename": "." + NAME},
        {"filename": "demo-1.0-py3-none-any.whl\x00"},
        {"filename": "x" * 300 + ".whl"},
        {"filename": "other-1.0-py3-none-any.whl"},
        {"filename": "demo-1.0-py3-none.whl"},
        {"filename": "demo-not.a.version!-py3-none-any.whl"},
        {"url": None},
        {"url": ["/files/" + NAME]},
        {"url": "http://[::1/" + NAME},
        {"url": "https://index.example:notaport/" + NAME},
        {"url": "/files/" + "a" * 10_000 + NAME},
    ],
)
def test_an_odd_entry_is_passed_over_and_the_others_serve(tmp_path: Path, fields: dict[str, object]) -> None:
    (tmp_path / NAME).write_bytes(b"secret")
    odd = entry(**{k: v.replace("{folder}", str(tmp_path)) if isinstance(v, str) else v for k, v in fields.items()})
    with pytest.raises(SourceError):
        ask(tmp_path / "1", {"/simple/demo/": listing(odd), **FILE}).locate("demo==1.0")
    sound = entry(filename="demo-0.9-py3-none-any.whl", url="/files/demo-0.9.whl")
    for entries in ((odd, sound), (sound, odd), (None, sound), (7, sound), ([], sound), ("", sound)):
        sources = ask(tmp_path / "2", {"/simple/demo/": listing(*entries)})
        assert sources.resolve("demo").version == "0.9"


@pytest.mark.parametrize(
    "fields",
    [
        {"upload-time": "the day before yesterday"},
        {"upload-time": 5},
        {"requires-python": 3},
        {"requires-python": ">=" * 100_000},
        {"yanked": {"a": 1}},
        {"core-metadata": [[]]},
        {"size": "many"},
        {"hashes": {"sha256": SHA256, "md5" * 40: 1}},
    ],
)
def test_an_odd_field_does_not_spoil_its_entry(tmp_path: Path, fields: dict[str, object]) -> None:
    sources = ask(tmp_path, {"/simple/demo/": listing(entry(**fields)), **FILE})
    assert sources.locate("demo==1.0").path.read_bytes() == WHEEL


def test_the_history_of_a_name_is_in_order_of_versions_and_says_when_each_came(tmp_path: Path) -> None:
    def of(version: str, **fields: object) -> dict[str, object]:
        return entry(filename=f"demo-{version}-py3-none-any.whl", url=f"/files/demo-{version}.whl", **fields)

    listed = listing(
        of("1.10", **{"upload-time": "2024-05-01T00:00:00Z"}),
        of("1.9", **{"upload-time": "2024-06-01T00:00:00Z"}),
        {"filename": "demo-1.9.tar.gz", "url": "/files/demo-1.9.tar.gz", "upload-time": "2024-04-01T00:00:00Z"},
        # Left out: a pre-release, a yanked one, one without a time.
        of("2.0rc1", **{"upload-time": "2024-07-01T00:00:00Z"}),
        of("1.11", **{"upload-time": "2024-07-01T00:00:00Z", "yanked": "broken"}),
        of("1.12"),
    )
    history = ask(tmp_path, {"/simple/demo/": listed}).history("Demo")
    assert [(version, moment.isoformat()) for version, moment in history] == [
        ("1.9", "2024-04-01T00:00:00+00:00"),
        ("1.10", "2024-05-01T00:00:00+00:00"),
    ]


def test_the_file_name_of_an_entry_counts_and_not_the_end_of_its_address(tmp_path: Path) -> None:
    listed = listing(
        entry(filename=NAME, url="/files/by-hash/0123"),
        entry(filename="demo-2.0-py3-none-any.whl", url=f"/files/{NAME}", yanked="no"),
    )
    sources = ask(tmp_path, {"/simple/demo/": listed, "/files/by-hash/0123": (200, WHEEL, {})})
    assert sources.resolve("demo").filename == NAME
    assert sources.locate("demo==1.0").path.read_bytes() == WHEEL
    assert sources.resolve("demo==2.0").version == "2.0"


@pytest.mark.parametrize(
    "html",
    [
        '<base href="file://{folder}/"><a href="{name}">x</a>',
        '<BASE HREF="FILE:{folder}/"><A HREF="{name}">x</A>',
        '<a href="file://{folder}/{name}#sha256=">x</a>',
        '<a href="file://{folder}/{name}">x</a>',
        '<a href="data:,{name}">x</a>',
        '<a href="//[/{name}">x</a>',
    ],
)
def test_a_page_of_the_web_offers_no_file_of_this_machine(tmp_path: Path, html: str) -> None:
    (tmp_path / NAME).write_bytes(WHEEL)
    body = html.format(folder=tmp_path, name=NAME).encode()
    with pytest.raises(SourceError):
        ask(tmp_path, {"/simple/demo/": (200, body, HTML)}).locate("demo==1.0")


@pytest.mark.parametrize("target", ["file://{folder}/{name}", "FILE:{folder}/{name}", "ftp://h/x", "http://[", "//"])
@pytest.mark.parametrize("what", ["page", "file"])
def test_a_server_does_not_send_on_to_this_machine(tmp_path: Path, target: str, what: str) -> None:
    (tmp_path / NAME).write_bytes(WHEEL)
    (tmp_path / "index.html").write_text(f'<a href="{NAME}">x</a>')
    place = target.format(folder=tmp_path, name=NAME if what == "file" else "index.html")
    moved = (302, b"", {"Location": place})
    answers = {"/simple/demo/": moved if what == "page" else listing(entry(hashes={})), f"/files/{NAME}": moved}
    with pytest.raises(SourceError) as caught:
        ask(tmp_path, answers).locate("demo==1.0")
    assert caught.value.exit_status == 3


def test_a_server_may_send_on_to_another(tmp_path: Path) -> None:
    answers = {
        "/simple/demo/": (301, b"", {"Location": "/elsewhere/demo/"}),
        "/elsewhere/demo/": (200, f'<a href="../{NAME}#sha256={SHA256}">x</a>'.encode(), HTML),
        f"/elsewhere/{NAME}": (200, WHEEL, {}),
    }
    assert ask(tmp_path, answers).locate("demo==1.0").path.read_bytes() == WHEEL


def test_a_compressed_page_is_read_up_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tailrace.sources.download.PAGE_LIMIT", 1 << 20)
    page = f'<a href="/files/{NAME}#sha256={SHA256}">x</a>'.encode()
    packed = {"gzip": gzip.compress(page), "gzip, gzip": gzip.compress(gzip.compress(page))}
    for encoding, content in packed.items():
        sources = ask(
            tmp_path / encoding, {"/simple/demo/": (200, content, HTML | {"Content-Encoding": encoding}), **FILE}
        )
        assert sources.locate("demo==1.0").path.read_bytes() == WHEEL
    bomb = gzip.compress(b" " * (8 << 20))
    for encoding, content in {"gzip": bomb, "gzip, gzip": gzip.compress(bomb), "identity": b" " * (2 << 20)}.items():
        with pytest.raises(UnreachableError, match="larger than"):
            ask(tmp_path / "bomb", {"/simple/demo/": (200, content, HTML | {"Content-Encoding": encoding})}).resolve(
                "demo==1.0"
            )


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"[" * 100_000, JSON),
        (b'{"files": ' + b"[" * 100_000, JSON),
        (b'{"files": {}}', JSON),
        (b'{"files": null}', JSON),
        (b"[]", JSON),
        (b"null", JSON),
        (b"\xff\xfe", JSON),
        (b"{", JSON),
        (b"%PDF", {"Content-Type": "application/pdf"}),
        (b"x", {}),
        (b"<a " + b"x" * (3 << 20), HTML),
    ],
)
def test_a_page_that_is_none_is_not_an_empty_one(tmp_path: Path, body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(UnreachableError) as caught:
        ask(tmp_path, {"/simple/demo/": (200, body, headers)}).resolve("demo==1.0")
    assert caught.value.exit_status == 3


def test_a_page_offers_a_bounded_number_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tailrace.sources.pages.FILES_LIMIT", 10)
    page = '<a href="demo-1.0.tar.gz">x</a>' * 11
    with pytest.raises(PageError, match="more than 10 files"):
        read_page(page.encode(), "text/html", HOST)


def test_a_file_in_the_cache_is_checked_when_it_is_used(tmp_path: Path) -> None:
    answers = {"/simple/demo/": listing(entry()), **FILE}
    path = ask(tmp_path, answers).locate("demo==1.0").path
    path.write_bytes(b"something else")
    assert ask(tmp_path, answers).locate("demo==1.0").path.read_bytes() == WHEEL


def test_no_release_is_no_page(tmp_path: Path) -> None:
    with pytest.raises(UnknownVersionError):
        ask(tmp_path, {"/simple/demo/": listing(entry())}).resolve("demo==3.0")
