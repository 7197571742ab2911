"""One GitHub issue for each cause, through the REST API: opened once, changed, closed, and opened again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from tailrace.model.inert import prose
from tailrace.notify.channels.http import check_address, decoded, request
from tailrace.notify.channels.markdown import issue_text, mark_of
from tailrace.notify.errors import DeliveryError, NotifyError
from tailrace.notify.model import GitHubSettings, KnownCause

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}")
_PAGES = 20
_MENTION = re.compile(r"(?<![\w`])@(?=[A-Za-z0-9])")


class GitHubIssues:
    """The issues of one repository that carry the first of its labels."""

    def __init__(self, settings: GitHubSettings, environment: Mapping[str, str]) -> None:
        if not _REPOSITORY.fullmatch(settings.repository):
            raise NotifyError(f"{settings.repository!r} is not a repository.", hint="Write OWNER/NAME.")
        self.settings = settings
        self.name = f"github {settings.repository}"
        self.api = check_address(settings.api.rstrip("/"), "github.api")
        token = environment.get(settings.token_env, "").strip()
        if not token or not token.isprintable():
            raise NotifyError(
                f"there is no token in {settings.token_env}.", hint="It needs the right to write issues, and no other."
            )
        self._token = token
        self._known: dict[str, str] | None = None

    def show(self, cause: KnownCause, place: str) -> str:
        """Opens, changes or closes the issue. One that a run opened before it was stopped is found by its mark."""
        number = place or self._find(cause.id)
        wanted = {
            "title": prose(cause.title, 200),
            "body": _MENTION.sub("@\u200b", issue_text(cause)),  # naming somebody must not call them
            "state": cause.state,
        }
        if not number:
            if cause.state == "closed":
                return ""  # it was never told
            made = self._ask("POST", "/issues", {**wanted, "labels": list(self.settings.labels)}, expected={201})
            return str(made["number"])
        if cause.state == "closed":
            wanted["state_reason"] = "completed"
        answer = self._ask("PATCH", f"/issues/{quote(number, safe='')}", wanted, expected={200, 404, 410})
        if answer is None:  # somebody deleted it
            self._known = None
            return self.show(cause, "") if not self._find(cause.id) else number
        return number

    def _find(self, id: str) -> str:
        if self._known is None:
            self._known = dict(self._marked())
        return self._known.get(id, "")

    def _marked(self) -> Iterator[tuple[str, str]]:
        """The causes that have an issue already, newest first; the oldest issue of a cause counts."""
        label = self.settings.labels[0] if self.settings.labels else ""
        for page in range(1, _PAGES + 1):
            query = {"state": "all", "per_page": "100", "page": str(page), **({"labels": label} if label else {})}
            found = self._ask("GET", f"/issues?{urlencode(query)}", None, expected={200})
            if not isinstance(found, list):
                raise DeliveryError(f"{self.name}: the list of issues cannot be read.")
            for issue in found:
                if isinstance(issue, dict) and "pull_request" not in issue:
                    # The mark is the last line: what a program wrote may look like one.
                    last = str(issue.get("body") or "").rstrip().rpartition("\n")[2].strip()
                    mark = re.fullmatch(r"<!-- tailrace:cause ([0-9a-f]{16}) -->", last)
                    if mark and mark_of(mark[1]) == last:
                        yield mark[1], str(issue.get("number"))
            if len(found) < 100:
                return

    def _ask(self, method: str, path: str, data: dict[str, Any] | None, *, expected: set[int]) -> Any:
        """The answer's JSON; `None` for an issue that is not there."""
        status, body, headers = request(
            method,
            f"{self.api}/repos/{self.settings.repository}{path}",
            body=None if data is None else json.dumps(data).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
                "User-Agent": "tailrace",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        if status not in expected:
            said = decoded(body)
            reason = prose(str(said.get("message", "")), 200) if isinstance(said, dict) else ""
            wait = headers.get("Retry-After") or headers.get("retry-after")
            more = f"; it asks to wait {prose(wait, 20)} seconds" if wait else ""
            raise DeliveryError(f"{self.name} answered {status}{f' ({reason})' if reason else ''}{more}.")
        if status in {404, 410}:
            return None
        found = decoded(body)
        if found is None or (method == "POST" and not isinstance(found.get("number"), int)):
            raise DeliveryError(f"{self.name} answered {status} with something that is not JSON.")
        return found
