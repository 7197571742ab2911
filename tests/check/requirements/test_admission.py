"""Which versions a downstream's requirement admits, and the bound that excludes one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from tailrace.check.requirements import admits, containing_fix, requirement_on
from tailrace.model import Metadata


def metadata(*lines: str) -> Metadata:
    return Metadata(name="down", version="1", requires_dist=lines)


@pytest.mark.parametrize(
    ("lines", "name", "expected"),
    [
        ((), "numpy", None),
        (("numpy>=1.21",), "NumPy", "numpy>=1.21"),
        (("MarkupSafe>=0.23", "Babel>=0.8; extra == 'i18n'"), "markupsafe", "MarkupSafe>=0.23"),
        (("Zope.Interface (>=4)",), "zope-interface", "Zope.Interface (>=4)"),
        (("numpy-financial>=1",), "numpy", None),
        (("importlib_metadata; os_name == 'nt'",), "importlib-metadata", "importlib_metadata; os_name == 'nt'"),
        (("numpy<2; extra == 'test'", "numpy>=1"), "numpy", "numpy>=1"),
        (("numpy<2; extra == 'test'",), "numpy", "numpy<2; extra == 'test'"),
        (("a>=1; os_name == 'nt'", "a>=2; os_name != 'nt'"), "a", "a>=1; os_name == 'nt' & a>=2; os_name != 'nt'"),
        (("conda 4.12.*", "python >=3.6"), "conda", "conda 4.12.*"),
        (("conda-forge::conda <4.13",), "conda", "conda-forge::conda <4.13"),
        (("conda-build",), "conda", None),
        # Lines without end, which a search from each character would take hours for.
        (("a; " + "(" * 100_000,), "a", "a; " + "(" * 100_000),
        (("a" + ",>=1" * 50_000,), "b", None),
        ((":" * 200_000,), "a", None),
        (("%%%",), "conda", None),
    ],
)  # fmt: skip
def test_the_requirement_on_an_upstream_is_found_as_written(
    lines: tuple[str, ...], name: str, expected: str | None
) -> None:
    assert requirement_on(metadata(*lines), name) == expected


@pytest.mark.parametrize(
    ("requirement", "version", "expected"),
    [
        (None, "1.0", True),
        ("a", "1.0", True),
        ("a>=0.23", "2.1.0", True),
        ("a<2.1", "2.1.0", False),
        ("a<2.1", "2.0.1", True),
        ("a (<2.1,>=1)", "2.1.0", False),
        ("a<3", "3.0rc1", False),
        ("a>=2", "3.0rc1", True),
        ("a==1.*", "1.9", True),
        ("a==1.*", "2.0", False),
        ("a @ https://example.invalid/a.whl", "2.0", True),
        # markers: somewhere it is asked for, and let in
        ("a<5; python_version < '3.8'", "5.0", False),
        ("a<5; python_version < '3.8' & a; python_version >= '3.8'", "5.0", True),
        ("a<5; python_version < '3.8' & a<5; python_version >= '3.8'", "5.0", False),
        ("a<5; sys_platform == 'win32' & a; sys_platform != 'win32'", "5.0", True),
        ("a; python_full_version < '3.11.2' & a<5; python_full_version >= '3.11.2'", "5.0", True),
        ("a<5; platform_python_implementation == 'PyPy' & a<6", "5.0", True),
        ("a>=1 & a<5", "5.0", False),
        ("a<5; extra == 'x'", "5.0", False),
        ("a<5; extra == 'x' & a; extra == 'y'", "5.0", True),
        # conda
        ("conda >=4.5,<4.13", "4.13.0", False),
        ("conda >=4.5,<4.13", "4.12.0", True),
        ("conda 4.12.*", "4.13.0", False),
        ("conda 4.12.*", "4.12.0", True),
        ("conda 4.12.0 py37_0", "4.13.0", False),
        ("conda <4.10|>4.12", "4.13.0", True),
        ("openssl <1.1.1w", "1.1.1w", False),
        ("openssl <1.1.1w", "1.1.1v", True),
        ("a %%%", "1", True),
    ],
)  # fmt: skip
def test_all_lines_that_apply_must_admit(requirement: str | None, version: str, expected: bool) -> None:
    assert admits(requirement, version) is expected


def test_environments_that_the_downstream_does_not_support_do_not_count() -> None:
    requirement = "a; python_version < '3.8' & a<5; python_version >= '3.8'"
    assert admits(requirement, "5.0")
    assert not admits(requirement, "5.0", requires_python=">=3.8")


def test_prereleases_can_be_refused() -> None:
    assert admits("a>=1", "2.0rc1")
    assert not admits("a>=1", "2.0rc1", prereleases=False)


@pytest.mark.parametrize(
    ("candidate", "baseline", "expected"),
    [
        ("2.1.0", "2.0.1", "<2.1"),
        ("5.0.0", "4.13.0", "<5"),
        ("1.55.3", "1.55.2", "<1.55.3"),
        ("0.28.0", "0.27.2", "<0.28"),
        ("2022.9.1", "2022.8.17", "<2022.9"),
        ("2022.09.01", "2021.12.31", "<2022"),
        ("23.9.0", "23.7.4", "<23.9"),
        ("2.1.0rc1", "2.0.1", "<2.1.0rc1"),
        ("2.1.0rc2", "2.1.0rc1", "<2.1.0rc2"),
        ("2.1.0", "2.1.0rc1", "<=2.1.0rc1"),
        ("2.1.0.dev3", "2.0", "<2.1.0.dev3"),
        ("1!1.0", "2022.1", "<1!1"),
        ("1.0.post1", "1.0", "<1.0.post1"),
        ("1.1.post1", "1.0", "<1.1"),
        ("1.0+cu118", "1.0", "!=1.0+cu118"),
        ("1.0", "2.0", "!=1.0"),
        ("1.1.1w", "1.1.1v", "<1.1.1w"),
        ("2.0", "main", "<2.0"),
        ("1.0", "1.0", "!=1.0"),
        ("0+unknown", "1.4.0", "<=1.4.0"),  # a folder whose version is made when it is built
    ],
)
def test_the_fix_is_the_shortest_bound(candidate: str, baseline: str, expected: str) -> None:
    assert containing_fix("Demo", candidate, baseline) == f"Demo{expected}"


VERSIONS = st.builds(
    lambda epoch, release, pre, post, dev, local: f"{epoch}{release}{pre}{post}{dev}{local}",
    st.sampled_from(["", "", "", "1!"]),
    st.lists(st.integers(0, 4), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts))),
    st.sampled_from(["", "", "a1", "rc1", "rc2"]),
    st.sampled_from(["", "", ".post0", ".post2"]),
    st.sampled_from(["", "", ".dev1"]),
    st.sampled_from(["", "", "", "+local.1"]),
)


@given(VERSIONS, VERSIONS)
def test_law_the_fix_keeps_the_candidate_out_and_lets_the_baseline_in(candidate: str, baseline: str) -> None:
    if Version(candidate) == Version(baseline):
        return
    fix = containing_fix("demo", candidate, baseline)
    allowed = SpecifierSet(fix.removeprefix("demo"), prereleases=True)
    assert Version(candidate) not in allowed
    assert Version(baseline) in allowed
    assert not admits(fix, candidate)
    assert admits(fix, baseline)
