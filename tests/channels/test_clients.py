"""Clients differ: what each would install, as tables, and as laws over made-up channels."""

from __future__ import annotations

import tempfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_channels import channel, record

from tailrace.conda.errors import MatchSpecError
from tailrace.conda.specs import parse_spec
from tailrace.exposure.grid import Configuration, Question
from tailrace.exposure.timeline import change_points
from tailrace.solvers import CLIENTS, PRIORITIES, Client, Installed, Priority, Problem, solve
from tailrace.solvers.classic.dependencies import make_dependency
from tailrace.solvers.classic.prefilter import Sieve
from tailrace.solvers.classic.universe import universe_of

HI = channel("hi", "foo 1.0", "foo 1.1")
LO = channel("lo", "foo 2.0", "foo 1.1 1", "app 1 0 | foo <2", "app 2 0 | foo >=2")


def packages(
    client: Client, priority: Priority, *specs: str, channels: tuple[Any, ...] = (HI, LO), **more: Any
) -> tuple[str, ...] | str:
    solution = solve(Problem(specs, channels, add_pip=False, **more), client, priority)
    return solution.packages if solution.status == "solved" else "unsolvable"


@pytest.mark.parametrize(
    ("client", "priority", "specs", "expected"),
    [
        ("conda", "strict", ["foo>=2"], "unsolvable"),
        ("mamba", "strict", ["foo>=2"], "unsolvable"),
        ("conda", "flexible", ["foo"], ("hi::foo-1.1-0",)),
        ("mamba", "flexible", ["foo"], ("hi::foo-1.1-0",)),
        ("conda", "flexible", ["foo>=2"], ("lo::foo-2.0-0",)),
        ("mamba", "flexible", ["foo>=2"], ("lo::foo-2.0-0",)),
        ("conda", "flexible", ["app"], ("lo::app-2-0", "lo::foo-2.0-0")),
        ("mamba", "flexible", ["app"], ("lo::app-2-0", "lo::foo-2.0-0")),
        # The order of specs matters to one family alone.
        ("conda", "flexible", ["app", "foo"], ("hi::foo-1.1-0", "lo::app-1-0")),
        ("conda", "flexible", ["foo", "app"], ("hi::foo-1.1-0", "lo::app-1-0")),
        ("mamba", "flexible", ["app", "foo"], ("lo::app-2-0", "lo::foo-2.0-0")),
        ("mamba", "flexible", ["foo", "app"], ("hi::foo-1.1-0", "lo::app-1-0")),
        # Without priority, equal versions: conda looks at the channel first, mamba at the build number.
        ("conda", "disabled", ["foo==1.1"], ("hi::foo-1.1-0",)),
        ("mamba", "disabled", ["foo==1.1"], ("lo::foo-1.1-1",)),
        ("conda", "disabled", ["foo"], ("lo::foo-2.0-0",)),
        ("mamba", "disabled", ["foo"], ("lo::foo-2.0-0",)),
        # A channel asked for by name.
        ("conda", "flexible", ["lo::foo<2"], ("lo::foo-1.1-1",)),
        ("mamba", "flexible", ["foo 1.1 1"], ("lo::foo-1.1-1",)),
        ("conda", "flexible", ["foo 1.1 1"], ("lo::foo-1.1-1",)),
        # Near-misses.
        ("conda", "flexible", ["foo 1.1 2"], "unsolvable"),
        ("conda", "flexible", ["fooo"], "unsolvable"),
        ("mamba", "flexible", ["fooo"], "unsolvable"),
    ],
)
def test_clients_and_priorities_pick_different_packages(
    client: Client, priority: Priority, specs: list[str], expected: object
) -> None:
    assert packages(client, priority, *specs) == expected


@pytest.mark.parametrize("client", CLIENTS)
def test_an_unsolvable_request_is_explained_in_words(client: Client) -> None:
    solution = solve(Problem(("foo>=2",), (HI, LO)), client, "strict")
    assert solution.status == "unsolvable"
    assert solution.packages == ()
    assert "strict channel priority" in solution.explanation
    assert "└" not in solution.explanation
    assert tempfile.gettempdir() not in solution.explanation


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    "spec",
    ["foo >>2", "fo* >=1", "", "foo[md5=0123456789abcdef0123456789abcdef]", "https://host.example/foo-1-0.conda"],
)
def test_a_spec_that_is_not_understood_is_an_error_not_an_answer(client: Client, spec: str) -> None:
    with pytest.raises(MatchSpecError, match="Cannot read the spec"):
        solve(Problem((spec,), (HI,)), client, "strict")


