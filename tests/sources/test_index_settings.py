"""The indexes are those that pip and uv would use."""

from __future__ import annotations

from pathlib import Path

import pytest

from tailrace.sources import SourceSettings, configured
from tailrace.sources.configured import BrokenFileError, read_indexes

PIP = "[global]\nindex-url = https://pip.example/simple\nextra-index-url =\n    https://a.example/x\n    https://b.example/y\n"
UV = 'index-url = "https://uv.example/simple"\nextra-index-url = ["https://uvx.example/s"]\nfind-links = ["/wheels"]\n'
UV_TABLES = """
[[index]]
name = "corp"
url = "https://corp.example/simple"
default = true
[[index]]
name = "more"
url = "https://more.example/simple"
[[index]]
url = "https://explicit.example/simple"
explicit = true
"""


def read(tmp_path: Path, settings: SourceSettings | None = None, **environ: str):
    environ = {
        "HOME": str(tmp_path),
        "XDG_CONFIG_DIRS": str(tmp_path / "xdg"),
        "PIP_CONFIG_FILE": "/dev/null",
    } | environ
    environ.setdefault("UV_NO_CONFIG", "1")
    return read_indexes(settings or SourceSettings(), environ, tmp_path)


def test_nothing_configured_asks_the_public_index(tmp_path: Path) -> None:
    indexes = read(tmp_path)
    assert indexes.public
    assert indexes.index_urls == ()


def test_a_pip_configuration_file_is_obeyed(tmp_path: Path) -> None:
    (tmp_path / "pip.conf").write_text(PIP)
    indexes = read(tmp_path, PIP_CONFIG_FILE=str(tmp_path / "pip.conf"))
    assert not indexes.public
    assert indexes.index_urls == ("https://pip.example/simple", "https://a.example/x", "https://b.example/y")


def test_the_users_pip_file_is_found_in_its_places(tmp_path: Path) -> None:
    for place in (".pip", ".config/pip", "xdg/pip"):
        folder = tmp_path / place
        folder.mkdir(parents=True)
        (folder / "pip.conf").write_text(f"[global]\nfind-links = /{place}\n")
        environ = {
            "HOME": str(tmp_path),
            "XDG_CONFIG_DIRS": str(tmp_path / "xdg"),
            "UV_NO_CONFIG": "1",
            "VIRTUAL_ENV": "/none",
        }
        found = read_indexes(SourceSettings(), environ, tmp_path).find_links
        (folder / "pip.conf").unlink()
        assert found[-1:] == (f"/{place}",)


@pytest.mark.parametrize(
    ("environ", "urls", "public"),
    [
        ({"PIP_INDEX_URL": "https://e.example/s"}, ("https://e.example/s",), False),
        ({"PIP_EXTRA_INDEX_URL": "https://e.example/s"}, ("https://e.example/s",), True),
        ({"PIP_NO_INDEX": "1", "PIP_EXTRA_INDEX_URL": "https://e.example/s"}, (), False),
        (
            {"UV_INDEX_URL": "https://u.example/s", "PIP_INDEX_URL": "https://e.example/s"},
            ("https://u.example/s",),
            False,
        ),
        ({"UV_DEFAULT_INDEX": "corp=https://u.example/s"}, ("https://u.example/s",), False),
        (
            {"UV_INDEX": "a=https://a.example/s https://b.example/s"},
            ("https://a.example/s", "https://b.example/s"),
            True,
        ),
        (
            {"UV_INDEX": "my-a=https://a.example/s", "UV_INDEX_MY_A_USERNAME": "u", "UV_INDEX_MY_A_PASSWORD": "p/w"},
            ("https://u:p%2Fw@a.example/s",),
            True,
        ),
        ({"UV_NO_INDEX": "true"}, (), False),
    ],
)
def test_the_environment_is_obeyed(
    tmp_path: Path, environ: dict[str, str], urls: tuple[str, ...], public: bool
) -> None:
    indexes = read(tmp_path, **environ)
    assert (indexes.index_urls, indexes.public) == (urls, public)


