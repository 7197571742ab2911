"""An address that may contain a secret and cannot be printed with it, and a function that removes secrets from any
text.

A URL can hold a secret as user and password, as `/t/TOKEN/` in its path, in its query and in its fragment. The password
may itself hold `@`, `/` or a quote. Everything here is one pass over the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus, unquote, unquote_plus

MASK = "****"

_AUTHORITY = re.compile(r":[/\\]+")
_SCHEME_CHARS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-")
_LONGEST_SCHEME = 40
_LONGEST_LOGIN = 4000
_NETWORK = frozenset({"http", "https", "ftp", "ftps", "ssh", "git", "s3"})
# Only ASCII: a wide blank may stand in a password.
_BLANK = re.compile(r"(?a:\s)")
# Where a URL ends in a text of any kind. A comma ends it only before another URL (a list of channels).
_END = re.compile(r"(?a:[\s\"'<>`])")
_QUERY = re.compile(r"[?#]")
_NEXT = re.compile(r"[,;|/](?=[A-Za-z][A-Za-z0-9+.-]{1,20}://)")
_NEXT_IN_LIST = re.compile(r",(?=[A-Za-z][A-Za-z0-9+.-]{1,20}://)")
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.%]*\]|[^:@\[\]\\]*)(?::\d+)?\Z")
_DOTTED = re.compile(r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,20}\.[A-Za-z]{2,20}(?::\d{1,5})?/")
# Users that name a protocol's account rather than a person or a token.
_PUBLIC_USERS = frozenset({"git", "hg", "svn", ""})
# A password in words that only says that the user is the token.
_NO_PASSWORD = frozenset({"", "x-oauth-basic"})
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_PUBLIC_FRAGMENT = re.compile(
    r"(?:(?:sha(?:1|224|256|384|512)|md5|blake2b)[=:-][0-9A-Fa-f]{0,128}"
    r"|subdirectory=[^&]*|egg=[\w.\[\], -]*|name=[\w.-]*"
    # Places on the pages of a forge: a line, a range of lines, a comment.
    r"|L\d{1,7}(?:C\d{1,5})?(?:-L?\d{1,7}(?:C\d{1,5})?)?"
    r"|(?:issue-|issuecomment-|pullrequestreview-|discussioncomment-|discussion_r|note_|comment-|r)\d{1,12})\Z"
)
# A number is public (`?buildId=517234`), unless its name says otherwise.
_PUBLIC_PARAMETER = re.compile(
    r"(?i)[?&;](?![\w.-]*(?:token|secret|pass|pin|otp|code|key|auth|sig|sas|cred))[\w.-]{1,40}=\Z"
)
_NUMBER = re.compile(r"\d{1,12}\Z", re.ASCII)
# Without a scheme only what can hardly be anything else: `user:password@host/…`, `git+TOKEN@host:…`, `?token=…`.
_BARE_LOGIN = re.compile(
    r"(?<![^\s\"'<>`(\[{=,;+])([A-Za-z0-9._%+-]{1,100}:[^\s/@\"'<>`]{1,400}@)(?!sha\d{3}:)(?=[A-Za-z0-9.-]{1,255}[:/])"
)
_GIT_LOGIN = re.compile(r"(?<=git\+)([^\s/@:]{1,400})@(?=[A-Za-z0-9.-]{1,255}:)")
# An address that git takes for `ssh://TOKEN@host/…`; in other texts this may be anything.
_SCP = re.compile(r"(?!git\+)([^\s/@:]{1,400})@[A-Za-z0-9.-]{1,255}:(?!\d{1,5}/)")
# A login with a blank in it: in other texts an address ends at the blank, and here the whole text is one.
_SPACED = re.compile(r"[A-Za-z0-9+.-]{2,40}:[/\\\\]{1,8}([^/?#\\\\]{1,4000})@(?=[A-Za-z0-9\[])")
_NO_SCHEME = re.compile(r"(?<=//)[^\s/@:\"'<>`]{0,400}:[^\s/@\"'<>`]{1,400}@(?=[A-Za-z0-9\[])")
_BARE_QUERY = re.compile(
    r"(?i)([?&;](?:[a-z_-]{0,40}(?:token|secret|password|passwd|signature|credential|key|auth|sig|sas)[a-z_-]{0,20})=)"
    r"[^\s&\"'<>`#]+"
)
_CONDA_TOKEN = re.compile(
    r"(?i)((?:^|(?<=[\s,\"'`(\[]))/?t/|[a-z0-9-]{1,60}\.[a-z]{2,20}(?::\d{1,5})?/t/)[^/\s\"'<>`,]+(?=/)"
)
_HEADER = re.compile(
    r"(?i)(authorization[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?:(?:basic|bearer|token|digest)\s{1,4})?)[^\s\"',]+"
)
_TOKEN = re.compile(
    r"(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_\w{20,255}|glpat-[\w-]{20,255}|pypi-[\w-]{40,400})"
)
_MARKS = (":", "@", "t/", "ghp_", "gh", "glpat-", "pypi-", "=")


class Address:
    """A URL, a repository, a channel, or a release spec that holds one.

    `str()`, `repr()` and `format()` give it without its secrets, and no JSON encoder accepts it: the whole text is
    there for `reveal()` alone, which belongs right before a request. `shown`: the text to print instead, where more
    than the text itself is secret (`${TOKEN}` that was replaced); `secrets`: the values that were put in. Two addresses
    are equal when their whole texts are.
    """

    __slots__ = ("_secrets", "_shown", "_text")

    def __init__(self, text: str | Address, *, shown: str | None = None, secrets: Iterable[str] = ()) -> None:
        whole, known = text, tuple(secrets)
        if isinstance(text, Address):
            whole, known = text._text, (*text._secrets, *known)
            shown = text._shown if shown is None else shown
        assert isinstance(whole, str)
        login = _SCP.match(whole)
        if login and login[1].lower() not in _PUBLIC_USERS and login[1] != MASK:
            known = (*known, login[1])
            shown = f"{MASK}{(whole if shown is None else shown)[login.end(1) :]}" if shown in (None, whole) else shown
        spaced = _SPACED.search(whole)
        if spaced and _BLANK.search(spaced[1]):
            known = (*known, spaced[1], *spaced[1].partition(":")[::2])
        self._text: str = whole
        self._secrets: tuple[str, ...] = tuple(dict.fromkeys(secret for secret in known if secret))
        self._shown: str = _hide(redact(whole if shown is None else shown), self._secrets)

    def reveal(self) -> str:
        """The whole text, for a request. It must not be kept, logged or put into a message."""
        return self._text

    @property
    def is_secret(self) -> bool:
        """Whether what is shown is not the whole text."""
        return self._shown != self._text

    @property
    def public(self) -> str:
        """The address that is the same for everybody, see `bare`."""
        return _hide(bare(self._text), self._secrets)

    def scrub(self, message: str) -> str:
        """A message that others wrote about this address (a library, git) without any of its secrets."""
        if self.is_secret:
            message = message.replace(self._text, self._shown)
            message = _hide(message, (*self._secrets, *secrets_of(self._text)))
        return redact(message)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that were put in, where they are known to be secret; for another address made out of this one."""
        return self._secrets

    def derive(self, part: Address) -> Address:
        """A part of this address: what was put in here is secret there."""
        return Address(part, secrets=self._secrets) if self._secrets else part

    def __str__(self) -> str:
        return self._shown

    def __repr__(self) -> str:
        return f"Address({self._shown!r})"

    def __format__(self, form: str) -> str:
        return format(self._shown, form)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Address):
            return self._text == other._text
        return self._text == other if isinstance(other, str) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self._text, self._shown, self._secrets))