def test_a_constraint_keeps_an_optional_package_in_bounds() -> None:
    one = channel("c", "a 1 0 | b | x <2", "b 1 0 | x", "b 2 0 | x >=2", "x 1", "x 2")
    for client in CLIENTS:
        assert packages(client, "strict", "a", channels=(one,)) == ("c::a-1-0", "c::b-1-0", "c::x-1-0")
    free = channel("c", "a 1 0 | b | x <2", "b 2", "x 1", "x 2")
    for client in CLIENTS:
        assert packages(client, "strict", "a", channels=(free,)) == ("c::a-1-0", "c::b-2-0")


def test_a_build_that_tracks_a_feature_is_pushed_back() -> None:
    one = channel("c", record("a 1 0"), record("a 1 1", track_features="debug"))
    for client in CLIENTS:
        assert packages(client, "strict", "a", channels=(one,)) == ("c::a-1-0",)


def test_conda_lets_go_of_a_better_version_of_a_dependency_rather_than_of_the_request() -> None:
    one = channel("c", "a 1 0 | b", "a 2 0 | b <2", "b 1", "b 2")
    for client in CLIENTS:
        assert packages(client, "strict", "a", channels=(one,)) == ("c::a-2-0", "c::b-1-0")


def test_pip_comes_with_python_unless_told_otherwise() -> None:
    one = channel("c", "python 3.9.1", "pip 22.0 0 | python")
    bare = channel("c", "python 3.9.1")
    for client in CLIENTS:
        assert solve(Problem(("python",), (one,)), client, "strict").packages == ("c::pip-22.0-0", "c::python-3.9.1-0")
        assert solve(Problem(("python",), (bare,)), client, "strict").status == "unsolvable"
        assert packages(client, "strict", "python", channels=(one,)) == ("c::python-3.9.1-0",)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(("virtual", "found"), [((), "c::a-1-0"), ((("__cuda", "12.0", "0"),), "c::a-2-0")])
def test_virtual_packages_decide_and_are_not_listed(client: Client, virtual: Any, found: str) -> None:
    one = channel("c", "a 1", "a 2 0 | __cuda >=11")
    assert packages(client, "strict", "a", channels=(one,), virtual_packages=virtual) == (found,)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    ("as_of", "found"), [(None, "c::a-3-0"), (250, "c::a-2-0"), (200, "c::a-2-0"), (199, "c::a-1-0"), (50, "c::a-0-0")]
)
def test_a_past_day_shows_what_had_appeared(client: Client, as_of: int | None, found: str) -> None:
    scale = 10**10
    one = channel(
        "c",
        record("a 0", when=None),
        record("a 1", when=100 * scale),
        record("a 2", when=10 * scale, indexed_timestamp=200 * scale),  # the server's clock counts, not the builder's
        record("a 3", when=300 * scale),
    )
    moment = None if as_of is None else as_of * scale
    assert packages(client, "strict", "a", channels=(one,), as_of=moment) == (found,)


def test_a_tie_is_said_to_be_one() -> None:
    one = channel("c", "a 1 0 | b 1", "a 2 0 | b 2", "b 1", "b 2")
    tied = channel("c", "x 1 0 | a ; b", "a 1 0 | b <3", "a 2 0 | b <2", "b 1 0 | a >=2", "b 2 0 | a <2")
    assert solve(Problem(("a",), (one,)), "conda", "strict").note == ""
    assert "just as good" in solve(Problem(("x",), (tied,)), "conda", "strict").note


def test_conda_joins_two_versions_of_one_dependency_with_a_comma_which_binds_tighter_than_or() -> None:
    """Observed with conda 4.12 and 26.7: `1.*|3.*` and `>=3.0,<3.0` let 1.0 pass, `1.*` and `>=3.0` nothing."""
    lib = record("b 1")
    loose = channel("c", lib, {**record("a 1"), "depends": ["b 1.*|3.*", "b >=3.0,<3.0"]})
    tight = channel("c", lib, {**record("a 1"), "depends": ["b 1.*", "b >=3.0"]})
    assert packages("conda", "strict", "a", channels=(loose,)) == ("c::a-1-0", "c::b-1-0")
    assert packages("conda", "strict", "a", channels=(tight,)) == "unsolvable"


@pytest.mark.parametrize(("asked", "found"), [("b", "lo::a-1-0"), ("a", "hi::a-1-0"), ("c", "lo::a-1-0")])
def test_conda_leaves_the_very_file_in_place_not_one_of_the_same_name_from_a_better_channel(
    asked: str, found: str
) -> None:
    hi, lo = channel("hi", "a 1", "b 1", "c 1 0 | a <2"), channel("lo", "a 1")
    (there,) = lo.records()
    problem = Problem((asked,), (hi, lo), installed=(Installed(there, lo.url, "a"),))
    assert found in solve(problem, "conda", "flexible").packages


