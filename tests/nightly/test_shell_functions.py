"""What a shell says of functions that call what is not there, the same for each shell."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tailrace.nightly.programs import shell_program
from tailrace.processes import find_program

SCRIPT = """
mamba() {
    case "$1" in
        install|update)
            __gone "$@"
            ;;
        list) true ;;
    esac
}
other() {
    words="a b"
    set -- $words
    [ $# = "$EXPECTED" ] || __split_otherwise
}
"""


@pytest.mark.parametrize(("shell", "words"), [("bash", "2"), ("zsh", "1")])
def test_a_lost_function_is_found_in_each_shell(shell: str, words: str, tmp_path: Path) -> None:
    if find_program(shell) is None:
        pytest.skip(f"{shell} is not installed")
    (tmp_path / "mamba.sh").write_text(SCRIPT.replace("$EXPECTED", words))
    program = shell_program(shell, ["mamba.sh"]).replace("sys.prefix", repr(str(tmp_path)))
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.split("\n")[:-2] == [
        "function mamba",
        "function other",
        "call mamba install: __gone: command not found",
        "call mamba update: __gone: command not found",
    ]
