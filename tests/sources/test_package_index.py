"""From a name and a version to one file of one release."""

from __future__ import annotations

import dataclasses
import hashlib
import pickle
from pathlib import Path

import pytest
from packaging.version import Version
from source_builders import Index, sdist_bytes, wheel_bytes

from tailrace.sources import (
    DownloadError,
    NoPreviousError,
    OfflineError,
    PathError,
    Sources,
    SourceSettings,
    UnknownNameError,
    UnknownVersionError,
    UnreachableError,
)
from tailrace.sources.choice import order_files
from tailrace.sources.errors import SourceError
from tailrace.sources.pypi import nearest_versions


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return Index(tmp_path / "index")


def test_a_pinned_release_is_found_and_its_file_checked(index: Index, tmp_path: Path) -> None:
    file = index.add("Demo_Pkg-1.0-py3-none-any.whl", attributes='data-requires-python="&gt;=3.8"')
    located = index.sources(tmp_path).locate("demo.pkg==1.0")
    release = located.release
    assert (release.name, release.version, release.spec) == ("demo-pkg", "1.0", "demo-pkg==1.0")
    assert release.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert release.requires_python == ">=3.8"
    assert located.path == file


@pytest.mark.parametrize(
    ("spec", "version"),
    [
        ("demo", "2.0"),
        ("demo>=1,<2", "1.5"),
        ("demo==1.0.0", "1.0"),
        ("demo==3.0b1", "3.0b1"),
        ("demo>=3.0a1", "3.0b1"),
        ("demo==2.5", "2.5"),
        ("demo==1.*", "1.5"),
    ],
)
def test_the_highest_fitting_release_is_taken(index: Index, tmp_path: Path, spec: str, version: str) -> None:
    for number in ("1.0", "1.5", "2.0", "3.0b1"):
        index.add(f"demo-{number}-py3-none-any.whl")
    index.add("demo-2.5-py3-none-any.whl", attributes='data-yanked="broken"')
    release = index.sources(tmp_path).resolve(spec)
    assert release.version == version
    assert release.yanked is (version == "2.5")
    assert release.yanked_reason == ("broken" if version == "2.5" else None)


def test_prereleases_are_taken_when_asked_for_or_alone(index: Index, tmp_path: Path) -> None:
    index.add("demo-1.0-py3-none-any.whl")
    index.add("demo-2.0rc1-py3-none-any.whl")
    index.add("early-0.1a1-py3-none-any.whl")
    assert index.sources(tmp_path, allow_prereleases=True).resolve("demo").version == "2.0rc1"
    assert index.sources(tmp_path).resolve("early").version == "0.1a1"


@dataclasses.dataclass
class Offered:
    filename: str
    yanked_reason: str | None = None


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("a-1-py3-none-any.whl", "a-1-cp313-cp313-manylinux_2_17_x86_64.whl"),
        ("a-1-py2.py3-none-any.whl", "a-1-py2-none-any.whl"),
        ("a-1-cp313-cp313-HERE.whl", "a-1-cp39-cp39-HERE.whl"),
        ("a-1-cp39-cp39-HERE.whl", "a-1-cp313-cp313-elsewhere_1_0.whl"),
        ("a-1-cp313-cp313-HERE.whl", "a-1-cp313-cp313t-HERE.whl"),
        ("a-1-cp27-cp27mu-elsewhere_1_0.whl", "a-1.tar.gz"),
        ("a-1-2-py3-none-any.whl", "a-1-1-py3-none-any.whl"),
        ("a-1.tar.gz", "a-1.zip"),
    ],
)
def test_which_file_of_a_release_is_read(better: str, worse: str) -> None:
    from packaging.tags import platform_tags

    here = next(iter(platform_tags()))
    files = [Offered(name.replace("HERE", here)) for name in (worse, better)]
    assert order_files(files)[0] is files[1]
    assert order_files(files[::-1])[0] is files[1]