def _rebuild(text: str, shown: str, secrets: tuple[str, ...]) -> Address:
    return Address(text, shown=shown, secrets=secrets)


def conceal(text: str) -> str | Address:
    """The text itself where it holds no secret, else an `Address`."""
    address = Address(text)
    return address if address.is_secret else text


def reveal(text: str | Address) -> str:
    """The whole text of either."""
    return text.reveal() if isinstance(text, Address) else text


def redact(text: str, *, keep_user: bool = False) -> str:
    """Any text, with `****` for the secrets of the addresses in it. Applied twice it changes nothing more.

    `keep_user`: of `user:password` only the password is hidden.
    """
    if not any(mark in text for mark in _MARKS):
        return text
    return "".join(_Redaction(text, keep_user).parts)


def redact_all(value: object) -> object:
    """The same structure of strings, tuples, lists and mappings with every string redacted."""
    match value:
        case str():
            return redact(value)
        case Address():
            return str(value)
        case list():
            return [redact_all(item) for item in value]
        case tuple() if type(value) is tuple:
            return tuple(redact_all(item) for item in value)
        case dict():
            return {redact_all(key): redact_all(item) for key, item in value.items()}
        case _:
            return value


def secrets_of(text: str) -> tuple[str, ...]:
    """Every secret in the addresses of a text, as written and decoded, the longest first."""
    found: set[str] = set()
    for secret in _Redaction(text, keep_user=False).secrets:
        forms = {secret, unquote(secret), unquote_plus(secret)}
        forms |= {quote(form, safe="") for form in forms} | {quote_plus(form) for form in forms}
        found |= forms
    return tuple(sorted(found, key=lambda secret: (-len(secret), secret)))


