"""Classifies a channel as it is written: Anaconda's own, conda-forge, a canary."""

from __future__ import annotations

import re

from tailrace.model.address import redact, secrets_of

# Hosts are matched by their parts: mirrors that carry the name in a path are no less Anaconda's channels.
_ANACONDA = r"(?:repo|conda)\.(?:anaconda|continuum)\.(?:com|io|org)"
_DEFAULTS_URL = re.compile(
    rf"^https?://(?:[^/@]*@)?{_ANACONDA}/(?:t/[^/]+/)?(?:pkgs/(?:main|r|free|msys2|pro)|main|anaconda|defaults)(?:/|$)",
    re.I,
)
_ANY_URL = re.compile(r"^[a-z][a-z0-9+.-]*://", re.I)
_HOST = re.compile(r"^https?://(?:[^/@]*@)?(?:[^/]*)/(?:t/[^/]+/)?", re.I)
_DEFAULTS = frozenset({"defaults", "pkgs/main", "pkgs/r", "pkgs/free", "pkgs/msys2", "pkgs/pro", "anaconda", "main"})
_LABEL = re.compile(r"(?:^|/)label/([^/\s\[]+)")
_SUBDIR = re.compile(r"/(?:noarch|linux-\w+|osx-\w+|win-\w+)/?$")
_UNRELEASED = re.compile(
    r"(?:^|[-_./])(?:canary|nightly|nightlies|dev|devel|development|rc\d*|alpha|beta|pre|prerelease|experimental|"
    r"testing|test|staging|broken|snapshot|unstable)(?=$|[-_./\d])",
    re.I,
)
_UNRELEASED_NAMES = frozenset(
    {
        "conda-canary",
        "cf-staging",
        "conda-forge-canary",
        "rapidsai-nightly",
        "pytorch-nightly",
        "arrow-nightlies",
        "scientific-python-nightly-wheels",
        "bioconda-staging",
    }
)


def is_variable(text: str) -> bool:
    """Whether the name is put together at run time (`${{ matrix.channel }}`, `$CHANNEL`, `%CHANNEL%`)."""
    return "$" in text or "{{" in text or "%" in text or "<" in text


def channel_name(text: str) -> str:
    """The name without host, token and subdir: `conda-forge`, `pkgs/main`, `conda-forge/label/dev`."""
    bare = _SUBDIR.sub("", text.strip().rstrip("/"))
    if _ANY_URL.match(bare):
        return _HOST.sub("", bare) or bare
    return bare


def is_defaults(text: str) -> bool:
    """Whether the channel is one of Anaconda's own: `defaults`, `pkgs/main`, `anaconda`, or their URLs."""
    if _ANY_URL.match(text):
        return bool(_DEFAULTS_URL.match(text.rstrip("/") + "/"))
    return text.strip().rstrip("/").lower() in _DEFAULTS


def is_community(text: str) -> bool:
    """Whether the channel is conda-forge, or is built on it, so that packages of `defaults` do not fit beside it."""
    name = channel_name(text).lower()
    return name in ("conda-forge", "bioconda") or name.endswith("/conda-forge") or name.startswith("conda-forge/label/")


def label_of(text: str) -> str | None:
    """The label, `None` for none or for `main`, which is the channel itself."""
    found = _LABEL.search(text)
    return None if found is None or found[1] == "main" else found[1]


def is_unreleased(text: str) -> bool:
    """Whether the channel holds what is not released: a canary, nightly or staging channel or label, or `broken`."""
    label = label_of(text)
    if label is not None:
        return bool(_UNRELEASED.search(label)) or label.endswith(("_rc", "_dev", "_beta", "_alpha"))
    name = channel_name(text).lower()
    return name in _UNRELEASED_NAMES or bool(re.search(r"[-_/](?:canary|nightly|nightlies)$", name))


def holds_secret(text: str) -> bool:
    """Whether the URL carries a token or a password in clear text."""
    return any(not is_variable(found) for found in secrets_of(text))


def blot(text: str) -> str:
    """The text with tokens and passwords of URLs blotted out."""
    return redact(text)


def is_plain_http(text: str) -> bool:
    """Whether the channel is fetched without encryption from another machine."""
    if not text.lower().startswith("http://"):
        return False
    host = re.split(r"[/:]", text[7:].rpartition("@")[2] if "@" in text[7:].split("/", maxsplit=1)[0] else text[7:])[
        0
    ].lower()
    return host not in ("localhost", "127.0.0.1", "[", "0.0.0.0") and not host.endswith((".local", ".localhost"))  # noqa: S104 - compared, not bound


def split_spec(text: str) -> tuple[str, str]:
    """`channel::name …` → channel and the rest; the channel is empty when none is named. `[channel=…]` counts too."""
    bracket = re.search(r"\[[^\[\]]*\bchannel\s*=\s*['\"]?([^'\",\]]+)", text)
    if bracket:
        return bracket[1].strip(), text[: text.index("[")]
    head = re.match(r"\s*([^\s\[#=<>!~]*?)(?:/[a-z0-9-]+)?::(?!\s)", text)
    if head and head[1]:
        return text.partition("::")[0].strip(), text.partition("::")[2]
    return "", text


def package_of(text: str) -> str:
    """The package's name in a spec, lower case."""
    found = re.match(r"\s*([A-Za-z0-9_.][A-Za-z0-9_.-]*)", split_spec(text)[1])
    return found[1].lower() if found else ""


def is_bounded(text: str) -> bool:
    """Whether the spec has an upper bound or names a version: `conda <24`, `conda=4.12`, `conda 23.1.*`."""
    rest = split_spec(text)[1].partition("[")[0]
    name = re.match(r"\s*[A-Za-z0-9_.-]+", rest)
    constraint = rest[name.end() :].strip() if name else ""
    return bool(constraint) and (
        bool(re.search(r"<|~=|(?<![<>!])=", constraint))
        or bool(re.match(r"v?\d", constraint))
        or is_variable(constraint)
    )