def test_a_sound_file_goes_before_a_yanked_one() -> None:
    files = [Offered("a-1-py3-none-any.whl", ""), Offered("a-1.tar.gz")]
    assert order_files(files)[0] is files[1]


def test_the_source_distribution_of_the_same_release_can_be_had(index: Index, tmp_path: Path) -> None:
    index.add("demo-1.0-py3-none-any.whl")
    index.add("demo-1.0.tar.gz")
    index.add("only-1.0-py3-none-any.whl")
    sources = index.sources(tmp_path)
    source = sources.sdist(sources.resolve("demo==1.0"))
    assert source is not None
    assert source.filename == "demo-1.0.tar.gz"
    assert sources.locate(source).path.name == "demo-1.0.tar.gz"
    assert sources.sdist(sources.resolve("only==1.0")) is None


@pytest.mark.parametrize(
    ("candidate", "expected"),
    [("2.0", "1.5"), ("1.5", "1.0"), ("3.0b2", "3.0b1"), ("3.1", "2.5"), ("2.5", "2.0")],
)
def test_the_previous_release_is_the_highest_sound_one_below(
    index: Index, tmp_path: Path, candidate: str, expected: str
) -> None:
    for number in ("1.0", "1.5", "2.0", "2.5", "3.0b1", "3.0b2", "3.1"):
        index.add(f"demo-{number}-py3-none-any.whl")
    index.add("demo-1.9-py3-none-any.whl", attributes='data-yanked=""')
    sources = index.sources(tmp_path)
    assert sources.previous(sources.resolve(f"demo=={candidate}")).version == expected


def test_the_first_release_has_none_before_it(index: Index, tmp_path: Path) -> None:
    index.add("demo-1.0-py3-none-any.whl")
    sources = index.sources(tmp_path)
    with pytest.raises(NoPreviousError, match="--baseline"):
        sources.previous(sources.resolve("demo==1.0"))


def test_an_unknown_version_names_the_nearest(index: Index, tmp_path: Path) -> None:
    for number in ("1.0", "2.0.1", "2.0.2"):
        index.add(f"demo-{number}-py3-none-any.whl")
    with pytest.raises(UnknownVersionError) as caught:
        index.sources(tmp_path).resolve("demo==2.0.3")
    assert caught.value.nearest[:2] == ("2.0.2", "2.0.1")
    assert caught.value.exit_status == 2


def test_an_unknown_name_names_its_lookalikes(index: Index, tmp_path: Path) -> None:
    index.add("markupsafe-1.0-py3-none-any.whl")
    with pytest.raises(UnknownNameError) as caught:
        index.sources(tmp_path).resolve("markup-safe==1.0")
    assert caught.value.nearest == ("markupsafe",)
    assert caught.value.exit_status == 2


def test_an_unknown_name_names_those_like_it_that_were_found_before(index: Index, tmp_path: Path) -> None:
    index.add("markupsafe-1.0-py3-none-any.whl")
    index.add("unlike-1.0-py3-none-any.whl")
    for known in ("markupsafe", "unlike"):
        index.sources(tmp_path).resolve(known)
    with pytest.raises(UnknownNameError) as caught:
        index.sources(tmp_path).resolve("markpusaf==1.0")
    assert caught.value.nearest == ("markupsafe",)


def test_offline_a_version_that_the_local_folder_lacks_is_not_said_to_be_unknown(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "demo-3.0-py3-none-any.whl").write_bytes(wheel_bytes("demo", "3.0"))
    settings = SourceSettings(
        index_urls=("https://index.example.org/simple",),
        find_links=(str(tmp_path / "wheels"),),
        cache_dir=tmp_path / "cache",
        offline=True,
    )
    with pytest.raises(OfflineError, match=r"demo==2\.0"):
        Sources(settings).resolve("demo==2.0")
    assert Sources(settings).resolve("demo==3.0").version == "3.0"


