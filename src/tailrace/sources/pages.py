"""Reads the files that an index, or a find-links page or folder, offers for one name.

A page is a stranger's text: it is read up to a limit, an entry that cannot be understood is passed over without the
others, and a page that came over HTTP offers no files of this machine, whatever it calls its base. The formats are
those of the simple repository API (https://packaging.python.org/specifications/simple-repository-api/). Whether a file
name belongs to a name is for unearth to say.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

import msgspec

from tailrace.model.foreign import read_version

if TYPE_CHECKING:
    from unearth import Link

#: Bytes of one page, unpacked, and how many files it may offer.
PAGE_LIMIT = 128 << 20
FILES_LIMIT = 200_000
_LINE_LIMIT = 4096
_HASH_LENGTHS = {"md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128}
_HEXADECIMAL = re.compile(r"[0-9a-f]+\Z", re.ASCII)
_JSON = "application/vnd.pypi.simple.v1+json"
ACCEPT = f"{_JSON}, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01"
_PAGES = ("text/html", "application/vnd.pypi.simple.v1+html", _JSON)


@dataclass(frozen=True, slots=True)
class Offer:
    """One file that a page offers. `hashes`: as the page has them, to be checked by whoever downloads; `yanked`: the
    reason, `None` for a file that is not; `uploaded`: ISO 8601 time, UTC, empty where the page does not say.
    """

    url: str
    filename: str
    hashes: Mapping[str, str]
    requires_python: str | None = None
    yanked: str | None = None
    uploaded: str = ""


class PageError(Exception):
    """The page is too large, or not a page of an index."""


def read_page(content: bytes, content_type: str, url: str) -> tuple[Offer, ...]:
    """The files on a page that was found at `url`. Raises PageError for a page that is none."""
    if len(content) > PAGE_LIMIT:
        raise PageError(f"the page is larger than {PAGE_LIMIT} bytes")
    kind = content_type.lower().partition(";")[0].strip()
    if kind not in _PAGES:
        raise PageError(f"the page is {kind[:80] or 'of no kind'}, not one of an index")
    found: list[Offer] = []
    for offer in _of_json(content, url) if kind == _JSON else _of_html(content, url):
        if len(found) >= FILES_LIMIT:
            raise PageError(f"the page offers more than {FILES_LIMIT} files")
        found.append(offer)
    return tuple(found)


def read_folder(folder: Path) -> tuple[Offer, ...]:
    """A find-links folder: its archives, and what its HTML files offer."""
    found: list[Offer] = []
    for path in sorted(folder.iterdir()):
        if not path.is_file():
            continue
        if mimetypes.guess_type(path.name, strict=False)[0] == "text/html":
            found += read_file(path)
        else:
            found.append(Offer(path.absolute().as_uri(), path.name, {}))
    return tuple(found)


def read_file(path: Path) -> tuple[Offer, ...]:
    """An HTML page on this machine. Raises PageError."""
    with path.open("rb") as file:
        return read_page(file.read(PAGE_LIMIT + 1), "text/html", path.absolute().as_uri())


def check_hashes(given: Mapping[str, str]) -> str | None:
    """Why these hashes cannot vouch for a file, `None` when they can (or when there are none).

    One of a known kind must be among them, and each of a known kind must be hexadecimal and of the right length: it
    becomes part of a path in the cache.
    """
    known = {name: value for name, value in given.items() if name in _HASH_LENGTHS}
    if given and not known:
        return f"is vouched for only by a hash of a kind that is not known ({', '.join(sorted(given))[:80]})"
    for name, value in known.items():
        if len(value) != _HASH_LENGTHS[name] or not _HEXADECIMAL.match(value.lower()):
            return f"has no valid {name} in the index ({value[:80]!r})"
    return None


def is_file_name(text: str) -> bool:
    """Whether a text can be the name of an archive in a folder: one component, printable, not hidden."""
    return (
        0 < len(text.encode("utf-8", "replace")) <= 255
        and text.isprintable()
        and not text.startswith(".")
        and not set(text) & set('/\\:*?"<>|')
    )


def _of_json(content: bytes, url: str) -> Iterator[Offer]:
    try:
        data = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise PageError(f"the page is not JSON ({error})") from None
    files = data.get("files") if isinstance(data, dict) else None
    if not isinstance(files, list):
        raise PageError("the page has no list of files")
    for entry in files:
        if not isinstance(entry, dict) or not isinstance(entry.get("url"), str):
            continue
        name = entry.get("filename")
        offer = _offer(entry["url"], url, url, name if isinstance(name, str) else None)
        if offer is None:
            continue
        yanked = entry.get("yanked")
        yield replace(
            offer,
            hashes=_hashes(entry.get("hashes")),
            requires_python=_short(entry.get("requires-python")),
            yanked=_short(yanked) if isinstance(yanked, str) and yanked else "" if yanked is True else None,
            uploaded=_moment(entry.get("upload-time")),
        )


def _moment(value: object) -> str:
    """An ISO 8601 time as UTC, empty for what is none."""
    if not isinstance(value, str) or len(value) > 40:
        return ""
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return ""


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.base: str | None = None
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a" and len(self.found) <= FILES_LIMIT:
            self.found.append(dict(attrs))
        elif tag == "base" and self.base is None:
            self.base = dict(attrs).get("href")


def _of_html(content: bytes, url: str) -> Iterator[Offer]:
    parser = _Anchors()
    text = content.decode("utf-8", "replace")
    # In pieces, and never to the end: the library starts over where a tag has no end.
    for start in range(0, len(text), 1 << 14):
        parser.feed(text[start : start + (1 << 14)])
        if len(parser.rawdata) > 1 << 20:
            raise PageError("the page has a tag without an end")
    for anchor in parser.found:
        if not (href := anchor.get("href")):
            continue
        offer = _offer(href, parser.base or url, url, None)
        if offer is None:
            continue
        kind, _, value = urlsplit(offer.url).fragment.partition("=")
        value = value.partition("&")[0]
        hashes = {kind: value.lower()} if kind in _HASH_LENGTHS else {}
        yield replace(
            offer,
            url=offer.url.partition("#")[0],
            hashes=hashes,
            requires_python=_short(anchor.get("data-requires-python")),
            yanked=(_short(anchor["data-yanked"]) or "") if "data-yanked" in anchor else None,
        )


def _offer(href: str, base: str, page: str, filename: str | None) -> Offer | None:
    """The offer of one address, `None` where it is not one that this page may make."""
    try:
        url = urljoin(urljoin(page, base), href.strip())
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") and not (
            parts.scheme == "file" and urlsplit(page).scheme == "file" and parts.netloc in ("", "localhost")
        ):
            return None
        _ = parts.port
        name = filename or unquote(parts.path).rpartition("/")[2]
    except ValueError:
        return None
    return Offer(parts.geturl(), name, {}) if is_file_name(name) and len(url) <= _LINE_LIMIT else None


def _hashes(given: object) -> dict[str, str]:
    if not isinstance(given, dict):
        return {}
    kinds = list(given.items())[:16]
    return {str(kind)[:40].lower(): value.lower() if isinstance(value, str) else "" for kind, value in kinds}


def _short(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= _LINE_LIMIT else None


def offers_of(name: str, offers: Iterable[Offer]) -> Iterator[tuple[Offer, str]]:
    """`(offer, version)` of those files that are releases of the name."""
    from packaging.version import InvalidVersion
    from unearth.evaluator import Evaluator

    evaluator = Evaluator(package_name=name, ignore_compatibility=True, allow_yanked=True)
    for offer in offers:
        try:
            package = evaluator.evaluate_link(_link(offer))
            if package is not None and package.version is not None:
                yield offer, str(read_version(str(package.version)))
        except (ValueError, InvalidVersion):  # a file name that no tool makes
            continue


def _link(offer: Offer) -> Link:
    """The file as unearth knows files: by the end of an address."""
    from urllib.parse import quote

    from unearth import Link

    made: Any = Link(f"file:///{quote(offer.filename)}")
    return made  # type: ignore[no-any-return]
