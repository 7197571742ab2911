"""The `notify.toml` that `tailrace notify init` writes. Text only."""

from __future__ import annotations

TEMPLATE = """\
# Where `tailrace notify send` reports changed verdicts. Secrets are never written here: each `…-env` names a variable.
schema = "tailrace.notify/1"

# The kinds of reports that are used.
kinds = ["nightly", "gate", "incident", "check", "deprecations"]

# One Markdown file for each cause, and an Atom feed, below this folder. Leave empty for none.
issues = "issues"
feed = "feed.atom"
# Where this folder can be seen, for the links of the feed.
address = ""

# One issue for each cause. The token needs the right to write issues, and no other.
# [github]
# repository = "owner/name"
# token-env = "GITHUB_TOKEN"
# labels = ["tailrace"]

# A POST of JSON whenever a verdict changes, signed in X-Tailrace-Signature.
# [[webhooks]]
# name = "release team"
# url = "https://example.org/hook"
# secret-env = "TAILRACE_WEBHOOK_SECRET"

# Chat, mail and other services, with `pip install tailrace[notify]`; the variable holds a URL of apprise.
# [[apprise]]
# name = "chat"
# url-env = "TAILRACE_APPRISE_URL"
"""