def test_missing_folders_of_an_index_are_no_error(index: Index, tmp_path: Path) -> None:
    index.add("demo-1.0-py3-none-any.whl")
    sources = index.sources(
        tmp_path, extra_index_urls=((tmp_path / "none").as_uri(),), find_links=(str(tmp_path / "nowhere"),)
    )
    assert sources.resolve("demo").version == "1.0"


def test_find_links_folders_are_looked_into(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "demo-1.0-py3-none-any.whl").write_bytes(wheel_bytes("demo", "1.0"))
    settings = SourceSettings(index_urls=(), find_links=(str(tmp_path / "wheels"),), cache_dir=tmp_path / "cache")
    located = Sources(settings).locate("demo==1.0")
    assert located.path == tmp_path / "wheels" / "demo-1.0-py3-none-any.whl"


def test_a_wrong_hash_is_refused(index: Index, tmp_path: Path) -> None:
    index.add("demo-1.0-py3-none-any.whl", sha256="0" * 64)
    with pytest.raises(DownloadError) as caught:
        index.sources(tmp_path).locate("demo==1.0")
    assert caught.value.exit_status == 3


def test_a_pinned_release_at_hand_needs_no_index(index: Index, tmp_path: Path) -> None:
    index.add("demo-1.0-py3-none-any.whl")
    first = index.sources(tmp_path).locate("demo==1.0")
    (index.root / "demo" / "index.html").unlink()
    again = index.sources(tmp_path)
    assert again.locate("demo==1.0") == first
    assert "session" not in again.downloader.__dict__
    with pytest.raises(UnknownNameError):
        index.sources(tmp_path, refresh=True).resolve("demo==1.0")


def test_sources_travel_to_other_processes(index: Index, tmp_path: Path) -> None:
    index.add("demo-1.0-py3-none-any.whl")
    sources = index.sources(tmp_path)
    sources.resolve("demo==1.0")
    assert pickle.loads(pickle.dumps(sources)).resolve("demo==1.0").version == "1.0"


# The rest looks at bad networks: the wire is replaced, everything above it is real.

HOST = "https://index.example/simple"
WHEEL = wheel_bytes("demo", "1.0")


class Wire:
    """Answers by path; counts what was asked."""

    def __init__(self, tmp_path: Path, answers: dict[str, object], **settings: object) -> None:
        import httpx2

        self.asked: list[str] = []

        def answer(request: httpx2.Request) -> httpx2.Response:
            self.asked.append(request.url.path)
            found = answers.get(request.url.path, 404)
            if isinstance(found, Exception):
                raise found
            if isinstance(found, int):
                return httpx2.Response(found, text="")
            content, headers = found if isinstance(found, tuple) else (found, {})
            return httpx2.Response(200, content=content, headers={"Content-Type": "text/html", **headers})

        given = {"index_urls": (HOST,), "find_links": (), "cache_dir": tmp_path / "cache"} | settings
        self.sources = Sources(SourceSettings(**given))  # type: ignore[arg-type]
        self.sources.downloader.transport = httpx2.MockTransport(answer)


def page(*names: str, sha256: str = hashlib.sha256(WHEEL).hexdigest()) -> bytes:
    return "".join(f'<a href="/files/{name}#sha256={sha256}">{name}</a>' for name in names).encode()


GOOD = {"/simple/demo/": page("demo-1.0-py3-none-any.whl"), "/files/demo-1.0-py3-none-any.whl": WHEEL}


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tailrace.sources.download.PAUSE", 0.0)


def test_a_download_is_kept_and_never_asked_for_again(tmp_path: Path) -> None:
    wire = Wire(tmp_path, GOOD)
    path = wire.sources.locate("demo==1.0").path
    assert path.read_bytes() == WHEEL
    second = Wire(tmp_path, {})
    assert second.sources.locate("demo==1.0").path == path
    assert second.asked == []


