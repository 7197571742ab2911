"""The ledger of May 2022: policy, recorded check report, and what both channels offered on each day."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

import msgspec

from tailrace.gate.channel_records import observe_channel
from tailrace.gate.evaluate import Facts
from tailrace.gate.evidence import Evidence, hash_of, make_evidence, parse_evidence
from tailrace.gate.moments import parse_time
from tailrace.gate.names import Subject
from tailrace.gate.policy import parse_policy
from tailrace.gate.waivers import Waiver
from tailrace.replay import load_incident
from tailrace.replay.world import IncidentChannels

CONDA = Subject(name="conda", version="4.13.0")
TARGET = "defaults/main"
POLICY = """
schema = "tailrace.policy/1"
id = "conda"
subjects = ["conda", "conda-build"]
targets = ["defaults/main", "conda-forge/main"]
[groups.conda-family]
members = ["conda", "conda-build", "mamba"]
[[rules]]
id = "no-new-breaks"
kind = "check"
versions = "admitted"
orders = [["conda-forge", "defaults"], ["defaults", "conda-forge"]]
fixed = ["conda-build 3.21.8 1"]
downstreams = ["conda-build", "mamba"]
max-age = "14d"
[[rules]]
id = "removals-announced"
kind = "deprecation"
profile = "cep-9"
[[rules]]
id = "in-tandem"
kind = "tandem"
group = "conda-family"
within = "48h"
channels = "each"
[[rules]]
id = "quiet-days"
kind = "calendar"
hours-before = 48
quiet-days = 2
calendars = ["US", "DE-BE"]
[[rules]]
id = "both-channels"
kind = "skew"
at-most = "24h"
order = ["conda-forge", "defaults"]
"""
#: The moments of the incident: the tag, the check, the days until it went out, the hotfixes, and the repairs.
MOMENTS = (
    "2022-05-19T16:57Z", "2022-05-19T17:30Z", "2022-05-26T17:07Z", "2022-05-26T23:09Z", "2022-05-27T17:04Z",
    "2022-05-28T03:10Z", "2022-05-31T15:36Z", "2022-06-01T15:00Z", "2022-06-14T12:00Z",
)  # fmt: skip
#: What a comparison of 4.12.0 and 4.13.0 says of the removals: 63 without announcement, one of them used.
REMOVALS = {
    "schema": "tailrace.deprecations/1", "profile": "cep-9", "verdict": "stop",
    "candidate": {"name": "conda", "version": "4.13.0"}, "version": "4.13.0",
    "findings": [
        {
            "rule": "removed-unannounced", "severity": "error", "symbol": "conda.common.compat.itervalues",
            "file": "conda/common/compat.py", "line": 85, "message": "removed without announcement",
            "used_by": [{"name": "conda-build", "version": "3.21.8", "file": "conda_build/utils.py", "line": 2084,
                         "breaks": True}],
            "fingerprint": "00000000000000aa",
        },
        *(
            {"rule": "removed-unannounced", "severity": "note", "symbol": f"conda.private.name_{number}",
             "message": "removed without announcement", "fingerprint": f"{number:016x}"}
            for number in range(62)
        ),
    ],
}  # fmt: skip


@cache
def world() -> IncidentChannels:
    return IncidentChannels(load_incident("conda-4.13"))


def evidence_of(data: bytes, made_at: str, **more: object) -> Evidence:
    made = make_evidence(data, made_at=made_at, **more)  # type: ignore[arg-type]
    return parse_evidence(made, hash_of(made))


@cache
def recorded() -> tuple[Evidence, ...]:
    """All evidence of the incident, as it came in."""
    report = files("tailrace.replay").joinpath("scenarios/conda-4.13/check.json").read_bytes()
    found = [
        evidence_of(report, "2022-05-19T17:30Z"),
        evidence_of(report, "2022-06-13T12:00Z"),  # the same check, made again for what the channels offer by then
        evidence_of(json.dumps(REMOVALS).encode(), "2022-05-19T17:30Z"),
    ]
    for moment in MOMENTS:
        at = parse_time(moment)
        channels = world().on(at)
        for name, target in (("defaults", "defaults/main"), ("conda-forge", "conda-forge/main")):
            state = observe_channel(channels[name], target, CONDA, ("conda-build", "mamba"), at)
            found.append(evidence_of(msgspec.json.encode(state), moment))
    return tuple(found)


def waived() -> Waiver:
    return Waiver(
        rule="removals-announced", subject=CONDA, fingerprint="00000000000000aa", by="ana", approved_by="ben",
        reason="removed in May; conda-build 3.21.9 does without it", made_at=parse_time("2022-06-13"),
        expires=parse_time("2022-07-01"), origin="waivers/itervalues.toml",
    )  # fmt: skip


def facts() -> Facts:
    return Facts(parse_policy(POLICY.encode(), "policy.toml"), None, (waived(),), recorded())