def _hide(text: str, secrets: Iterable[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        # Shorter ones would blot ordinary words; where they stand in an address they are hidden all the same.
        if len(secret) >= 4 and secret != MASK:
            text = text.replace(secret, MASK)
    return text


class _Redaction:
    """One pass over a text: `parts` joined are the text without secrets, `secrets` what was taken out."""

    def __init__(self, text: str, keep_user: bool) -> None:
        self.text = text
        self.keep_user = keep_user
        self.parts: list[str] = []
        self.secrets: list[str] = []
        self._end = self._query = self._ended = -1
        done = 0
        for found in _AUTHORITY.finditer(text):
            start = self._scheme_start(found.start(), done)
            if start is None:
                continue
            self._plain(text[done:start])
            done = self._url(start, found.end())
        self._plain(text[done:])

    def _scheme_start(self, colon: int, done: int) -> int | None:
        start = colon
        while start > done and colon - start < _LONGEST_SCHEME and self.text[start - 1] in _SCHEME_CHARS:
            start -= 1
        scheme = self.text[start:colon].lower()
        # One letter is a drive of Windows, and `data:/srv` a volume of a container.
        if len(scheme) < 2 or (self.text[colon + 1 : colon + 3] != "//" and scheme.rpartition("+")[2] not in _NETWORK):
            return None
        return start

    def _next_end(self, start: int) -> int:
        """Where a URL that reaches `start` ends. Kept, because many URLs may stand before one blank."""
        if self._end < start:
            found = _END.search(self.text, start)
            self._end = found.start() if found else len(self.text)
        return self._end

    def _next_query(self, start: int) -> int:
        if self._query < start:
            found = _QUERY.search(self.text, start)
            self._query = found.start() if found else len(self.text)
        return self._query

    def _take(self, secret: str) -> str:
        if secret and secret != MASK:
            self.secrets.append(secret)
        return MASK

    def _plain(self, text: str) -> None:
        """Text without a scheme."""
        if "@" in text:
            text = _BARE_LOGIN.sub(lambda m: self._login(m[1][:-1]), text)
            text = _GIT_LOGIN.sub(lambda m: self._login(m[1]), text)
            text = _NO_SCHEME.sub(lambda m: self._login(m[0][:-1]), text)
        if "=" in text:
            text = _BARE_QUERY.sub(lambda m: m[1] + self._take(m[0][len(m[1]) :]), text)
        if "t/" in text or "T/" in text:
            text = _CONDA_TOKEN.sub(lambda m: m[1] + self._take(m[0][len(m[1]) :]), text)
        if ":" in text or "=" in text:
            text = _HEADER.sub(lambda m: m[1] + self._take(m[0][len(m[1]) :]), text)
        self.parts.append(_TOKEN.sub(lambda m: self._take(m[0]), text))

    def _url(self, start: int, authority: int) -> int:
        """Writes the URL that begins at `start`, whose authority begins at `authority`; where it ends."""
        text = self.text
        end = self._next_end(authority)
        scheme = text[start:authority]
        if scheme.lower().startswith("file:"):
            self.parts.append(text[start:end])
            return end
        slash = next((at for at in range(authority, end) if text[at] in "/?#\\"), end)
        at = text.rfind("@", authority, slash)
        at = self._login_end(authority, slash, at)
        if at >= slash:
            end = self._next_end(at)
        self.parts.append(scheme)
        if at >= 0:
            self.parts.append(self._login(text[authority:at]))
        self._rest(at + 1 if at >= 0 else authority, end)
        return self._ended

    def _login_end(self, authority: int, slash: int, at: int) -> int:
        """Where the `@` after the login is, given the last one before a slash; -1 for none.

        A password may hold a slash or a quote, although it should not. Then it ends at the last `@` that a host and a
        path follow.
        """
        text = self.text
        login, host = text[authority : max(at, authority)], text[max(at + 1, authority) : slash]
        if at >= 0 and (":" not in login or login.endswith(f":{MASK}")):
            return at
        if at < 0 and ":" not in host:
            return at
        blank = _BLANK.search(text, authority, authority + _LONGEST_LOGIN)
        limit = blank.start() if blank else min(len(text), authority + _LONGEST_LOGIN)
        if listed := _NEXT_IN_LIST.search(text, authority, limit):
            limit = listed.start()
        far = text.rfind("@", authority, max(text.rfind("/", authority, limit), authority))
        if at < 0 and _HOST.match(host):
            # `host:8080/…`, unless what follows the `@` is a host for sure.
            return far if far >= 0 and _DOTTED.match(text, far + 1) else -1
        if far < 0 and at < 0:
            far = text.rfind("@", authority, limit)
        return max(far, at)

    def _login(self, login: str) -> str:
        user, colon, password = login.partition(":")
        if not colon and user.lower() in _PUBLIC_USERS:
            return f"{user}@"
        if password == MASK:  # already without its secret, by a reader who is shown the user
            return f"{login}@"
        if user.lower() not in _PUBLIC_USERS:
            self._take(user)
        if colon and password not in _NO_PASSWORD:
            self._take(password)
        if self.keep_user and colon and password not in _NO_PASSWORD and user:
            return f"{user}:{MASK}@"
        return f"{MASK}@"

    def _rest(self, start: int, end: int) -> None:
        """Host, path, query and fragment."""
        text = self.text
        query = min(self._next_query(start), end)
        if following := _NEXT.search(text, start, query):
            end = query = following.end()
        else:
            comma = _NEXT_IN_LIST.search(text, query, end)
            end = comma.start() if comma else end
        self._ended = end
        path = text[start:query]
        if "=" in path:
            path = _BARE_QUERY.sub(lambda m: m[1] + self._take(m[0][len(m[1]) :]), path)
        if "/t/" in path.lower():
            path = re.sub(r"(?i)(?<=/t/)[^/]+", lambda m: self._take(m[0]), path)
        # In a spec, `::NAME` may follow the channel's path.
        self.parts.append(_TOKEN.sub(lambda m: self._take(m[0]), path))
        if query >= end:
            return
        mark = text.find("#", query, end)
        asked, fragment = (text[query:mark], text[mark:end]) if mark >= 0 else (text[query:end], "")
        if asked:
            asked, name = _split_spec(asked)
            asked, closing = _split_closing(asked)
            self.parts.append(re.sub(r"([?&;][^=&;]*=)([^&;]+)|([?&;])([^=&;]+)(?=[&;]|\Z)", self._parameter, asked))
            self.parts.append(closing + name)
        if fragment:
            fragment, name = _split_spec(fragment)
            fragment, closing = _split_closing(fragment)
            shown = [part if self._is_public(part) else self._fragment(part) for part in fragment[1:].split("&")]
            self.parts.append("#" + "&".join(shown) + closing + name)

    def _parameter(self, found: re.Match[str]) -> str:
        if found[1] and _NUMBER.match(found[2]) and _PUBLIC_PARAMETER.match(found[1]):
            return found[0]
        if found[1]:
            return found[1] + self._take(found[2])
        return found[3] + self._take(found[4])

    def _fragment(self, part: str) -> str:
        name, equals, value = part.partition("=")
        if not equals:
            return self._take(part)
        return f"{name}={self._take(value)}" if value else self._take(name)

    @staticmethod
    def _is_public(part: str) -> bool:
        return not part or part == MASK or bool(_COMMIT.match(part) or _PUBLIC_FRAGMENT.match(part))


def _split_spec(text: str) -> tuple[str, str]:
    """What follows `::` names a package in a channel."""
    at = text.rfind("::")
    return (text[:at], text[at:]) if at >= 0 else (text, "")


def _split_closing(text: str) -> tuple[str, str]:
    """What closes a sentence behind a URL is not of the URL."""
    bare = text.rstrip(".,:;)]}!?")
    return (bare, text[len(bare) :]) if len(bare) > 1 else (text, "")


def bare(url: str) -> str:
    """A URL without user, password, token, query and fragment: the same for everybody. Other text with masks."""
    scheme, colon, rest = url.partition("://")
    if not colon or scheme.lower() == "file":
        return redact(url.partition("#")[0])
    rest = redact(url)[len(scheme) + len(colon) :]
    rest = rest.partition("#")[0].partition("?")[0].removeprefix(f"{MASK}@")
    return f"{scheme}{colon}{rest.replace(f'/t/{MASK}', '')}"
