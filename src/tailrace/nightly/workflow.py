"""The scheduled workflow that a forge runs. Text only."""

from __future__ import annotations

from collections.abc import Iterator

from tailrace.nightly.config import NightlyConfig

_GITHUB = """\
# Written by `tailrace nightly init --forge github`; it runs every night, and by hand.
name: nightly
on:
  schedule:
    - cron: "{minute} 3 * * *"
  workflow_dispatch:
permissions:
  contents: write
concurrency:
  group: tailrace-nightly
  cancel-in-progress: false
jobs:
  nightly:
    runs-on: ubuntu-24.04
    timeout-minutes: {timeout}
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
      - uses: actions/setup-python@v5
        with:
          python-version: |
            3.10
            3.11
            3.12
            3.13
      - run: python -m pip install 'tailrace[sandbox]'
      # The sandbox needs user namespaces, which this system restricts.
      - run: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0
      - run: tailrace nightly plan --config {config}
      - id: run
        run: |
          status=0
          tailrace nightly run --config {config} --ledger {ledger} --jobs 2 \\
            --format text --format markdown:nightly.md --format html:nightly.html --format json:nightly.json \\
            || status=$?
          if [ -f nightly.md ]; then cat nightly.md >> "$GITHUB_STEP_SUMMARY"; fi
          exit "$status"
      - if: always()
        uses: actions/upload-artifact@v4
        with:
          name: nightly
          path: nightly.*
          if-no-files-found: error
      # Results are evidence, which the gate reads from the repository.
      - if: always()
        run: |
          git config user.name nightly
          git config user.email nightly@users.noreply.github.com
          git add -- {ledger}
          if ! git diff --cached --quiet; then
            git commit -m "Keep the results of the nightly"
            git pull --rebase
            git push
          fi
"""


def github_workflow(config: str, ledger: str, minutes: int) -> str:
    """A workflow that runs the nightly every night and keeps its results. `minutes`: the budget of a run."""
    return _GITHUB.format(config=config, ledger=ledger, timeout=minutes * 2 + 30, minute=17)


def out_of_reach(config: NightlyConfig) -> Iterator[str]:
    """The specs of places on this machine that lie outside of the repository."""
    specs = (spec for project in config.projects for spec in (project.canary, *project.releases) if spec is not None)
    for spec in dict.fromkeys(specs):
        if spec.removeprefix("git+").startswith(("/", "../", "~", "file:")):
            yield spec
