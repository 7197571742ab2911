"""The parts below the rules: shell words, suppressions, places, names."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lint_helpers import ANACONDA, CONDA, findings, rules

from tailrace.lint import NoSuchPathError, UnreadableFileError
from tailrace.lint.files import read_file
from tailrace.lint.names import blot, channel_name, is_bounded, is_defaults, package_of, split_spec
from tailrace.lint.shellwords import split_commands
from tailrace.lint.source import Source


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b;c&&d | e", [["a", "b"], ["c"], ["d"], ["e"]]),
        ("a 'b c' \"d 'e'\" f\\ g", [["a", "b c", "d 'e'", "f g"]]),
        ("a \\\n  b # c\nd", [["a", "b"], ["d"]]),
        ("a `\r\n b", [["a", "b"]]),
        ("a ${{ matrix.x && 'y' }} b", [["a", "${{ matrix.x && 'y' }}", "b"]]),
        ("x=$(a b) c", [["x="], ["a", "b"], ["c"]]),
        ("cat <<'EOF' > f\nconda x\nEOF\nb", [["cat", "f"], ["b"]]),
        ("cat <<EOF\nnever closed", [["cat"]]),
        (r"C:\a\b.exe c", [[r"C:\a\b.exe", "c"]]),
        ("(a; b) & c", [["a"], ["b"], ["c"]]),
        ("a#b #c", [["a#b"]]),
        ("'never closed", [["never closed"]]),
        ("", []),
        ("\\", [["\\"]]),
    ],
)
def test_shell_text_is_cut_into_commands(text: str, expected: list[list[str]]) -> None:
    assert [[word.text for word in words] for words in split_commands(text)] == expected


@settings(deadline=None)
@given(st.text(alphabet="ab \n\t;|&()'\"\\`$<>{}#EOF^-", max_size=60))
def test_any_text_is_cut_in_the_order_in_which_it_stands(text: str) -> None:
    at = 0
    for words in split_commands(text):
        for word in words:
            assert at <= word.start < word.end <= len(text)
            at = word.end


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(
        [
            ".condarc",
            "environment.yml",
            "conda-forge.yml",
            "conda_build_config.yaml",
            "meta.yaml",
            "recipe.yaml",
            "pixi.toml",
            "Dockerfile",
            ".github/workflows/a.yml",
            "a.sh",
            "a.bat",
        ]
    ),
    st.lists(
        st.sampled_from(
            [
                "conda ",
                "install",
                " -c",
                "channels",
                ":",
                "\n",
                "  ",
                "- ",
                "[",
                "]",
                "{",
                "}",
                '"',
                "'",
                "&a ",
                "*a",
                "package:",
                "requirements:",
                "dependencies:",
                "RUN ",
                "FROM ",
                "a::b",
                "=",
                "defaults",
                "conda-forge",
                "\\",
                "<<EOF",
                "uses: conda-incubator/setup-miniconda@v3",
                "with:",
                "run: |",
                "!!x",
                "%",
                "\t",
                "é",
                "\r",
            ]
        ),
        max_size=30,
    ),
)
def test_no_text_makes_a_reader_fail(path: str, parts: list[str]) -> None:
    text = "".join(parts)
    try:
        document = read_file(path, text.encode())
    except UnreadableFileError:
        return
    if document is not None:
        for finding in findings(path, text):
            assert 1 <= finding.line <= text.count("\n") + 1
            assert finding.column >= 1


@pytest.mark.parametrize(
    ("comment", "still_there"),
    [
        ("channels: [conda-forge]  # tailrace: ignore[nodefaults-missing] for mamba", False),
        ("channels: [conda-forge]  # tailrace: ignore[nodefaults-missing, canary-label]: for mamba", False),
        ("# tailrace: ignore[nodefaults-missing] for mamba\n\n# more\nchannels: [conda-forge]", False),
        ("channels: [conda-forge]  # tailrace: ignore[canary-label] for mamba", True),
        ("# tailrace: ignore[nodefaults-missing] for mamba\nname: x\nchannels: [conda-forge]", True),
        ("channels: [conda-forge]  # tailrace: ignore[nodefaults-missing]", True),
        ("channels: [conda-forge]  # tailrace: ignore for mamba", True),
    ],
)
def test_a_suppression_means_its_line_and_its_rules(comment: str, still_there: bool) -> None:
    text = f"{comment}\ndependencies: [a]\n"
    assert ("nodefaults-missing" in rules("environment.yml", text)) == still_there


def test_a_suppression_of_no_rule_is_told() -> None:
    text = "channels: [conda-forge, nodefaults]  # tailrace: ignore[no-such] x\ndependencies: [a]\n"
    assert rules("environment.yml", text) == ["suppression-invalid"]


@pytest.mark.parametrize(
    ("channel", "name", "defaults"),
    [
        ("defaults", "defaults", True),
        ("conda-forge", "conda-forge", False),
        (f"{ANACONDA}/pkgs/main", "pkgs/main", True),
        (f"{ANACONDA}/pkgs/main/linux-64", "pkgs/main", True),
        (f"{CONDA}/main/", "main", True),
        (f"{CONDA}/conda-forge", "conda-forge", False),
        (f"{CONDA}/t/abc/anaconda", "anaconda", True),
        ("https://mirror.example/anaconda/pkgs/main", "anaconda/pkgs/main", False),
        ("company/main", "company/main", False),
        ("anaconda-nb", "anaconda-nb", False),
    ],
)
def test_channels_are_told_apart(channel: str, name: str, defaults: bool) -> None:
    assert (channel_name(channel), is_defaults(channel)) == (name, defaults)


@pytest.mark.parametrize(
    ("spec", "channel", "package", "bounded"),
    [
        ("conda", "", "conda", False),
        ("conda >=4.5", "", "conda", False),
        ("conda>=4,<5", "", "conda", True),
        ("conda=4.12", "", "conda", True),
        ("conda==4.12", "", "conda", True),
        ("conda 4.12.*", "", "conda", True),
        ("conda ~=4.1", "", "conda", True),
        ("conda !=4.13", "", "conda", False),
        ("conda-forge::conda", "conda-forge", "conda", False),
        ("conda-forge/linux-64::conda=4", "conda-forge/linux-64", "conda", True),
        ("conda[channel=x]", "x", "conda", False),
        ("Conda-Build", "", "conda-build", False),
        ("conda $VERSION", "", "conda", True),
    ],
)
def test_specs_are_read(spec: str, channel: str, package: str, bounded: bool) -> None:
    assert (split_spec(spec)[0], package_of(spec), is_bounded(spec)) == (channel, package, bounded)


def test_tokens_are_blotted_out() -> None:
    assert blot("https://u:p@h/t/tk-1/x") == "https://****@h/t/****/x"
    assert blot("https://h/conda-forge") == "https://h/conda-forge"


@given(st.text(alphabet="a\n\r", max_size=20), st.integers(0, 25))
def test_places_are_found_again(text: str, offset: int) -> None:
    source = Source("x", text)
    offset = min(offset, len(text))
    line, column = source.place(offset)
    assert source.offset(line) + column - 1 == offset
    assert line == text.count("\n", 0, offset) + 1


@pytest.mark.parametrize("error", [UnreadableFileError("it is odd", 3), NoSuchPathError("x")])
def test_errors_survive_the_way_between_processes(error: Exception) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
