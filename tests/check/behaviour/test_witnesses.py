"""The program that a finding shows works with the baseline and fails with the candidate."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tailrace.check import check
from tailrace.sources import Sources, SourceSettings


def test_the_witness_of_a_call_names_what_users_call(tmp_path: Path) -> None:
    """A function that one module defines and another offers: the program that shows the break imports what exists."""
    old = {"up/__init__.py": "from up.sub import helper\n", "up/sub.py": "def helper(z, *, opt=None): ...\n"}
    new = {**old, "up/sub.py": "def helper(z): ...\n"}
    project = {"old": ("up", "1.0", old), "new": ("up", "2.0", new)}
    use = {"use/__init__.py": "import up\ndef f(x):\n    up.helper(1, opt=x)\n"}
    for folder, (name, version, files) in {**project, "use": ("use", "1.0", use)}.items():
        metadata = {"pyproject.toml": f'[project]\nname = "{name}"\nversion = "{version}"\n'}
        for path, text in {**files, **metadata}.items():
            (tmp_path / folder / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / folder / path).write_text(text)
    sources = Sources(SourceSettings(cache_dir=tmp_path / "cache", index_urls=(), find_links=()))
    places = {folder: str(tmp_path / folder) for folder in ("old", "new", "use")}
    report = check(places["new"], places["old"], [places["use"]], sources=sources)
    ((finding,),) = [downstream.findings for downstream in report.downstreams]
    assert finding.witness is not None
    codes = [
        subprocess.run(
            [sys.executable, "-c", finding.witness], cwd=tmp_path, env={"PYTHONPATH": places[side]}, check=False
        ).returncode
        for side in ("old", "new")
    ]
    assert codes == [0, 1]
