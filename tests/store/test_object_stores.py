"""A store in an S3-compatible object store: a server in this process, nothing of it leaves the machine."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.wheels import write_wheel
from tailrace.scan.run import ScanOptions, scan
from tailrace.sources import Sources, SourceSettings
from tailrace.store import Store, open_store
from tailrace.store.ask import uses_of
from tailrace.store.errors import NoStoreError, StorePlaceError, StoreUnreachableError
from tailrace.store.manifest import Fragment, commit
from tailrace.store.place import open_place

pytest.importorskip("obstore")
server_module = pytest.importorskip("moto.server")
HERE = ScanOptions(in_process=True, upload_times=False)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    import boto3

    given = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "y",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    name = f"facts-{abs(hash(request.node.nodeid)) % 10**12}"
    boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1").create_bucket(Bucket=name)
    return f"s3://{name}/team"


def filled(bucket: str, tmp_path: Path) -> Store:
    store = open_store(bucket, tmp_path / "cache")
    wheel = write_wheel(tmp_path, "one", "1.0", {"one.py": "import up\nup.gone(1)\n"})
    sources = Sources(SourceSettings(offline=True, cache_dir=tmp_path / "cache"))
    report = scan([str(wheel)], store, sources, HERE)
    assert report.counts.scanned == 1
    return store


def test_a_store_in_a_bucket_answers_as_one_in_a_folder(bucket: str, tmp_path: Path) -> None:
    store = filled(bucket, tmp_path)
    folder = open_store(str(tmp_path / "folder"))
    sources = Sources(SourceSettings(offline=True, cache_dir=tmp_path / "cache"))
    scan([str(tmp_path / "one-1.0-py3-none-any.whl")], folder, sources, HERE)
    assert store.info().content == folder.info().content
    assert [use.path for use in uses_of(store.snapshot(), "up.gone")] == ["up.gone"]
    assert store.verify().problems == ()
    assert store.collect(keep_last=1, minimum_age=0).pending == 0
    assert store.place.list("pending") == []


def test_writers_that_race_lose_nothing(bucket: str, tmp_path: Path) -> None:
    places = [open_place(bucket, tmp_path / str(number)) for number in range(4)]

    def write(number: int) -> None:
        for turn in range(4):
            name = f"fragments/uses-{number}-{turn}"
            one = Fragment(table="uses", name=name, sha256="", size=0, rows=0)
            commit(places[number], lambda base, one=one: _with(base, one))

    def _with(base, one):  # type: ignore[no-untyped-def]
        import msgspec

        return msgspec.structs.replace(base, fragments=(*base.fragments, one))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    generation = open_store(bucket, tmp_path / "reader").snapshot().generation
    assert generation.number == 16
    assert len({fragment.name for fragment in generation.fragments}) == 16


def test_an_object_with_another_content_is_not_believed(bucket: str, tmp_path: Path, endpoint: str) -> None:
    import boto3

    store = filled(bucket, tmp_path)
    (fragment,) = store.snapshot().generation.of("uses")
    name, _, prefix = bucket.removeprefix("s3://").partition("/")
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
    client.put_object(Bucket=name, Key=f"{prefix}/{fragment.name}", Body=b"x" * fragment.size)
    assert [problem.name for problem in store.verify().problems] == [fragment.name]
    fresh = open_store(bucket, tmp_path / "another-cache")
    with pytest.raises(Exception, match="hash"):
        uses_of(fresh.snapshot(), "up.gone")


def test_a_server_that_is_gone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"}
    for name, value in {**given, "AWS_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StoreUnreachableError) as raised:
        open_store("s3://bucket/team", tmp_path).snapshot()
    assert "s3://bucket/team" in raised.value.message
    assert "no connection to http://127.0.0.1:1" in raised.value.message


def test_a_bucket_that_is_not_there(bucket: str, tmp_path: Path) -> None:
    with pytest.raises(StoreUnreachableError, match=r"the server says 404 Not Found; is there such a bucket\?"):
        open_store(f"{bucket.partition('/team')[0]}-other/team", tmp_path).snapshot()


def test_a_bucket_without_a_store(bucket: str, tmp_path: Path) -> None:
    with pytest.raises(NoStoreError):
        open_store(bucket, tmp_path).snapshot()


@pytest.mark.parametrize("url", ["ftp://host/x", "http://host/x", "memory://x", "s3://", "s3:///", "gs://"])
def test_a_url_that_is_not_known(url: str) -> None:
    with pytest.raises(StorePlaceError):
        open_store(url)


def test_the_environment_is_left_alone() -> None:
    assert os.environ.get("AWS_ENDPOINT_URL") is None
