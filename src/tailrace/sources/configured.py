"""Reads which indexes to ask from the configuration of pip and uv.

Needs the standard library alone: `.ci/uv_environment.py` loads this file before anything is installed.
"""

from __future__ import annotations

import configparser
import locale
import os
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    from tailrace.sources.settings import SourceSettings


class BrokenFileError(ValueError):
    """A configuration file of pip or uv that cannot be parsed: what it says of private indexes is not known."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} cannot be parsed: {' '.join(reason.split())[:200]}")


@dataclass(frozen=True, slots=True)
class Indexes:
    """Where to look. `index_urls` in the order asked; `find_links` are paths or URLs; `public`: the public index comes
    first.

    URLs may hold credentials: they are for the session alone, never for a report. `certificates`: a CA bundle, `None`
    for the system's; `client_certificate` likewise. `constraint_files`: paths of requirements files, and `constraints`
    lines of such files, that limit a release whose version nobody named. `timeout` in seconds.
    """

    index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    public: bool = False
    trusted_hosts: tuple[str, ...] = ()
    certificates: str | None = None
    client_certificate: str | None = None
    proxy: str | None = None
    timeout: float = 30.0
    constraint_files: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()


def read_indexes(
    settings: SourceSettings, environ: Mapping[str, str] = os.environ, directory: Path | None = None
) -> Indexes:
    """Merge what the user said with what pip and uv would use in `directory`. Raises `BrokenFileError`."""
    pip = read_pip(environ)
    uv = read_uv(environ, directory or Path.cwd())
    public = False
    if settings.index_urls is not None:
        base: tuple[str, ...] = settings.index_urls
        extra: tuple[str, ...] = settings.extra_index_urls or ()
    else:
        default = uv.index or pip.index
        base = () if pip.no_index or uv.no_index or default is None else (default,)
        public = default is None and not (pip.no_index or uv.no_index)
        extra = (*uv.extra, *pip.extra) if settings.extra_index_urls is None else settings.extra_index_urls
        if pip.no_index or uv.no_index:
            extra = settings.extra_index_urls or ()
    find_links = (*uv.find_links, *pip.find_links) if settings.find_links is None else settings.find_links
    return Indexes(
        index_urls=tuple(dict.fromkeys(_as_url(url) for url in (*base, *extra))),
        find_links=tuple(dict.fromkeys(find_links)),
        public=public,
        trusted_hosts=tuple(dict.fromkeys((*uv.trusted, *pip.trusted))),
        certificates=next((path for path in _bundles(environ, pip) if path and Path(path).exists()), None),
        client_certificate=environ.get("SSL_CLIENT_CERT") or pip.client_cert,
        proxy=pip.proxy,
        timeout=pip.timeout,
        constraint_files=tuple(dict.fromkeys((*uv.constraint_files, *pip.constraint_files))),
        constraints=uv.constraints,
    )


def _bundles(environ: Mapping[str, str], pip: Tool) -> tuple[str | None, ...]:
    """Where certificates may be, the most telling place first."""
    return (
        environ.get("SSL_CERT_FILE"),
        pip.cert,
        environ.get("REQUESTS_CA_BUNDLE"),
        environ.get("CURL_CA_BUNDLE"),
    )


@dataclass(frozen=True, slots=True)
class Tool:
    """What one tool's configuration says, as it is written there. Local paths are absolute."""

    index: str | None = None
    extra: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    no_index: bool = False
    cert: str | None = None
    client_cert: str | None = None
    proxy: str | None = None
    timeout: float = 30.0
    constraint_files: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()


def public_index() -> str:
    """The index that a finder asks when it is told of none: the library keeps that address, not we. Imports a good
    deal.
    """
    from unearth import PackageFinder

    return str(PackageFinder().sources[0]["url"]).rstrip("/")


def _as_url(index: str) -> str:
    if "://" in index:
        return index.rstrip("/")
    path = Path(index).expanduser()
    return path.absolute().as_uri() if path.exists() else index


# pip: https://pip.pypa.io/en/stable/topics/configuration/: later files win, and the environment wins over all of them.

_MOST_SETTINGS = 4 << 20
_MOST_PARTS = 400
_PIP_SECTIONS = ("global", "download", "install")


