"""What strangers write in the small languages of packaging and conda is bounded before a parser sees it."""

from __future__ import annotations

import fnmatch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.markers import InvalidMarker
from packaging.requirements import InvalidRequirement
from packaging.specifiers import InvalidSpecifier
from packaging.version import InvalidVersion

from tailrace.check.requirements.admission import admits, parse_requirement
from tailrace.conda import rattler
from tailrace.conda.errors import MatchSpecError
from tailrace.conda.records import Record
from tailrace.conda.specs import build_meets, parse_dependency, parse_spec, version_meets
from tailrace.hotfix.language.globs import compile_glob as hotfix_glob
from tailrace.model import patterns
from tailrace.model.foreign import read_marker, read_requirement, read_specifiers, read_version

NESTED = "(" * 3_000 + ">=1" + ")" * 3_000
MANY = ",".join(f"!={number}" for number in range(50_000))


@pytest.mark.parametrize(
    "text",
    [
        f"a {NESTED}",
        "a " + "(" * 3_000,
        "a " + "[" * 3_000,
        "a[" * 3_000,
        f"a {MANY}",
        "a " + "|".join(["1"] * 50_000),
        "a " + "1." * 50_000,
        "a[version='" + "(" * 3_000 + "']",
        f"c::a {NESTED}",
        "a >=1 *" + "(" * 3_000,
        "a" * 100_000,
        "",
        "a =1 ^(" + "(" * 3_000 + "$",
    ],
)
def test_a_match_spec_beyond_the_bounds_is_no_spec(text: str) -> None:
    with pytest.raises(rattler.UnreadableError):
        rattler.split_spec(text)
    with pytest.raises(MatchSpecError):
        parse_spec(text)
    assert parse_dependency(text).never
    assert rattler.version_spec(text.removeprefix("a ")) is None or len(text) < 10


def test_versions_and_specs_of_many_parts_take_no_time() -> None:
    assert rattler.version("1." * 50_000 + "0") is None
    assert rattler.version_spec(MANY) is None
    assert rattler.version_spec(NESTED) is None
    assert not version_meets(NESTED, "1.0")
    assert rattler.version_spec("(>=1,<2)|(>=3,<4)") is not None
    assert rattler.version_spec("((>=1))") is not None


@pytest.mark.parametrize(
    ("read", "text", "error"),
    [
        (read_requirement, "a; " + "(" * 3_000 + "os_name=='x'" + ")" * 3_000, InvalidRequirement),
        (read_requirement, "a; " + "(" * 200 + "os_name=='x'" + ")" * 200, InvalidRequirement),
        (read_requirement, f"a {MANY}", InvalidRequirement),
        (read_requirement, "a[" + "x," * 50_000 + "x]", InvalidRequirement),
        (read_requirement, "a==" + "1" * 5_000, InvalidRequirement),
        (read_marker, "(" * 3_000, InvalidMarker),
        (read_marker, " and ".join(["os_name=='x'"] * 5_000), InvalidMarker),
        (read_specifiers, MANY, InvalidSpecifier),
        (read_specifiers, "==" + "9" * 5_000, InvalidSpecifier),
        (read_version, "9" * 5_000, InvalidVersion),
        (read_version, "1." * 50_000 + "0", InvalidVersion),
        (read_version, "1+" + "a." * 50_000 + "a", InvalidVersion),
    ],
)
def test_each_parser_has_one_error(read: object, text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        read(text)  # type: ignore[operator]


def test_what_people_write_is_within_the_bounds() -> None:
    marker = "(python_version<'3.8' and (os_name=='nt' or (sys_platform=='darwin' and platform_machine=='arm64')))"
    assert read_requirement(f"a[b,c]>=1,<2; {marker}").marker is not None
    assert read_marker(marker).evaluate({"python_version": "3.7", "os_name": "nt"})
    assert len(list(read_specifiers(",".join(f"!=1.{number}" for number in range(200))))) == 200
    assert str(read_version("1!2.3rc4.post5.dev6+local.7")) == "1!2.3rc4.post5.dev6+local.7"
    assert parse_requirement(f"a; {NESTED}") is None


@pytest.mark.parametrize("line", [f"a {NESTED}", f"a {MANY}", "a; " + "(" * 3_000])
def test_a_requirement_that_cannot_be_read_contains_nothing(line: str) -> None:
    assert admits(line, "1.0") is not False


@pytest.mark.parametrize(
    ("pattern", "build", "fits"),
    [
        ("^(a+)+$", "a" * 5_000 + "b", False),
        ("^(a|aa)+$", "a" * 5_000 + "b", False),
        ("^(.*)*x$", "a" * 5_000, False),
        ("^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 5_000, False),
        ("^" + "(a?)" * 60 + "a" * 60 + "$", "a" * 60, True),
        ("^(?:py3[89]|py31[0-3])_.*$", "py39_0", True),
        ("^(?:py3[89]|py31[0-3])_.*$", "py27_0", False),
        ("*a" * 30 + "*b", "a" * 5_000, False),
        ("*_cpython", "h123_0_cpython", True),
        ("py3?", "py39", False),
        ("*.1", "x+1", False),
    ],
)
def test_a_build_pattern_takes_time_that_grows_with_the_text_alone(pattern: str, build: str, fits: bool) -> None:
    assert build_meets(pattern, build) is fits


@pytest.mark.parametrize("pattern", [r"^(a)\1$", "^(?=a)a$", "^(?<!a)b$", "^(a$", "^" + "(a{1000}){1000}" + "$"])
def test_a_build_pattern_that_no_automaton_knows_is_refused(pattern: str) -> None:
    with pytest.raises(patterns.PatternError):
        patterns.compile_expression(pattern)
    assert not build_meets(pattern, "aa")
    with pytest.raises(MatchSpecError):
        parse_spec(f"a[version='1', build='{pattern}']")


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("a" + "?( *)b" * 20, "a" + " " * 5_000, False),
        ("*" * 2_000 + "b", "a" * 5_000, False),
        ("*a" * 30 + "*b", "a" * 5_000, False),
        ("numpy?( *)", "numpy >=1", True),
        ("numpy?( *)", "numpy-base", False),
        ("py[23]*", "py39", True),
        ("[!a]*", "abc", False),
    ],
)
def test_a_glob_of_a_hotfix_takes_time_that_grows_with_the_text_alone(pattern: str, text: str, fits: bool) -> None:
    assert hotfix_glob(pattern)(text) is fits


@given(st.text("ab*?[]!-^\\. ", max_size=8), st.text("ab-^]!\\. [", max_size=6))
@settings(max_examples=500, deadline=None)
def test_a_glob_means_what_it_means_to_a_shell(pattern: str, text: str) -> None:
    assert patterns.compile_glob(pattern)(text) == fnmatch.fnmatchcase(text, pattern)


def test_a_record_with_a_hostile_dependency_is_met_by_nothing() -> None:
    spec = parse_dependency(f"a {NESTED}")
    assert spec.name == "a"
    assert not spec.matches(Record(name="a", version="1", build="0"))
