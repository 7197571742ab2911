"""The benchmark's own arithmetic: what counts as found, missed, silent and a false alarm."""

import pytest

from incident_rows import MissingCloneError, Row, load_rows, row_specs
from incident_scoring import Answer, Reported, last_name, names_symbol, same_file, score_break, score_silent

BREAK = Row(
    id="B1",
    expected="break",
    provider="up",
    provider_old="1",
    provider_new="2",
    consumer="down",
    consumer_broken="5",
    consumer_fixed="6",
    symbol="up.core.gone",
    file="down/a.py",
    line=3,
)
SILENT = Row(
    id="S1",
    expected="no break",
    provider="up",
    provider_old="1",
    provider_new="2",
    consumer="down",
    consumer_version="6",
)
SILENT_NAMED = Row(
    id="S2",
    expected="no break",
    provider="up",
    provider_old="1",
    provider_new="2",
    consumer="down",
    consumer_version="6",
    symbol="up.core.gone",
)


def line(symbol="up.core.gone", file="down/a.py", **more):
    return Reported(file=file, line=3, symbol=symbol, **more)


@pytest.mark.parametrize(
    ("symbol", "last"),
    [
        ("markupsafe.soft_unicode", "soft_unicode"),
        ("jedi.Interpreter(column=)", "column"),
        ("importlib_metadata.entry_points().get", "get"),
        ("pkg.f(*args)", "args"),
        ("pkg[extra-one]", "extra-one"),
        ("pkg.f()", "f"),
        ("conda clean -l", "-l"),
        ("tool --no-dry-run", "--no-dry-run"),
        ("module", "module"),
        ("", ""),
    ],
)
def test_the_last_name_of_a_symbol(symbol, last):
    assert last_name(symbol) == last


@pytest.mark.parametrize(
    ("reported", "symbol", "named"),
    [
        ("markupsafe._native.soft_unicode", "markupsafe.soft_unicode", True),
        ("httpx._client.Client.__init__(proxies=)", "httpx.Client(proxies=)", True),
        ("conda clean -l", "conda clean -l", True),
        ("markupsafe.soft_unicode_more", "markupsafe.soft_unicode", False),
        ("markupsafe", "markupsafe.soft_unicode", False),
        ("conda clean --l", "conda clean -l", False),
        ("anything", "", False),
    ],
)
def test_a_symbol_is_named_as_a_whole_word(reported, symbol, named):
    assert names_symbol(reported, symbol) is named


@pytest.mark.parametrize(
    ("reported", "expected", "same"),
    [
        ("down/a.py", "down/a.py", True),
        ("src/down/a.py", "down/a.py", True),
        ("down/a.py", "src/down/a.py", True),
        ("down/a.cpython-311.so", "down/a*.so", True),
        ("down/b.cpython-311.so", "down/a*.so", False),
        ("other/a.py", "down/a.py", False),
        ("xdown/a.py", "down/a.py", False),
        ("down/a.py", "", False),
    ],
)
def test_a_leading_folder_does_not_make_another_file(reported, expected, same):
    assert same_file(reported, expected) is same


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(status="breaks", reported=(line(),)), "found"),
        (Answer(status="contained", reported=(line(),)), "found"),
        (Answer(status="breaks", reported=(line("up.other"), line())), "found"),
        (Answer(status="breaks", reported=(line("up.other"),)), "misplaced"),
        (Answer(status="breaks", reported=(line(file="down/b.py"),)), "misplaced"),
        (Answer(status="possible", reported=(line(),)), "missed"),
        (Answer(status="clear"), "missed"),
        (Answer(status="not-checked", reason="no files"), "not-checked"),
        (Answer(status="error", reason="crash"), "error"),
        (Answer(status="not-run"), "not-run"),
    ],
)
def test_a_break_is_found_only_with_the_symbol_in_its_file(answer, outcome):
    assert score_break(BREAK, answer) == outcome


@pytest.mark.parametrize(
    ("row", "answer", "outcome"),
    [
        (SILENT, Answer(status="clear"), "silent"),
        (SILENT, Answer(status="possible", reported=(line(),)), "silent"),
        (SILENT, Answer(status="breaks", reported=(line(),)), "false-alarm"),
        (SILENT_NAMED, Answer(status="possible", reported=(line(),)), "false-alarm"),
        (SILENT_NAMED, Answer(status="clear", reported=(line(guard="except ImportError"),)), "silent"),
        (SILENT_NAMED, Answer(status="clear", reported=(line(unmet=True),)), "silent"),
        (SILENT_NAMED, Answer(status="breaks", reported=(line("up.other"),)), "silent"),
        (SILENT, Answer(status="not-checked"), "not-checked"),
        (SILENT_NAMED, Answer(status="error"), "error"),
    ],
)
def test_an_unguarded_word_about_the_symbol_is_a_false_alarm(row, answer, outcome):
    assert score_silent(row, answer) == outcome


def test_specs_of_a_row_name_both_upstreams_and_both_downstreams():
    specs = row_specs(BREAK, {})
    assert (specs.baseline, specs.candidate, specs.subject, specs.fixed) == ("up==1", "up==2", "down==5", "down==6")


def test_a_row_from_git_needs_a_clone():
    row = Row(
        id="G",
        expected="no break",
        provider="up",
        provider_source="git:up-1",
        provider_old="1",
        provider_new="2",
        consumer="down",
        consumer_version="6",
    )
    with pytest.raises(MissingCloneError, match="up"):
        row_specs(row, {})
    assert row_specs(row, {"up": "clones/up"}).baseline == "git+clones/up@1"


def test_an_unknown_row_is_refused(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text(
        '{"id":"A","expected":"break","provider":"p","provider_old":"1","provider_new":"2","consumer":"c","more":1}\n'
    )
    assert [row.id for row in load_rows(path)] == ["A"]
    with pytest.raises(ValueError, match="no row B"):
        load_rows(path, frozenset({"A", "B"}))
