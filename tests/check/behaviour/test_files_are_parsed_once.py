"""A large upstream and the files of a downstream, of which each is parsed once although no syntax tree is kept."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from support.packages import moments
from tailrace.check.downstream import check_downstream
from tailrace.check.options import CheckOptions
from tailrace.check.upstream import Upstream
from tailrace.python import modules
from tailrace.python.parsing import Parsed, parse_python

UPSTREAM = "def a():\n    return 1\n" + "# nothing\n" * 2000


def test_a_file_that_is_sure_to_be_read_is_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {f"down/m{number}.py": f"import up\n\ndef f{number}():\n    return up.a()\n" for number in range(12)}
    reaching = {f"down/n{number}.py": f"from down.m{number} import up\n\nup.a()\n" for number in range(12)}
    parts = moments(
        tmp_path,
        {"up/__init__.py": UPSTREAM},
        {"up/__init__.py": UPSTREAM + "B = 1\n"},
        {"down/__init__.py": "", **names, **reaching},
    )
    parsed: Counter[bytes] = Counter()

    def count(source: bytes) -> Parsed | None:
        parsed[source] += 1
        return parse_python(source)

    monkeypatch.setattr(modules, "parse_python", count)
    monkeypatch.setattr(modules, "_FEW", 1)
    monkeypatch.setattr(modules, "_MOST_HELD", 0)
    report = check_downstream(Upstream(parts.old, parts.new), parts.downstream, CheckOptions()).report
    assert report.files.read == 24
    twice = {source.decode()[:40]: times for source, times in parsed.items() if b"up.a" in source and times > 1}
    assert twice == {}