VERSIONS = ("1.0", "1.1", "2.0", "3.0")
LIMITS = ("", " >=2.0", " <2.0", " 1.*", " >=1.1", " <3.0")


@st.composite
def problems(draw: st.DrawFn, most: int = 2) -> tuple[Any, ...]:
    """Records of two channels (or up to `most`) and a request; packages depend on later names."""
    size = draw(st.integers(2, 5))
    made: list[list[dict[str, Any]]] = []
    for _ in range(draw(st.integers(2, most))):
        records = []
        for number in range(size):
            for version in draw(st.lists(st.sampled_from(VERSIONS), max_size=3, unique=True)):
                others = [other for other in range(size) if other > number]
                needs = draw(st.lists(st.sampled_from(others), max_size=2, unique=True)) if others else []
                depends = [f"p{other}{draw(st.sampled_from(LIMITS))}" for other in needs]
                when = draw(st.integers(1, 6)) * 10**12
                records.append(record(f"p{number} {version} 0 | {' ; '.join(depends)}", when=when))
        made.append(records)
    wanted = draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=2, unique=True))
    return *made, [f"p{number}{draw(st.sampled_from(LIMITS))}" for number in wanted]


@settings(max_examples=60, deadline=None)
@given(problems(), st.sampled_from(CLIENTS))
def test_strict_never_takes_a_package_from_below_a_channel_that_has_the_name(made: Any, client: Client) -> None:
    first, second, specs = made
    found = packages(client, "strict", *specs, channels=(channel("hi", *first), channel("lo", *second)))
    above = {item["name"] for item in first}
    assert found == "unsolvable" or not [p for p in found if p.startswith("lo::") and p[4:].rsplit("-", 2)[0] in above]


@settings(max_examples=60, deadline=None)
@given(problems(), st.sampled_from(PRIORITIES))
def test_the_order_of_specs_does_not_change_what_conda_gives(made: Any, priority: Priority) -> None:
    first, second, specs = made
    channels = (channel("hi", *first), channel("lo", *second))
    assert packages("conda", priority, *specs, channels=channels) == packages(
        "conda", priority, *reversed(specs), channels=channels
    )


@settings(max_examples=60, deadline=None)
@given(problems(), st.sampled_from(PRIORITIES), st.sampled_from(CLIENTS))
def test_a_record_newer_than_the_day_changes_nothing(made: Any, priority: Priority, client: Client) -> None:
    first, second, specs = made
    before = (channel("hi", *first), channel("lo", *second))
    newer = [record("p0 9.0", when=9 * 10**12), record("p1 9.0", when=9 * 10**12)]
    after = (channel("hi", *first, *newer), channel("lo", *newer, *second))
    assert packages(client, priority, *specs, channels=before, as_of=8 * 10**12) == packages(
        client, priority, *specs, channels=after, as_of=8 * 10**12
    )


@settings(max_examples=40, deadline=None)
@given(problems(3), st.sampled_from(PRIORITIES), st.sampled_from(CLIENTS), st.permutations(range(7)))
def test_a_past_day_is_what_a_channel_with_the_records_of_that_day_gives(
    made: Any, priority: Priority, client: Client, days: list[int]
) -> None:
    *records, specs = made
    names = ("hi", "lo", "far")
    over_time = tuple(channel(name, *mine) for name, mine in zip(names, records, strict=False))
    for day in days:
        moment = day * 10**12
        then = tuple(
            channel(name, *(item for item in mine if item["timestamp"] <= moment))
            for name, mine in zip(names, records, strict=False)
        )
        assert packages(client, priority, *specs, channels=over_time, as_of=moment) == packages(
            client, priority, *specs, channels=then
        )


