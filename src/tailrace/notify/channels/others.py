"""Chat, mail and everything else that the library apprise knows. It is an extra: `pip install tailrace[notify]`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tailrace.model.inert import prose, visible_lines
from tailrace.notify.errors import DeliveryError, NotifyError
from tailrace.notify.model import OtherSettings, VerdictChange


class OtherService:
    """One service by its apprise URL, which is a secret and is never shown."""

    def __init__(self, settings: OtherSettings, environment: Mapping[str, str]) -> None:
        self.name = f"apprise {settings.name or settings.url_env}"
        url = environment.get(settings.url_env, "").strip()
        if not url:
            raise NotifyError(f"{self.name}: there is no URL in {settings.url_env}.")
        self._service: Any = _library().Apprise()
        if not self._service.add(url):
            raise NotifyError(f"{self.name}: the URL in {settings.url_env} is not one that apprise knows.")

    def send(self, message: VerdictChange) -> None:
        """Sends it as a success or a failure."""
        kinds = _library().NotifyType
        taken = self._service.notify(
            title=prose(message.title, 200),
            body=visible_lines(message.body),
            notify_type=kinds.SUCCESS if message.is_good else kinds.FAILURE,
        )
        if not taken:
            raise DeliveryError(f"{self.name} did not take the message.")


def _library() -> Any:
    try:
        import apprise
    except ImportError:
        raise NotifyError(
            "other channels need the library apprise.", hint="Install it with: pip install tailrace[notify]"
        ) from None
    return apprise