def test_offline_uses_what_is_kept_and_says_so_when_nothing_is(tmp_path: Path) -> None:
    with pytest.raises(OfflineError, match="Run once without --offline"):
        Wire(tmp_path, GOOD, offline=True).sources.locate("demo==1.0")
    Wire(tmp_path, GOOD).sources.locate("demo==1.0")
    offline = Wire(tmp_path, {}, offline=True)
    assert offline.sources.locate("demo").release.version == "1.0"
    assert offline.asked == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (WHEEL + b"x", DownloadError),
        (b"", DownloadError),
        ((WHEEL[:50], {"Content-Length": str(len(WHEEL))}), UnreachableError),
        (404, UnreachableError),
        (503, UnreachableError),
        (OSError("connection reset"), UnreachableError),
    ],
    ids=["other-bytes", "nothing", "half", "missing", "down", "reset"],
)
def test_a_bad_download_leaves_nothing_behind(tmp_path: Path, answer: object, error: type[Exception]) -> None:
    wire = Wire(tmp_path, GOOD | {"/files/demo-1.0-py3-none-any.whl": answer})
    with pytest.raises(error) as caught:
        wire.sources.locate("demo==1.0")
    assert caught.value.exit_status == 3  # type: ignore[attr-defined]
    assert not list((tmp_path / "cache").glob("*/archives/**/*.whl"))
    assert not list((tmp_path / "cache").glob("*/scratch/*"))
    assert Wire(tmp_path, GOOD).sources.locate("demo==1.0").path.read_bytes() == WHEEL


@pytest.mark.parametrize("answer", [503, 500, 403, OSError("no route")], ids=str)
def test_an_index_that_does_not_answer_is_not_an_unknown_name(tmp_path: Path, answer: object) -> None:
    with pytest.raises(UnreachableError) as caught:
        Wire(tmp_path, {"/simple/demo/": answer}).sources.resolve("demo==1.0")
    assert caught.value.exit_status == 3
    assert "--offline" in str(caught.value)


def test_a_silent_index_does_not_matter_when_another_has_the_pinned_release(tmp_path: Path) -> None:
    two = ("https://index.example/other", HOST)
    for answer in (503, 403):
        wire = Wire(tmp_path / str(answer), GOOD | {"/other/demo/": answer}, index_urls=two)
        assert wire.sources.resolve("demo==1.0").version == "1.0"
        for spec in ("demo", "demo==2.0", "demo>=1"):
            with pytest.raises(UnreachableError, match="other/demo"):
                Wire(tmp_path / str(answer), GOOD | {"/other/demo/": answer}, index_urls=two).sources.resolve(spec)


def test_an_index_that_is_not_trusted_is_named_and_not_taken_for_empty(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="trusted hosts"):
        Wire(tmp_path, {}, index_urls=("http://index.example/simple",)).sources.resolve("demo==1.0")


def test_a_larger_download_than_allowed_is_stopped(tmp_path: Path) -> None:
    from tailrace.sources import Limits

    with pytest.raises(DownloadError, match="larger than 100 bytes"):
        Wire(tmp_path, GOOD, limits=Limits(archive_size=100)).sources.locate("demo==1.0")


def test_credentials_never_reach_a_release(tmp_path: Path) -> None:
    wire = Wire(tmp_path, GOOD, index_urls=("https://user:secret@index.example/simple",))
    located = wire.sources.locate("demo==1.0")
    assert "secret" not in repr(located)
    with pytest.raises(UnknownNameError) as caught:
        Wire(tmp_path, {}, index_urls=("https://user:secret@index.example/simple",)).sources.resolve("nothing==1")
    assert "secret" not in str(caught.value)