@settings(max_examples=60, deadline=None)
@given(problems(3), st.sampled_from(PRIORITIES))
def test_both_families_agree_on_what_can_be_solved_and_give_whole_environments(made: Any, priority: Priority) -> None:
    from tailrace.conda.specs import parse_dependency

    *records, specs = made
    channels = tuple(channel(name, *mine) for name, mine in zip(("hi", "lo", "far"), records, strict=False))
    answers = [solve(Problem(tuple(specs), channels, add_pip=False), client, priority) for client in CLIENTS]
    assert answers[0].status == answers[1].status
    for answer in answers:
        names = [item.name for item in answer.records]
        assert len(names) == len(set(names))
        for item in answer.records:
            for text in item.depends:
                assert any(parse_dependency(text).matches(other) for other in answer.records)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ("lo::a", ("lo::a-1-0",)),
        ("lo::a >=1", ("lo::a-1-0",)),
        ("a[channel=lo]", ("lo::a-1-0",)),
        ("lo::a[version='1.*',build_number=0]", ("lo::a-1-0",)),
        ("lo::a 1 0", ("lo::a-1-0",)),
        ("file:///lo::a", ("lo::a-1-0",)),
        ("hi::a", ("hi::a-2-0",)),
        ("lo::a >=2", "unsolvable"),
        ("other::a", "unsolvable"),
    ],
)
def test_a_channel_in_a_spec_is_one_of_those_given(client: Client, spec: str, found: tuple[str, ...] | str) -> None:
    high, low = channel("hi", "a 2"), channel("lo", "a 1")
    assert packages(client, "flexible", spec, channels=(high, low)) == found
    assert packages(client, "disabled", spec, channels=(high, low)) == found


def test_what_strict_priority_shuts_out_still_sways_mambas_order() -> None:
    """The solver orders candidates by the newest versions of what they need, and looks for those in every channel:
    leaving out `hi::p0`, which strict priority forbids, would give p1 2.0rc1 and p2 2.0rc1.
    """
    low = channel(
        "lo",
        record("p0 2.0 0 | p1 >=1.1; p2", track_features="feature_b", features="feature_a"),
        "p0 3.0 0 | p2",
        record("p0 3.0 py310_1", track_features="feature_a"),
        "p2 1.0 1",
        "p2 1.0 h0",
        "p2 2.0rc1 py310_0 | p1",
        "p2 3.0 py39_0 | | p0 <2.0",
    )
    high = channel(
        "hi",
        "p0 3.0 1 | | p1 <3.0",
        "p1 1!0.5 1 | p2 <1.1",
        record("p1 2.0.post1 0 | p0 <3.0 | p0 <3.0|>=3.0", track_features="feature_b"),
        "p1 2.0rc1 0",
        "p1 2.0rc1 h1 | p2 <1.1",
    )
    assert packages("mamba", "strict", "p1", "p2", "p0", channels=(low, high)) == (
        "hi::p1-1!0.5-1",
        "lo::p0-3.0-0",
        "lo::p2-1.0-1",
    )


def test_a_candidate_that_misses_two_things_leaves_its_name_open() -> None:
    # conda does not follow the looser `c 2` and `d 2` below a 2, so b 2 asks for two things that nothing meets.
    one = channel("c", "a 1", "a 2 0 | b; c 1 0; d 1 0", "b 1", "b 2 0 | c 2; d 2", "c 1", "c 2", "d 1", "d 2")
    for priority in PRIORITIES:
        for client in CLIENTS:
            assert "c::b-1-0" in packages(client, priority, "a", channels=(one,))


EXACTNESS = [
    ("foo", 1),
    ("foo >=1", 2),
    ("foo 1.0 py_0", 3),
    ("foo[build_number=1]", 3),
    ("foo[build=py_0]", 3),
    ("hi::foo", 3),
    ("foo[subdir=linux-64]", 3),
]


@pytest.mark.parametrize(("text", "exactness"), EXACTNESS)
def test_how_narrow_conda_takes_a_spec_to_be(text: str, exactness: int) -> None:
    assert parse_spec(text).exactness == exactness


def test_what_a_later_request_shuts_out_is_known_to_the_earlier_ones() -> None:
    one = channel("one", "app 1 0 | lib 1", "app 2 0 | other", "lib 1", "lib 2", "other 1")
    problem = Problem(("app", "lib >=2"), (one,), add_pip=False)
    universe, _ = universe_of(problem)
    sieve = Sieve(universe, (make_dependency(("app",)), make_dependency(("lib >=2",))), None)
    left = {
        record.version for place, record in enumerate(universe.group("app").records) if sieve.valid["app"] >> place & 1
    }
    assert left == {"2"}


def test_a_name_that_appears_in_a_second_channel_is_a_change_of_its_own() -> None:
    day = [1_650_000_000_000 + 86_400_000 * number for number in range(10)]
    hi = channel("hi", record("foo 1.0", when=day[5]))
    lo = channel("lo", record("foo 0.9", when=day[1]), record("foo 0.8", when=day[3]), record("bar 1", when=day[4]))
    question = Question(specs=("foo", "bar"), orders=((hi, lo),), add_pip=False)
    configuration = Configuration("conda", "strict", (hi, lo), "linux-64")
    points, firsts = change_points(question, configuration, day[2], day[9])
    assert points == [day[3], day[4], day[5]]
    assert firsts == {day[5]}
