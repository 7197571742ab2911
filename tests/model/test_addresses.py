"""An address cannot be printed with its secret, and no text keeps the secret of an address in it."""

from __future__ import annotations

import json
import pickle
import string
import time

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tailrace.model import Address, TailraceError, conceal, redact
from tailrace.model.address import bare, secrets_of

SECRET = "S3cr3tV4lue"

# Everywhere that people, tools and services put a secret.
HOLDERS = (
    "https://me:{}@host.example/x.whl",
    "https://{}@host.example/x.whl",
    "https://{}:x-oauth-basic@host.example/x",
    "https://{}:@host.example/x",
    "https://:{}@host.example/x",
    "HTTPS://ME:{}@HOST.EXAMPLE/",
    "https:/me:{}@host.example/x",
    "https:\\\\me:{}@host.example/x",
    "https:me:{}@host.example/x",
    "//me:{}@host.example/x",
    "me:{}@host.example/x",
    "https://me:a@{}@host.example/x",
    "https://me:a:{}@host.example/x",
    "https://me:a/{}@host.example/x",
    "https://me:a?{}@host.example/x",
    "https://me:a#{}@host.example/x",
    "https://me:a'{}@host.example/x",
    'https://me:a"{}@host.example/x',
    "https://me:a<{}@host.example/x",
    "https://me:a\\{}@host.example/x",
    "https://me:a@b/{}@host.example/x",
    "https://me:a%40{}@host.example/x",
    "https://me:{}@[::1]:8080/x",
    "git+https://me:{}@host.example/x@v1",
    "git+ssh://me:{}@host.example/x@v1",
    "git+ssh://{}@host.example/x@v1",
    "git+{}@host.example:org/x@v1",
    "git+me:{}@host.example:org/x@v1",
    "name @ git+https://me:{}@host.example/x@v1",
    "https://me:{}@host.example/chan::name=1",
    "https://host.example/t/{}/chan::name=1",
    "https://host.example/chan/t/{}",
    "t/{}/chan::name=1",
    "/t/{}/chan/noarch/repodata.json",
    "conda.host.example/t/{}/chan",
    "conda-forge,https://me:{}@host.example/chan::name",
    "https://a.example/b,https://me:{}@host.example/chan::name",
    "https://a.example/b?x=1,https://me:{}@host.example/chan::name",
    "https://host.example/x.whl?token={}",
    "https://host.example/x.whl?{}",
    "https://host.example/x.whl?a=1&sig={}#sha256=ab",
    "https://host.example/x.whl?X-Amz-Credential={}/20260101/s3&X-Amz-Signature=1",
    "https://host.example/x.whl?a=1&X-Amz-Signature={}",
    "https://host.example/x.whl?next=https://me:{}@other.example/",
    "https://host.example/x.whl;token={}",
    "https://host.example/x.whl#{}",
    "https://host.example/x.whl#sha256=ab&token={}",
    "https://host.example/x#L20-{}",
    "https://host.example/x#issuecomment-{}",
    "https://host.example/x?buildId={}",
    "https://host.example/x?page=2&per_page={}",
    "/simple/x.whl?access_token={}",
    "https://mirror.example/https://me:{}@host.example/x",
    "['https://me:{}@host.example/']",
    "http://me:{}@proxy.example:3128 refused the connection",
    "unable to access 'https://me:{}@host.example/x/': The requested URL returned error: 403",
    "{{'Authorization': 'Basic {}'}}",
    "Authorization: {}",
    "redis://:{}@host.example:6379/0",
    "oci://me:{}@host.example/chan",
    "s3://me:{}@bucket/chan",
)

NO_SECRETS = (
    "MarkupSafe==2.1.0",
    "git+https://host.example/org/x@v1",
    "git+ssh://git@host.example/org/x@v1",
    "git@host.example:org/x",
    "git+git@host.example:org/x@v1",
    "git+/srv/a@b/c@v1",
    "git+https://host.example/x@v1#subdirectory=a/b",
    "https://host.example/x.whl#sha256=0123",
    "git+https://host.example/x#0123456789abcdef0123456789abcdef01234567",
    "conda-forge/label/x::name=1",
    "https://host.example:8443/chan::name=1=py_0",
    "http://[::1]:8080/chan",
    "file:///srv/a@b/c?d#e",
    "env:/home/me@corp/venv",
    "C:\\work\\x@y",
    "someone@host.example",
    "src/t/tables/x.py:3:4: name-removed: f(a=1, b=2) and x@y",
    "FROM python:3.11@sha256:0123/",
    "data:/srv/a@b",
    "lambda key=len: a@b",
    "name @ https://host.example/x y@z",
    "file:///srv/a b@c/d",
    "https://host.example/org/x/blob/main/y.py#L2085",
    "https://host.example/org/x/blob/main/y.py#L20-L85",
    "https://host.example/org/x/blob/main/y.py#L20C3-L85C7",
    "https://host.example/org/x/issues/4481#issuecomment-1139230101",
    "https://host.example/org/x/pull/4482#discussion_r883412345",
    "https://host.example/org/x/_build/results?buildId=517234",
    "https://host.example/org/x/issues?page=2&per_page=100",
)