def read_pip(environ: Mapping[str, str]) -> Tool:
    """What every configuration file of pip, and its environment variables, say. A file that may not be read is passed
    over, as pip does. Raises `BrokenFileError` for one that cannot be parsed: another index would be asked instead.
    """
    options: dict[str, str] = {}
    sections: dict[str, dict[str, str]] = {name: {} for name in _PIP_SECTIONS}
    for path in _pip_files(environ):
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding=locale.getpreferredencoding(False) if sys.platform == "win32" else "utf-8")
        except UnicodeDecodeError as error:
            raise BrokenFileError(path, str(error)) from None
        except configparser.Error as error:  # its text holds the line, which may hold a password
            places = [getattr(error, "lineno", None), *(line for line, _ in getattr(error, "errors", ()))]
            at = next((f" at line {line}" for line in places if line is not None), "")
            raise BrokenFileError(path, f"it is not in the format of pip{at}") from None
        except OSError:
            continue
        for section, values in sections.items():
            if parser.has_section(section):
                values |= {key.replace("_", "-"): value for key, value in parser.items(section) if value}
    for values in sections.values():  # a command's own section beats [global], whichever file either stands in
        options |= values
    options |= {
        key.removeprefix("PIP_").lower().replace("_", "-"): value
        for key, value in environ.items()
        if key.startswith("PIP_") and value
    }
    home = environ.get("HOME")
    return Tool(
        index=options.get("index-url") or options.get("pypi-url"),
        extra=tuple(options.get("extra-index-url", "").split()),
        find_links=tuple(_at_home(link, home) for link in options.get("find-links", "").split()),
        trusted=tuple(options.get("trusted-host", "").split()),
        no_index=_is_true(options.get("no-index", "")),
        cert=_at_home(options.get("cert"), home),
        client_cert=_at_home(options.get("client-cert"), home),
        proxy=options.get("proxy"),
        timeout=_seconds(options.get("timeout") or options.get("default-timeout")),
        constraint_files=tuple(_at_home(file, home) for file in options.get("constraint", "").split()),
    )


@overload
def _at_home(path: str, home: str | None) -> str: ...
@overload
def _at_home(path: None, home: str | None) -> None: ...
@overload
def _at_home(path: str | None, home: str | None) -> str | None: ...
def _at_home(path: str | None, home: str | None) -> str | None:
    return f"{home or Path.home()}{path[1:]}" if path and (path == "~" or path.startswith(("~/", "~\\"))) else path


def _pip_files(environ: Mapping[str, str]) -> Iterator[Path]:
    named = environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return
    windows = sys.platform == "win32"
    filename = "pip.ini" if windows else "pip.conf"
    home = Path(environ.get("HOME") or Path.home())
    if windows:
        yield Path(environ.get("PROGRAMDATA", r"C:\ProgramData")) / "pip" / filename
    else:
        yield from (
            Path(part) / "pip" / filename for part in environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":") if part
        )
        if sys.platform == "darwin":
            yield Path("/Library/Application Support/pip") / filename
        yield Path("/etc") / filename
    yield home / ("pip" if windows else ".pip") / filename
    if windows:
        yield Path(environ.get("APPDATA", home)) / "pip" / filename
    else:
        yield Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / filename
    if sys.platform == "darwin":
        yield home / "Library" / "Application Support" / "pip" / filename
    yield Path(environ.get("VIRTUAL_ENV") or sys.prefix) / filename
    if named:
        yield Path(named)


# uv: https://docs.astral.sh/uv/concepts/configuration-files/: project over user over system, the environment over all.


def read_uv(environ: Mapping[str, str], directory: Path) -> Tool:
    """What the uv.toml or pyproject.toml of a project, the user's and the system's uv.toml, and the environment say.
    Raises `BrokenFileError` for a uv.toml that cannot be parsed; such a pyproject.toml is passed over, as uv does.
    """
    index: str | None = None
    extra: list[str] = []
    find_links: list[str] = []
    trusted: list[str] = []
    constraints: list[str] = []
    no_index = False
    for folder, table in _uv_tables(environ, directory):
        for entry in _tables(table.get("index")):
            url = entry.get("url")
            if not isinstance(url, str) or entry.get("explicit") is True:
                continue
            name = entry.get("name")
            url = f"{name}={_beside(url, folder)}" if isinstance(name, str) and name else _beside(url, folder)
            if entry.get("default") is True:
                index = index or url
            else:
                extra.append(url)
        for scope in (table, *_tables([table.get("pip")])):
            default = _text(scope.get("index-url"))
            index = index or (_beside(default, folder) if default else None)
            extra += [_beside(url, folder) for url in _texts(scope.get("extra-index-url"))]
            find_links += [_beside(link, folder) for link in _texts(scope.get("find-links"))]
            no_index = no_index or scope.get("no-index") is True
        trusted += _texts(table.get("allow-insecure-host"))
        constraints += _texts(table.get("constraint-dependencies"))
    index = environ.get("UV_DEFAULT_INDEX") or environ.get("UV_INDEX_URL") or index
    extra = [*environ.get("UV_INDEX", "").split(), *environ.get("UV_EXTRA_INDEX_URL", "").split(), *extra]
    find_links = [*environ.get("UV_FIND_LINKS", "").replace(",", " ").split(), *find_links]
    trusted += environ.get("UV_INSECURE_HOST", "").split()
    return Tool(
        index=_with_credentials(index, environ) if index else None,
        extra=tuple(_with_credentials(url, environ) for url in extra),
        find_links=tuple(find_links),
        trusted=tuple(trusted),
        no_index=no_index or _is_true(environ.get("UV_NO_INDEX", "")),
        constraint_files=tuple(environ.get("UV_CONSTRAINT", "").split()),
        constraints=tuple(constraints),
    )


