"""Which pairs the draw `stress` keeps: those whose downstream mentions what the candidate has no more."""

from datetime import UTC, datetime

import pytest
from packaging.version import Version

from campaign_stress import crossing, lost_imports, lost_words, read_uses
from support.packages import artifact, surface

BASELINE = {
    "up/__init__.py": "from up.inner import kept, gone\nLIMIT = 3\n",
    "up/inner.py": "def kept(a, flag=None): ...\ndef gone(): ...\nclass Box:\n    size = 1\n    def spin(self): ...\n",
    "up/lost.py": "x = 1\n",
}
CANDIDATE = {
    "up/__init__.py": "from up.inner import kept\n",
    "up/inner.py": "def kept(a): ...\nclass Box: ...\n# LIMIT and spin are only mentioned\n",
}


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("from up import gone, kept", {"up:gone"}),
        ("from up.inner import gone", {"up.inner:gone"}),
        ("import up.lost", {"up.lost"}),
        ("from up.lost import x", {"up.lost"}),
        ("import up\nup.LIMIT", {".LIMIT"}),
        ("import up\ndef f(box): box.spin(); box.size", {".spin", ".size"}),
        ("import up\nup.kept(1, flag=2)", {"flag="}),
        # Near-misses: what stays, another file's word, a word that neither release defines, what is not imported.
        ("from up import kept\nkept(1)", set()),
        ("import other\nother.spin()", set()),
        ("import up\nup.kept.other(size_of=1)", set()),
        ("from other import gone", set()),
    ],
)
def test_what_is_gone_and_mentioned(tmp_path, text, met):
    downstream = artifact(tmp_path / "down", {"down/a.py": text, "tests/test_a.py": "import up.lost"})
    baseline, candidate = surface(tmp_path / "baseline", BASELINE), surface(tmp_path / "candidate", CANDIDATE)
    uses = read_uses(downstream, baseline.roots)
    assert lost_imports(uses, baseline, candidate) | lost_words(uses, baseline, candidate) == met


@pytest.mark.parametrize(
    ("baseline", "later", "expected"),
    [
        ("1.2", {"1.3": 1, "2.0": 1, "2.1": 2, "3.0": 5}, ["2.0", "2.1"]),
        ("0.2.1", {"0.2.9": 1, "0.3": 1}, ["0.3"]),
        ("0.2", {"1.0": 1}, ["1.0"]),
        ("1.2", {"1.3": 1}, []),
        ("1.2", {"2.0": 4}, []),
    ],
)
def test_candidates_cross_a_line_within_three_years(baseline, later, expected):
    history = [(Version(version), datetime(2020 + years, 1, 2, tzinfo=UTC)) for version, years in later.items()]
    found = crossing(Version(baseline), history, datetime(2020, 1, 1, tzinfo=UTC))
    assert [str(one) for one in found] == expected
