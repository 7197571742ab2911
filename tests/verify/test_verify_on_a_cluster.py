"""The downstreams of a verification on a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from verify_world import World

from tailrace.cluster import ClusterError

distributed = pytest.importorskip("distributed")


@pytest.fixture
def address() -> Iterator[str]:
    """A cluster in this process, on a loopback port."""
    options = {"n_workers": 1, "threads_per_worker": 2, "processes": False, "dashboard_address": None}
    with distributed.LocalCluster(host="127.0.0.1", protocol="tcp://", **options) as cluster:
        yield cluster.scheduler_address


@pytest.mark.usefixtures("sandbox")
def test_a_cluster_gives_what_this_machine_gives(world: World, address: str) -> None:
    world.add("up", "1.0", {"up.py": "def gone(): pass\n"})
    world.add("up", "2.0", {"up.py": ""})
    names = ("a", "b", "lost")
    for name in names:
        more = ["up", "nowhere"] if name == "lost" else ["up"]
        world.add(name, "1.0", {f"{name}.py": "from up import gone\n"}, requires=more)
    specs = [f"{name}==1.0" for name in names]
    here = world.verify(*specs)
    there = world.verify(*specs, dask=address)
    for one, other in zip(here.downstreams, there.downstreams, strict=True):
        assert one.verification is not None
        assert other.verification is not None
        assert (one.name, one.verification.outcome) == (other.name, other.verification.outcome)


def test_a_scheduler_that_does_not_answer_is_one_sentence(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tailrace.cluster.TIMEOUT", 1.0)
    world.add("up", "1.0", {"up.py": "def gone(): pass\n"})
    world.add("up", "2.0", {"up.py": ""})
    world.add("down", "1.0", {"down.py": "from up import gone\n"}, requires=["up"])
    with pytest.raises(ClusterError, match="does not answer") as caught:
        world.verify(dask="tcp://127.0.0.1:1")
    assert caught.value.exit_status == 3
