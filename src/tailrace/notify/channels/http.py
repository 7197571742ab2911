"""One request at a time, without redirects: a secret goes to the host it is meant for, and to no other."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from tailrace.model.address import redact
from tailrace.notify.errors import DeliveryError, NotifyError

TIMEOUT = 20.0
_LARGEST = 8 << 20


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *given: Any, **named: Any) -> None:
        """None: the answer is an error for the caller."""


def check_address(url: str, what: str) -> str:
    """The address; raises `NotifyError` for anything but http and https."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise NotifyError(f"{what}: {redact(url)!r} is not an address.", hint="Write one with https://.")
    return url


def request(
    method: str, url: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers of the answer. Raises `DeliveryError` where there was none."""
    asked = Request(url, data=body, method=method, headers=headers or {})  # noqa: S310 - checked by `check_address`
    try:
        with build_opener(_NoRedirect).open(asked, timeout=TIMEOUT) as answer:
            return answer.status, answer.read(_LARGEST), dict(answer.headers)
    except HTTPError as error:
        with error:
            return error.code, error.read(_LARGEST), dict(error.headers)
    except (URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise DeliveryError(f"{redact(_host(url))} could not be reached: {redact(str(reason))}.") from None


def decoded(body: bytes) -> Any:
    """The JSON of an answer; `None` for what is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