@pytest.mark.parametrize("filename", ["uv.toml", "pyproject.toml"])
def test_a_uv_project_file_is_obeyed(tmp_path: Path, filename: str) -> None:
    text = UV if filename == "uv.toml" else f"[tool.uv]\n{UV}"
    (tmp_path / filename).write_text(text)
    (tmp_path / "below").mkdir()
    environ = {"HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path), "PIP_CONFIG_FILE": "/dev/null"}
    indexes = read_indexes(SourceSettings(), environ, tmp_path / "below")
    assert indexes.index_urls == ("https://uv.example/simple", "https://uvx.example/s")
    assert indexes.find_links == ("/wheels",)


def test_uv_index_tables_are_read_and_explicit_ones_left_out(tmp_path: Path) -> None:
    (tmp_path / "uv.toml").write_text(UV_TABLES)
    indexes = read(tmp_path, UV_NO_CONFIG="")
    assert indexes.index_urls == ("https://corp.example/simple", "https://more.example/simple")


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("pip.conf", "[global", "at line 1$"),
        ("pip.conf", "[global]\nindex-url\n", "at line 2$"),
        ("pip.conf", "[a]\nb = 1\n[a]\n", "at line 3$"),
        ("pip.conf", "\xff\xfe", "can't decode"),
        ("pip.conf", "index-url = x\n", "at line 1$"),
        ("uv.toml", "= broken", "Invalid"),
        ("uv.toml", "a" + ".a" * 500 + " = 1", "too many parts"),
        ("pyproject.toml", "= broken", None),  # uv passes it over
        ("pyproject.toml", "[tool.uv]\nno-index = 3\n", None),
    ],
)
def test_a_file_that_cannot_be_parsed_is_an_error_where_it_may_name_an_index(
    tmp_path: Path, file: str, text: str, says: str | None
) -> None:
    (tmp_path / file).write_bytes(text.encode("latin-1"))
    environ = {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf"), "UV_NO_CONFIG": ""}
    if says is None:
        assert read(tmp_path, **environ).public
        return
    with pytest.raises(BrokenFileError, match=says) as raised:
        read(tmp_path, **environ)
    assert str(tmp_path / file) in str(raised.value)


def test_what_the_user_says_replaces_what_is_configured(tmp_path: Path) -> None:
    environ = {
        "PIP_INDEX_URL": "https://e.example/s",
        "PIP_EXTRA_INDEX_URL": "https://x.example/s",
        "PIP_FIND_LINKS": "/w",
    }
    indexes = read(tmp_path, SourceSettings(index_urls=("https://mine.example/s",)), **environ)
    assert indexes.index_urls == ("https://mine.example/s",)
    assert indexes.find_links == ("/w",)
    only_extra = read(tmp_path, SourceSettings(extra_index_urls=("https://mine.example/s",), find_links=()), **environ)
    assert only_extra.index_urls == ("https://e.example/s", "https://mine.example/s")
    assert only_extra.find_links == ()


def test_certificates_hosts_and_time_limits_come_along(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_text("")
    indexes = read(tmp_path, PIP_CERT=str(bundle), PIP_TRUSTED_HOST="a.example b.example:8080", PIP_DEFAULT_TIMEOUT="7")
    assert indexes.certificates == str(bundle)
    assert indexes.trusted_hosts == ("a.example", "b.example:8080")
    assert indexes.timeout == 7.0
    assert read(tmp_path, SSL_CERT_FILE="/no/such/file").certificates is None


@pytest.fixture
def no_file_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out /etc/pip.conf, the one file of pip that no variable moves."""
    files = configured._pip_files
    monkeypatch.setattr(
        configured, "_pip_files", lambda environ: (path for path in files(environ) if path.parent != Path("/etc"))
    )


@pytest.mark.usefixtures("no_file_of_the_machine")
@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({".config/pip/pip.conf": "[global]\nindex-url = https://user.example/s\n"}, "https://user.example/s"),
        ({"xdg/pip/pip.conf": "[global]\nindex-url = https://all.example/s\n"}, "https://all.example/s"),
        (
            {
                "xdg/pip/pip.conf": "[global]\nindex-url = https://all.example/s\n",
                ".config/pip/pip.conf": "[global]\nindex-url = https://user.example/s\n",
            },
            "https://user.example/s",
        ),
        (  # the venv's own file is stronger than the user's
            {
                ".config/pip/pip.conf": "[global]\nindex-url = https://user.example/s\n",
                "venv/pip.conf": "[global]\nindex_url = https://site.example/s\n",
            },
            "https://site.example/s",
        ),
        (  # a command's own section is stronger, though its file is weaker
            {
                "xdg/pip/pip.conf": "[install]\nindex-url = https://install.example/s\n",
                ".config/pip/pip.conf": "[global]\nindex-url = https://user.example/s\n",
            },
            "https://install.example/s",
        ),
        (  # near-misses: an empty value says nothing, and neither does another command's section
            {
                "xdg/pip/pip.conf": "[global]\nindex-url = https://all.example/s\n",
                ".config/pip/pip.conf": "[global]\nindex-url =\n[freeze]\nindex-url = https://no.example/s\n",
            },
            "https://all.example/s",
        ),
        ({"xdg/uv/uv.toml": 'index-url = "https://uv-all.example/s"\n'}, "https://uv-all.example/s"),
        (
            {
                "xdg/uv/uv.toml": 'index-url = "https://uv-all.example/s"\n',
                ".config/uv/uv.toml": 'index-url = "https://uv-user.example/s"\n',
            },
            "https://uv-user.example/s",
        ),
        ({"uv/uv.toml": 'index-url = "https://nowhere.example/s"\n'}, None),
    ],
)
def test_every_configuration_file_counts_in_the_order_of_pip_and_uv(
    tmp_path: Path, files: dict[str, str], expected: str | None
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    environ = {
        "HOME": str(tmp_path),
        "XDG_CONFIG_DIRS": str(tmp_path / "xdg"),
        "VIRTUAL_ENV": str(tmp_path / "venv"),
    }
    (tmp_path / "project").mkdir()
    indexes = read_indexes(SourceSettings(), environ, tmp_path / "project")
    assert indexes.index_urls == ((expected,) if expected else ())


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"PIP_CERT": "~/ca.pem"}, "ca.pem"),
        ({"REQUESTS_CA_BUNDLE": "{home}/ca.pem"}, "ca.pem"),
        ({"CURL_CA_BUNDLE": "{home}/ca.pem"}, "ca.pem"),
        ({"SSL_CERT_FILE": "{home}/ca.pem", "PIP_CERT": "{home}/other.pem"}, "ca.pem"),
        ({"SSL_CERT_FILE": "{home}/none.pem", "PIP_CERT": "{home}/other.pem"}, "other.pem"),
        ({"PIP_CERT": "{home}/none.pem"}, None),
        ({}, None),
    ],
)
def test_certificates_are_found_where_other_tools_find_them(
    tmp_path: Path, environ: dict[str, str], expected: str | None
) -> None:
    for name in ("ca.pem", "other.pem"):
        (tmp_path / name).write_text("")
    found = read(tmp_path, **{key: value.format(home=tmp_path) for key, value in environ.items()}).certificates
    assert found == (str(tmp_path / expected) if expected else None)


def test_relative_places_in_a_uv_file_start_at_that_file(tmp_path: Path) -> None:
    (tmp_path / "uv.toml").write_text('find-links = ["wheels"]\n[[index]]\nname = "here"\nurl = "simple"\n')
    (tmp_path / "simple").mkdir()
    (tmp_path / "below").mkdir()
    environ = {"HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path), "PIP_CONFIG_FILE": "/dev/null"}
    indexes = read_indexes(SourceSettings(), environ, tmp_path / "below")
    assert indexes.find_links == (str(tmp_path / "wheels"),)
    assert indexes.index_urls == ((tmp_path / "simple").as_uri(),)
