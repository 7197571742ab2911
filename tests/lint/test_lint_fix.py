"""`--fix`: lossless, idempotent, and never more than it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lint_helpers import findings, read, write_tree

from tailrace.cli.app import app
from tailrace.cli.failure import run
from tailrace.lint.edits import Edit, apply_edits
from tailrace.lint.engine import run_lint
from tailrace.lint.fix import NotWrittenError, apply_fixes, fix_document, write
from tailrace.lint.rules import LINT_RULES

_channels = st.lists(
    st.sampled_from(
        ["conda-forge", "defaults", "bioconda", "nodefaults", "pytorch", "'pkgs/main'", "conda-canary/label/dev"]
    ),
    max_size=5,
)
_end = st.sampled_from(["\n", "\r\n"])


@st.composite
def _files(draw: st.DrawFn) -> tuple[str, str]:
    """Files of every kind that can be fixed, in the ways in which people write them."""
    end, names = draw(_end), draw(_channels)
    comment = draw(st.sampled_from(["", "  # why", "  # é tailrace"]))
    if draw(st.booleans()):
        listed = "channels:" + comment + "".join(f"\n  - {name}{comment}" for name in names) + "\n"
    else:
        listed = f"channels: [{', '.join(names)}]{comment}\n"
    priority = draw(
        st.sampled_from(
            ["", "channel_priority: flexible\n", "channel_priority: 'false'\n", "channel_priority: strict\n"]
        )
    )
    update = draw(st.sampled_from(["", "auto_update_conda: true  # é\n", 'safety_checks: "disabled"\n']))
    parts = draw(st.permutations([listed, priority, update]))
    kind = draw(st.sampled_from([".condarc", "environment.yml", "a.sh", "ci"]))
    if kind == "environment.yml":
        path, text = kind, f"name: x\n{listed}dependencies:\n  - numpy{comment}\n"
    elif kind == "a.sh":
        flags = " ".join(f"-c {name}" for name in names)
        value = draw(st.sampled_from(["flexible", "'false'", '"disabled"', "strict"]))
        path, text = (
            kind,
            f"conda config --set channel_priority {value}{comment}\nmamba install {flags} numpy \\\n  scipy\n",
        )
    elif kind == "ci":
        given_ = "".join(
            f"          {key}: {value}\n"
            for key, value in (
                ("channels", ",".join(names).replace("'", "")),
                ("channel-priority", draw(st.sampled_from(["true", "strict", "''"]))),
            )
            if value
        )
        path = ".github/workflows/a.yml"
        head = "jobs:\n  a:\n    steps:\n      - uses: conda-incubator/setup-miniconda@v3"
        text = f"{head}{comment}\n        with:\n{given_}"
    else:
        path, text = kind, "".join(parts)
    if draw(st.booleans()):
        text = text.rstrip("\n")
    return path, text.replace("\n", end)


@settings(deadline=None, max_examples=150)
@given(_files(), st.booleans())
def test_mending_is_idempotent_and_only_makes_less(file: tuple[str, str], unsafe: bool) -> None:
    path, text = file
    document = read(path, text)
    fixed, _ = fix_document(document, unsafe=unsafe)
    again, count = fix_document(fixed, unsafe=unsafe)
    assert again.source.text == fixed.source.text
    assert count == 0
    before, after = findings(path, text), findings(path, fixed.source.text)
    weight = {"error": 100, "warning": 10, "note": 1}
    assert sum(weight[f.severity] for f in after) <= sum(weight[f.severity] for f in before)
    if not any(f.fixable and (unsafe or f.fixable == "safe") for f in before):
        assert fixed.source.text == text
    assert fixed.source.text.count("\r\n") == fixed.source.text.count("\n") or "\r\n" not in text
    assert [line for line in text.splitlines() if line.strip().startswith("- numpy")] == [
        line for line in fixed.source.text.splitlines() if line.strip().startswith("- numpy")
    ]


@given(
    st.text(max_size=30), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.text(max_size=3)), max_size=6)
)
def test_edits_leave_alone_what_they_do_not_name(text: str, given_: list[tuple[int, int, str]]) -> None:
    edits = [Edit(min(a, b, len(text)), min(max(a, b), len(text)), new) for a, b, new in given_]
    assert apply_edits(text, []) == text
    changed = apply_edits(text, edits)
    first = min((edit.start for edit in edits), default=len(text))
    last = max((edit.end for edit in edits), default=0)
    assert changed.startswith(text[:first])
    assert changed.endswith(text[last:] if edits else text)


def test_the_file_is_mended_in_place_with_its_mode_and_the_rest_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    listed = "channels:   # two\r\n    -   conda-forge  # first\r\n    -   bioconda\r\n"
    text = f"\ufeff# caf\u00e9\r\n{listed}auto_update_conda: True"
    write_tree(tmp_path, {".condarc": text, "other.yml": "a: 1"})
    (tmp_path / ".condarc").chmod(0o640)
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / ".mambarc").symlink_to("../.condarc")
    assert run(app, ["lint", "--diff", ".condarc"]) == 1
    assert (tmp_path / ".condarc").read_bytes().decode() == text
    diff = capsys.readouterr().out
    assert "--- a/.condarc\n+++ b/.condarc\n" in diff
    assert "-auto_update_conda: True\n\\ No newline at end of file\n" in diff
    assert run(app, ["lint", "--fix", ".condarc"]) == 0
    assert "2 fixed" in capsys.readouterr().out
    assert (tmp_path / ".condarc").read_bytes().decode() == text.replace("True", "false").replace(
        "channels:", "channel_priority: strict\r\nchannels:"
    )
    assert (tmp_path / ".condarc").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "link" / ".mambarc").is_symlink()
    assert run(app, ["lint", "--fix", "."]) == 0
    assert run(app, ["lint", "--diff", "."]) == 0
    assert capsys.readouterr().out.count("+++") == 0


def test_a_suppressed_finding_is_not_mended() -> None:
    text = "auto_update_conda: true  # tailrace: ignore[conda-auto-update] a machine for trials\n"
    fixed, count = fix_document(read(".condarc", text))
    assert (fixed.source.text, count) == (text, 0)


def test_unsafe_edits_need_their_own_word() -> None:
    text = "channels:\n  - conda-forge\n  - defaults\ndependencies:\n  - a\n"
    assert fix_document(read("environment.yml", text))[0].source.text == text
    assert "defaults\n" not in fix_document(read("environment.yml", text), unsafe=True)[0].source.text.replace(
        "nodefaults", ""
    )


def test_a_file_that_was_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    write_tree(tmp_path, {".condarc": "auto_update_conda: true\n"})
    run_ = run_lint([str(tmp_path)], disable=(), exclude=())
    fixed = apply_fixes(run_)
    (tmp_path / ".condarc").write_text("auto_update_conda: true # new\n")
    with pytest.raises(NotWrittenError):
        write(run_, fixed)
    assert (tmp_path / ".condarc").read_text() == "auto_update_conda: true # new\n"
    assert [path.name for path in tmp_path.iterdir()] == [".condarc"]


@pytest.mark.parametrize("rule", LINT_RULES.values(), ids=list(LINT_RULES))
def test_examples_stay_mended(rule: object) -> None:
    for example in LINT_RULES[rule.id].examples:  # type: ignore[attr-defined]
        once, _ = fix_document(read(example.path, example.bad), unsafe=True)
        assert fix_document(once, unsafe=True)[0].source.text == once.source.text
