"""One grammar for what a release is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailrace.sources import SpecError, parse_spec
from tailrace.sources.spec import CondaSpec, EnvironmentSpec, GitSpec, PathSpec, PypiSpec, UrlSpec, spec_text

READ = [
    ("MarkupSafe==2.1.0", PypiSpec("MarkupSafe", "==2.1.0")),
    ("pypi:MarkupSafe==2.1.0", PypiSpec("MarkupSafe", "==2.1.0")),
    ("  click >= 8, < 9 ", PypiSpec("click", ">=8,<9")),
    ("requests[socks]==2.31.0", PypiSpec("requests", "==2.31.0")),
    ("numpy", PypiSpec("numpy")),
    ("zope.interface", PypiSpec("zope.interface")),
    ("conda-forge::conda=4.13.0", CondaSpec(("conda-forge",), "conda", "4.13.0")),
    ("conda-forge::conda=4.13.0=py39_0", CondaSpec(("conda-forge",), "conda", "4.13.0", "py39_0")),
    ("conda-forge::conda==4.13.0=py39_0", CondaSpec(("conda-forge",), "conda", "==4.13.0", "py39_0")),
    ("conda-forge::conda 4.13.0 py39_0", CondaSpec(("conda-forge",), "conda", "4.13.0", "py39_0")),
    ("conda-forge::conda>=4,<5", CondaSpec(("conda-forge",), "conda", ">=4,<5")),
    ("conda-forge::conda", CondaSpec(("conda-forge",), "conda")),
    ("hi,lo::conda", CondaSpec(("hi", "lo"), "conda")),
    ("file:///a/b/label/canary::x=1", CondaSpec(("file:///a/b/label/canary",), "x", "1")),
    ("./dist/a-1.0-py3-none-any.whl", PathSpec("./dist/a-1.0-py3-none-any.whl")),
    ("a-1.0.tar.gz", PathSpec("a-1.0.tar.gz")),
    ("a-1.0-0.conda", PathSpec("a-1.0-0.conda")),
    (".", PathSpec(".")),
    ("~/src/a", PathSpec("~/src/a")),
    ("src/a", PathSpec("src/a")),
    ("git+/srv/repo@v1.0", GitSpec("/srv/repo", "v1.0")),
    ("git+/srv/repo", GitSpec("/srv/repo", "HEAD")),
    ("git+/srv/repo@feature/x#subdirectory=a/b", GitSpec("/srv/repo", "feature/x", "a/b")),
    ("git+https://user@example.org/x/y@v1", GitSpec("https://user@example.org/x/y", "v1")),
    ("git+https://user@example.org/x/y", GitSpec("https://user@example.org/x/y", "HEAD")),
    ("git+ssh://git@example.org/x/y.git@v1", GitSpec("ssh://git@example.org/x/y.git", "v1")),
    ("git+git@example.org:x/y.git@v1", GitSpec("git@example.org:x/y.git", "v1")),
    ("env:/srv/python", EnvironmentSpec("/srv/python")),
    ("env:/srv/python#name=click", EnvironmentSpec("/srv/python", "click")),
    ("https://example.org/a-1.0.tar.gz#sha256=ab", UrlSpec("https://example.org/a-1.0.tar.gz", "ab")),
    ("a @ https://example.org/a-1.0.tar.gz", UrlSpec("https://example.org/a-1.0.tar.gz")),
    ("a[x] @ git+https://example.org/a@v1", GitSpec("https://example.org/a", "v1")),
]


@pytest.mark.parametrize(("text", "expected"), READ, ids=[text for text, _ in READ])
def test_a_spec_is_read(text: str, expected: object) -> None:
    assert parse_spec(text) == expected


@pytest.mark.parametrize("spec", [expected for _, expected in READ], ids=str)
def test_a_spec_reads_back_from_its_text(spec: object) -> None:
    assert parse_spec(spec_text(spec)) == spec


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is no release"),
        ("a\nb==1", "is no release"),
        ("numpy=1.0", "Write numpy==1.0, or CHANNEL::numpy=1.0"),
        ("numpy==", "has no valid version"),
        ("numpy==1.0; python_version<'3'", "environment marker"),
        ("-rf==1", "is no release"),
        ("::x", "is no conda package"),
        ("conda-forge::", "is no conda package"),
        ("conda-forge::x[build=1]", "brackets"),
        ("git+/srv/repo@--upload-pack=x", "no usable git ref"),
        ("git+/srv/repo@a..b", "no usable git ref"),
        ("git+/srv/repo@a b", "no usable git ref"),
        ("git+/srv/repo@v1#subdirectory=../x", "leaves the repository"),
        ("git+@v1", "names no repository"),
        ("hg+https://example.org/x", "not supported"),
        ("https://example.org/x", "not the URL of an archive"),
        ("env:", "names no environment"),
        ("env:/x#name=--", "no valid distribution name"),
    ],
)
def test_what_is_no_spec_is_refused_with_the_way_out(text: str, says: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_spec(text)
    assert says in str(caught.value)
    assert caught.value.hint
    assert caught.value.exit_status == 2


names = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,8}[A-Za-z0-9])?", fullmatch=True).filter(
    lambda name: not name.lower().endswith((".whl", ".conda", ".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst"))
)
versions = st.from_regex(
    r"[0-9]{1,3}(\.[0-9]{1,3}){0,3}((a|b|rc)[0-9]{1,2})?(\.post[0-9])?(\.dev[0-9])?", fullmatch=True
)
builds = st.from_regex(r"[a-z0-9_]{1,8}", fullmatch=True)
channels = st.sampled_from(["conda-forge", "file:///srv/channel", "https://example.org/t/x/label/rc", "/srv/channel"])
specs = st.one_of(
    st.builds(
        PypiSpec, names, st.one_of(st.just(""), versions.map(lambda v: f"=={v}"), versions.map(lambda v: f">={v}"))
    ),
    st.builds(
        CondaSpec,
        st.lists(channels, min_size=1, max_size=2).map(tuple),
        names,
        st.one_of(versions, versions.map(lambda v: f"=={v}")),
        st.one_of(st.just(""), builds),
    ),
    st.builds(CondaSpec, st.lists(channels, min_size=1, max_size=2).map(tuple), names, versions.map(lambda v: f"<{v}")),
    st.builds(
        GitSpec,
        st.sampled_from(["/srv/a@b/c", "https://u:p@example.org/x", "git@example.org:x/y.git"]),
        versions,
        st.sampled_from(["", "a", "a/b c"]),
    ),
    st.builds(EnvironmentSpec, st.sampled_from(["/srv/python", "venv"]), st.one_of(st.none(), names)),
)


@given(specs)
def test_any_spec_survives_a_round_trip(spec: object) -> None:
    assert parse_spec(spec_text(spec)) == spec


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        spec = parse_spec(text)
    except SpecError:
        return
    assert parse_spec(spec_text(spec)) == spec