def _beside(place: str, folder: Path) -> str:
    """A relative path in a configuration file starts at that file; a URL and an absolute path stay as they are."""
    return place if "://" in place else str(folder / Path(place).expanduser())


def _uv_tables(environ: Mapping[str, str], directory: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Each table of settings with the folder of its file, the strongest first."""
    if named := environ.get("UV_CONFIG_FILE"):
        yield Path(named).absolute().parent, _read_toml(Path(named))
        return
    if _is_true(environ.get("UV_NO_CONFIG", "")):
        return
    for folder in (directory, *directory.parents):
        if (folder / "uv.toml").is_file():
            yield folder, _read_toml(folder / "uv.toml")
            break
        if (folder / "pyproject.toml").is_file():
            project = _read_toml(folder / "pyproject.toml", obeyed=False).get("tool", {})
            if isinstance(project, dict) and isinstance(project.get("uv"), dict):
                yield folder, project["uv"]
                break
    home = Path(environ.get("HOME") or Path.home())
    if sys.platform == "win32":
        user, system = Path(environ.get("APPDATA", home)), [Path(environ.get("PROGRAMDATA", r"C:\ProgramData"))]
    else:
        user = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
        system = [Path(part) for part in environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":") if part] + [Path("/etc")]
    for folder in (user / "uv", *(place / "uv" for place in system if (place / "uv" / "uv.toml").is_file())):
        yield folder, _read_toml(folder / "uv.toml")
        if folder != user / "uv":
            break


def _read_toml(path: Path, *, obeyed: bool = True) -> dict[str, Any]:
    """The table of a file, empty where there is none. `obeyed`: raise `BrokenFileError` where it cannot be parsed."""
    try:
        if not path.is_file():  # a pipe never ends
            return {}
        if path.stat().st_size > _MOST_SETTINGS:
            raise ValueError("it is too large")
        text = path.read_text("utf-8")
        if any(line.count(".") > _MOST_PARTS for line in text.split("\n")):
            # A dotted key of many parts takes the library time that grows with their square.
            raise ValueError("a key has too many parts")
        return tomllib.loads(text)
    except OSError:
        return {}
    except (ValueError, RecursionError) as error:
        if obeyed:
            raise BrokenFileError(path, str(error)) from None
        return {}


def _with_credentials(index: str, environ: Mapping[str, str]) -> str:
    """`name=url` with `UV_INDEX_NAME_USERNAME` and `…_PASSWORD` put in."""
    url = _without_name(index)
    if url == index:
        return url
    key = "".join(char if char.isalnum() else "_" for char in index[: -len(url) - 1]).upper()
    user, password = environ.get(f"UV_INDEX_{key}_USERNAME"), environ.get(f"UV_INDEX_{key}_PASSWORD")
    scheme, separator, rest = url.partition("://")
    if not (user or password) or "@" in rest.partition("/")[0]:
        return url
    from urllib.parse import quote

    return f"{scheme}{separator}{quote(user or '', safe='')}:{quote(password or '', safe='')}@{rest}"


def _without_name(index: str) -> str:
    name, equals, url = index.partition("=")
    is_place = "://" in url or Path(url).is_absolute()
    return url if equals and is_place and "/" not in name else index


def _tables(value: object) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _is_true(value: str) -> bool:
    return value.strip().lower() in ("1", "true", "yes", "on", "y", "t")


def _seconds(value: str | None) -> float:
    try:
        return float(value) if value else 30.0
    except ValueError:
        return 30.0
