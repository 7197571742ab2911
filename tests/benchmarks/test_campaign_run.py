"""One well-known pair, from the index to its score."""

import pytest

from campaign import check_pair
from campaign_draw import DrawnPair
from campaign_scoring import CampaignRow, score
from campaign_truth import run_pair
from tailrace.sources import Sources, SourceSettings
from tailrace.verify import Feed
from tailrace.verify.sandbox import choose_sandbox


@pytest.mark.online
@pytest.mark.parametrize(("downstream", "live"), [("Jinja2==2.11.3", 3), ("Jinja2==3.0.3", 0)])
def test_the_markupsafe_incident_is_seen_live_and_found(tmp_path, downstream, live):
    sources = Sources(SourceSettings(cache_dir=tmp_path / "cache"))
    pair = DrawnPair(
        id="0-0", kind="next-minor", downstream=downstream, baseline="MarkupSafe==2.0.1", candidate="MarkupSafe==2.1.0"
    )
    for spec in (pair.downstream, pair.baseline, pair.candidate):
        sources.locate(spec)
    checked = check_pair(pair, tmp_path / "cache")
    witnesses = [f.witness for f in checked.findings if f.witness]
    truth = run_pair(pair, Feed(sources), choose_sandbox("auto"), tmp_path, lambda: witnesses)
    scored = score(CampaignRow(truth=truth, checked=checked))
    assert {one.path for one in scored.live} == ({"markupsafe.soft_unicode"} if live else set())
    assert (len(scored.live), len(scored.found), scored.count("refuted")) == (live, live, 0)
