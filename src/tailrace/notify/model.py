"""What is known of causes and verdicts (`tailrace.notify-state/1`), and where to tell it (`tailrace.notify/1`)."""

from __future__ import annotations

from typing import Literal

import msgspec

ReportKind = Literal["nightly", "gate", "incident", "check", "deprecations"]
KINDS: tuple[ReportKind, ...] = ("nightly", "gate", "incident", "check", "deprecations")
FOLDER = "notify"
STATE = "state.json"
SETTINGS = "notify.toml"


class SeenCause(msgspec.Struct, frozen=True, kw_only=True):
    """One cause as a report shows it, in plain text. `id`: 16 hex digits, the same in every report that has this cause.

    `items`: a list, such as places. `lines`: what a program wrote. `owner`: who must act, empty where nobody is named.
    """

    id: str
    title: str
    text: str = ""
    items: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    owner: str = ""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What one report says. `scope`: what it is about, the same from report to report (`gate conda → defaults/main`).

    `is_good`: nothing needs to be told while it stays so. `complete`: a cause that is not among `causes` is gone; else
    nothing can be said of those that are missing.
    """

    kind: ReportKind
    scope: str
    verdict: str
    is_good: bool
    at: str
    summary: str = ""
    causes: tuple[SeenCause, ...] = ()
    complete: bool = True


class KnownCause(msgspec.Struct, frozen=True, kw_only=True):
    """A cause over time. `revision`: changes with what an issue shows. `places`: channel → the issue it has there.

    `delivered`: channel → the revision that it was last given.
    """

    id: str
    kind: ReportKind
    scope: str
    title: str
    text: str = ""
    items: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    owner: str = ""
    state: Literal["open", "closed"] = "open"
    opened_at: str
    changed_at: str
    closed_at: str = ""
    times_opened: int = 1
    revision: str = ""
    places: dict[str, str] = {}
    delivered: dict[str, str] = {}


class KnownScope(msgspec.Struct, frozen=True, kw_only=True):
    """The last verdict on something. `since`: when it became so."""

    kind: ReportKind
    scope: str
    verdict: str
    is_good: bool
    since: str
    at: str


class VerdictChange(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a verdict, as it is remembered until each channel has it.

    `id`: the same however often it is sent. `delivered`: the channels that have it.
    """

    id: str
    kind: ReportKind
    scope: str
    at: str
    before: str
    after: str
    is_good: bool
    title: str
    body: str
    delivered: tuple[str, ...] = ()


class WebhookMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What a webhook receives of a change. `before`: empty where nothing was known. `at`: ISO 8601, UTC."""

    schema: Literal["tailrace.message/1"] = "tailrace.message/1"
    id: str
    kind: ReportKind
    scope: str
    at: str
    before: str
    after: str
    is_good: bool
    title: str
    body: str


class NotifyState(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is remembered. `messages`: oldest first, the last 200. `receivers`: channels that get them."""

    schema: Literal["tailrace.notify-state/1"] = "tailrace.notify-state/1"
    scopes: tuple[KnownScope, ...] = ()
    causes: tuple[KnownCause, ...] = ()
    messages: tuple[VerdictChange, ...] = ()
    receivers: tuple[str, ...] = ()


class GitHubSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, rename="kebab"
):
    """Issues of a repository. `token_env`: the variable that holds a token which may write issues."""

    repository: str
    api: str = "https://api.github.com"
    token_env: str = "GITHUB_TOKEN"  # noqa: S105 - the name of a variable
    labels: tuple[str, ...] = ("tailrace",)


class WebhookSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, rename="kebab"
):
    """A POST of JSON for each message, signed with a secret. `secret_env`: the variable that holds the secret."""

    url: str
    secret_env: str
    name: str = "webhook"


class OtherSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, rename="kebab"
):
    """A service that the library apprise knows. `url_env`: the variable that holds its URL, which is a secret."""

    url_env: str
    name: str = ""


class NotifySettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, rename="kebab"
):
    """`notify.toml`. `kinds`: the reports that are told of. `issues`: a folder of Markdown files, `feed`: an Atom file,
    both below the ledger; empty for none. `address`: where the ledger can be seen, for the feed.
    """

    schema: Literal["tailrace.notify/1"] = "tailrace.notify/1"
    kinds: tuple[ReportKind, ...] = KINDS
    issues: str = "issues"
    feed: str = "feed.atom"
    address: str = ""
    github: GitHubSettings | None = None
    webhooks: tuple[WebhookSettings, ...] = ()
    apprise: tuple[OtherSettings, ...] = ()
