"""A POST of JSON for each message, signed with HMAC-SHA256 of its bytes.

X-Tailrace-Delivery: the id of the message, the same when it is sent again
X-Tailrace-Signature: sha256=HEX, of the body with the shared secret
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping

import msgspec

from tailrace.model.inert import sayable
from tailrace.notify.channels.http import check_address, request
from tailrace.notify.errors import DeliveryError, NotifyError
from tailrace.notify.model import VerdictChange, WebhookMessage, WebhookSettings

SIGNATURE = "X-Tailrace-Signature"
DELIVERY = "X-Tailrace-Delivery"
_SHORTEST = 16


class Webhook:
    """One address with its secret."""

    def __init__(self, settings: WebhookSettings, environment: Mapping[str, str]) -> None:
        self.name = f"webhook {settings.name}"
        self.url = check_address(settings.url, self.name)
        secret = environment.get(settings.secret_env, "")
        if len(secret) < _SHORTEST:
            raise NotifyError(
                f"{self.name}: there is no secret of at least {_SHORTEST} characters in {settings.secret_env}.",
                hint="The receiver needs the same one to check the signature.",
            )
        self._secret = secret.encode()

    def send(self, message: VerdictChange) -> None:
        """Sends it; the receiver may get it twice, with the same id."""
        body = message_body(message)
        status, _, _ = request(
            "POST",
            self.url,
            body=body,
            headers={
                "Content-Type": "application/json",
                "User-Agent": "tailrace",
                DELIVERY: message.id,
                SIGNATURE: sign(body, self._secret),
            },
        )
        if not 200 <= status < 300:
            raise DeliveryError(f"{self.name} answered {status}.")


def message_body(message: VerdictChange) -> bytes:
    """Canonical JSON: sorted keys, no blanks."""
    fields = {name: getattr(message, name) for name in WebhookMessage.__struct_fields__ if name != "schema"}
    data = msgspec.to_builtins(WebhookMessage(**fields))
    return json.dumps(sayable(data), sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def sign(body: bytes, secret: bytes) -> str:
    """`sha256=` and the HMAC of the body in hex."""
    return f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"


def is_signed(body: bytes, secret: bytes, signature: str) -> bool:
    """Whether a signature is right, in a time that does not tell how much of it is."""
    return hmac.compare_digest(sign(body, secret), signature)
