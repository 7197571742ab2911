"""What counts as a live break, as found, and as confirmed or refuted by running."""

import msgspec
import pytest

from campaign_draw import DrawnPair
from campaign_scoring import CampaignRow, Checked, decide, live_breaks, render, score, verdict
from campaign_truth import LostModule, ProbedSite, Truth
from tailrace.model import Finding

PAIR = DrawnPair(id="1-0", kind="next-major", downstream="down==1", baseline="up==1", candidate="up==2")


def truth(*sites, **more):
    return Truth(pair=PAIR, state="ran", python="3.9.1", sites=sites, **more)


def site(path="up|gone", candidate="AttributeError: gone", **more):
    fields = {
        "kind": "path", "file": "down/a.py", "line": 3, "end": 3, "guard": "", "scope": "function", "baseline": "ok",
    }  # fmt: skip
    return ProbedSite(path=path, candidate=candidate, **(fields | more))


def finding(line=3, **more):
    fields = {
        "rule": "attribute-removed", "confidence": "certain", "severity": "error", "symbol": "up.gone",
        "file": "down/a.py", "scope": "function",
    }  # fmt: skip
    return Finding(line=line, **(fields | more))


def lost(**more):
    fields = {"name": "down.a", "error": "ImportError: up", "place": ("down/a.py", 2), "by_upstream": True}
    return LostModule(**(fields | more))


IMPORT = site("up:gone", kind="from", line=1, end=1, scope="import")


@pytest.mark.parametrize(
    ("given", "places"),
    [
        (truth(site()), [("down/a.py", 3, "up.gone")]),
        (truth(site(), site(kind="call")), [("down/a.py", 3, "up.gone")]),
        (truth(IMPORT, site("up.gone|x"), lost=(lost(place=None),)), [("down/a.py", 1, "up.gone")]),
        (truth(IMPORT, incomplete="baseline"), [("down/a.py", 1, "up.gone")]),
        (truth(site("A:x", kind="self")), [("down/a.py", 3, "A.x")]),
        (truth(site(kind="call", baseline="unsure")), [("down/a.py", 3, "up.gone")]),
        (truth(lost=(lost(),)), [("down/a.py", 2, "")]),
        (truth(IMPORT, lost=(lost(place=("down/a.py", 1)),)), [("down/a.py", 1, "up.gone")]),
        (truth(lost=(lost(error="ImportError: partially initialized module 'up.b'"),)), [("down/a.py", 2, "")]),
        # Near-misses: a guard, what never worked, an unsure one, an import that is survived, somebody else's failure.
        (truth(site(guard="try")), []),
        (truth(site(baseline="AttributeError: gone")), []),
        (truth(site(candidate="unsure")), []),
        (truth(site("A:x", kind="self", baseline="unsure")), []),
        (truth(IMPORT, sound_modules=("down.a",)), []),
        (truth(IMPORT), []),  # the module loads with neither
        # A module of the downstream in the namespace of the upstream.
        (truth(site("up.down.b:x", kind="from"), sound_modules=("up.down.b",)), []),
        (truth(site("up.down.b|x"), sound_modules=("up.down.b",)), []),
        (truth(lost=(lost(by_upstream=False),)), []),
        (truth(lost=(lost(place=None),)), []),
        (
            truth(lost=(lost(error="ImportError: cannot import name 'A' from partially initialized module 'down.a'"),)),
            [],
        ),
    ],
)
def test_live_breaks_of_a_pair(given, places):
    assert [(one.file, one.line, one.path) for one in live_breaks(given)] == places


@pytest.mark.parametrize(
    ("given", "found", "decision"),
    [
        (truth(site()), finding(), "confirmed"),
        (truth(site(line=2, end=5)), finding(), "confirmed"),
        (truth(site(file="a.py")), finding(file="src/a.py"), "confirmed"),
        (truth(site(guard="try")), finding(), "undecided"),
        (truth(IMPORT), finding(line=1, scope="import"), "confirmed"),
        (truth(sound_modules=("down.a",)), finding(scope="import"), "refuted"),
        (truth(sound=(("down/a.py", 3, 3, "path up|gone"),)), finding(), "refuted"),
        (truth(sound=(("down/a.py", 3, 3, "path up|other"),)), finding(), "undecided"),
        (truth(witnesses={"w": ("ok", "AttributeError")}), finding(witness="w"), "confirmed"),
        (truth(witnesses={"w": ("ok", "ok")}), finding(witness="w"), "refuted"),
        (truth(witnesses={"w": ("NameError", "NameError")}), finding(witness="w"), "undecided"),
        # A signature that takes everything decides nothing, unless the very call was bound too.
        (
            truth(witnesses={"inspect.signature": ("ok", "ok")}),
            finding(witness="inspect.signature", symbol="up.f(k=)"),
            "undecided",
        ),
        (
            truth(witnesses={"inspect.signature": ("ok", "ok")}, sound=(("down/a.py", 3, 3, "call up|f"),)),
            finding(witness="inspect.signature", symbol="up.f(k=)"),
            "refuted",
        ),
        (truth(), finding(), "undecided"),
    ],
)
def test_what_decides_a_finding(given, found, decision):
    assert decide(found, given, live_breaks(given))[0] == decision


def row(given, *findings, status="breaks"):
    return CampaignRow(truth=given, checked=Checked(status=status, findings=findings))


@pytest.mark.parametrize(
    ("given", "counts"),
    [
        (row(truth(site()), finding()), (1, 1, 0, "confirmed")),
        (row(truth(site()), finding(line=9)), (1, 0, 0, "confirmed")),
        (row(truth(site()), finding(confidence="possible")), (1, 0, 1, "confirmed")),
        (row(truth(site()), finding(guard="try")), (1, 0, 1, "confirmed")),
        (row(truth(site()), status="clear"), (1, 0, 0, "confirmed")),
        (row(truth(), finding()), (0, 0, 0, "undecided")),
        (row(truth(sound_modules=("down.a",)), finding(scope="import")), (0, 0, 0, "refuted")),
    ],
)
def test_a_pair_is_scored(given, counts):
    scored = score(given)
    assert (len(scored.live), len(scored.found), len(scored.hinted), verdict(scored)) == counts


def test_a_row_survives_the_file():
    given = row(truth(site(), lost=(lost(),)), finding())
    assert msgspec.json.decode(msgspec.json.encode(given), type=CampaignRow) == given


def test_the_table_counts_every_pair():
    rows = [
        row(truth(site()), finding()),
        row(truth(site()), status="clear"),
        row(truth(sound_modules=("down.a",)), finding(scope="import")),
        CampaignRow(truth=Truth(pair=PAIR, state="not-run", reason="no wheel"), checked=Checked()),
    ]
    text = render(rows, verbose=True)
    assert "pairs 4, run 3, not run 1" in text
    assert "recall of live unguarded breaks: 1 of 2 (50.0 %)" in text
    assert "of them called clear: 1 of 2 (50.0 %)" in text
    assert "precision of findings: 1 of 2 (50.0 %)" in text
    assert "precision of `breaks`: 1 of 2 (50.0 %)" in text
    assert "MISSED down/a.py:3" in text
    assert "REFUTED attribute-removed" in text