@pytest.mark.parametrize(
    "holder",
    [
        "https://me:{} @host.example/x.whl",
        "https://me:a {}@host.example/x.whl",
        "https://{} b@host.example/x.whl",
        "git+https://me:a {}@host.example/x@v1",
        "name @ https://me:a {}@host.example/x.whl",
        "https://me:a\t{}@host.example/chan::name=1",
    ],
)
def test_an_address_may_have_a_blank_in_its_password(holder: str) -> None:
    address = Address(holder.format(SECRET))
    assert SECRET not in str(address)
    assert SECRET not in address.scrub(f"{address.reveal()} refused the connection")
    assert "host.example/" in str(address)
    assert address.reveal() == holder.format(SECRET)


@pytest.mark.parametrize("holder", HOLDERS)
def test_no_form_of_an_address_shows_its_secret(holder: str) -> None:
    text = holder.format(SECRET)
    address = Address(text)
    error = TailraceError(f"{text!r} is odd", hint=text)
    error.spec = text  # type: ignore[attr-defined]
    error.asked = (text, [text])  # type: ignore[attr-defined]
    shown = [
        str(address),
        repr(address),
        f"{address}",
        f"{address:>80}",
        "%s %r" % (address, address),  # noqa: UP031 - one more way to print
        redact(text),
        redact(f"cannot read {text}: {text}."),
        redact(repr(text)),
        redact(json.dumps({"a": text})),
        bare(text),
        address.public,
        str(error),
        repr(error),
        pickle.dumps(error).decode("latin-1"),
        str(conceal(text)),
    ]
    assert [one for one in shown if SECRET in one] == []
    assert address.reveal() == text
    assert address.is_secret
    assert pickle.loads(pickle.dumps(address)) == address == text
    said = f"the library said {' and '.join(secrets_of(text))} of {text}"
    assert SECRET not in address.scrub(said)
    for encode in (json.dumps, msgspec.json.encode):
        with pytest.raises(TypeError):
            encode(address)


@pytest.mark.parametrize("text", NO_SECRETS)
def test_what_holds_no_secret_stays_as_it_is(text: str) -> None:
    assert redact(text) == text
    assert str(Address(text)) == text
    assert conceal(text) is text


@pytest.mark.parametrize(
    ("address", "message", "scrubbed"),
    [
        (Address("https://me:p%40ss-word@h/x"), "login p@ss-word failed", "login **** failed"),
        (Address("https://me:p@ss-word@h/x"), "login p%40ss-word failed", "login **** failed"),
        (Address("https://h/abc-def/x", secrets=["abc-def"]), "h/abc-def/x is gone", "h/****/x is gone"),
        (Address(f"{SECRET}@h.example:o/x"), f"{SECRET}@h.example: refused", "****@h.example: refused"),
        (Address("https://h/x"), "h/x is gone", "h/x is gone"),
        (Address("https://me:pw@h/x"), "pwd is not there", "pwd is not there"),
    ],
)
def test_a_message_about_an_address_is_scrubbed(address: Address, message: str, scrubbed: str) -> None:
    assert address.scrub(message) == scrubbed


def test_the_user_of_an_scp_address_is_shown_only_if_everybody_has_it() -> None:
    assert str(Address(f"{SECRET}@host.example:org/x")) == "****@host.example:org/x"
    assert str(Address("git@host.example:org/x")) == "git@host.example:org/x"
    assert str(Address("me@host.example")) == "me@host.example"


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://me:pw@h/t/tk/chan/?a=b#c", "https://h/chan/"),
        ("https://h/t/tk", "https://h"),
        ("file:///srv/x#sha256=ab", "file:///srv/x"),
        ("conda-forge", "conda-forge"),
        ("https://[broken/x?token=abc", "https://[broken/x"),
    ],
)
def test_a_bare_address_is_the_same_for_everybody(url: str, plain: str) -> None:
    assert bare(url) == plain


passwords = st.text(
    st.sampled_from(string.ascii_letters + string.digits + "@:/?#%&=+,;'\"<>[]{}|\\^`~$!*()._-é"), max_size=12
)


@settings(max_examples=150, deadline=None)
@given(holder=st.sampled_from([h for h in HOLDERS if ":{}@host.example/" in h and "https://" in h]), before=passwords)
def test_a_password_of_any_characters_stays_hidden(holder: str, before: str) -> None:
    shown = redact(holder.format(before + SECRET))
    assert SECRET not in shown
    assert redact(shown) == shown


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(HOLDERS).map(lambda h: h.format(SECRET)), st.text(max_size=20)), max_size=4))
def test_any_text_can_be_redacted_and_redacting_again_changes_nothing(parts: list[str]) -> None:
    once = redact(" ".join(parts))
    assert redact(once) == once
    assert all(isinstance(secret, str) for secret in secrets_of(once))


LONG = (
    'http://a:b"', "https://u:p@h/", "://", "t/", "a:", "&token", "//", "?a=", "https://", "a.bc/t/", "+", "git+",
    "/,https://", "@", ":/\\", "authorization:", "pypi-", "::", "?::", "#&", "https://u:1/",
)  # fmt: skip


@pytest.mark.parametrize("piece", LONG)
def test_long_texts_cost_in_proportion(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        best = []
        for _ in range(3):
            start = time.process_time()
            redact(text)
            best.append(time.process_time() - start)
        return min(best)

    assert seconds(32_000) < 12 * seconds(8_000) + 0.05


@pytest.mark.parametrize(
    "name", ["pin", "PIN", "otp", "code", "access_code", "api_key", "passcode", "user-pass", "authid"]
)
def test_a_number_can_be_a_secret(name: str) -> None:
    assert redact(f"https://host.example/x?{name}=482913&page=2") == f"https://host.example/x?{name}=****&page=2"