def test_a_json_index_is_read_with_its_yanked_marks(tmp_path: Path) -> None:
    import json

    files = [
        {
            "filename": f"demo-{v}-py3-none-any.whl",
            "url": f"/files/demo-{v}-py3-none-any.whl",
            "hashes": {},
            "yanked": y,
        }
        for v, y in (("1.0", False), ("2.0", "bad"), ("3.0", True))
    ]
    body = json.dumps({"meta": {"api-version": "1.0"}, "name": "demo", "files": files}).encode()
    answers = {
        "/simple/demo/": (body, {"Content-Type": "application/vnd.pypi.simple.v1+json"}),
        "/files/demo-1.0-py3-none-any.whl": WHEEL,
    }
    wire = Wire(tmp_path, answers)
    assert wire.sources.resolve("demo").version == "1.0"
    assert wire.sources.resolve("demo==2.0").yanked_reason == "bad"
    assert wire.sources.resolve("demo==3.0").yanked
    located = wire.sources.locate("demo==1.0")
    assert located.path.read_bytes() == WHEEL
    again = Wire(tmp_path, {})
    assert again.sources.locate("demo==1.0").release.sha256 == hashlib.sha256(WHEEL).hexdigest()
    assert again.asked == []


def test_an_archive_at_a_url_is_fetched_and_its_hash_checked(tmp_path: Path) -> None:
    content = sdist_bytes("demo", "1.0")
    url = "https://index.example/files/demo-1.0.tar.gz"
    wire = Wire(tmp_path, {"/files/demo-1.0.tar.gz": content})
    located = wire.sources.locate(url)
    assert (located.release.name, located.release.version, located.release.source) == ("demo", "1.0", "file")
    assert Wire(tmp_path, {}).sources.locate(located.release.spec).path == located.path
    with pytest.raises(DownloadError):
        wire.sources.locate(f"{url}#sha256={'0' * 64}")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("99.0", ("2.1.0", "2.0.1", "1.1", "1.0")),  # beyond the newest: the newest
        ("2.0.5", ("2.0.1", "1.1", "2.1.0")),  # between: around it, those below first
        ("0.1", ("1.0", "1.1")),  # before the oldest
        ("two", ("2.1.0", "2.0.1", "1.1", "1.0")),  # no version at all
    ],
)
def test_the_nearest_versions_are_those_around_the_wanted_one(wanted: str, expected: tuple[str, ...]) -> None:
    known = [Version(v) for v in ("1.0", "1.1", "2.0.1", "2.1.0")]
    assert nearest_versions(wanted, known) == expected


def test_a_file_without_certificates_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ca.pem").write_text("none here\n")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    settings = SourceSettings(index_urls=("https://index.example.org/simple",), cache_dir=tmp_path / "cache")
    with pytest.raises(PathError, match=r"ca\.pem holds no certificate"):
        Sources(settings).resolve("demo==2.0")


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("ALL_PROXY", "ht!tp://user:SECRET@@@", "the address of the proxy is not one of http"),
        ("HTTPS_PROXY", "http://user:SECRET@proxy.example.org/\x01", "the address of the proxy is not one of http"),
        ("HTTPS_PROXY", "socks5://user:SECRET@proxy.example.org:1", "the proxy speaks SOCKS"),
        ("PIP_CLIENT_CERT", "/no/such/SECRET.pem", "is not a certificate of a client"),
        ("PIP_INDEX_URL", "https://user:SECRET@[::1/simple", "the address of an index is not valid"),
        ("PIP_INDEX_URL", "https://user:SECRET@h:99999999/simple", "the address of an index is not valid"),
    ],
)
def test_an_address_that_cannot_be_used_is_reported_without_its_login(
    variable: str, value: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "PIP_INDEX_URL", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv(variable, value)
    urls = None if variable == "PIP_INDEX_URL" else ("https://index.example.org/simple",)
    with pytest.raises(SourceError, match=problem) as caught:
        Sources(SourceSettings(index_urls=urls, cache_dir=tmp_path / "cache")).resolve("demo==2.0")
    assert caught.value.exit_status == 2
    assert "SECRET@" not in f"{caught.value} {caught.value.hint}"
