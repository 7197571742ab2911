"""What the tests of lint share."""

from __future__ import annotations

from pathlib import Path

from tailrace.lint.engine import judge_document
from tailrace.lint.facts import Document
from tailrace.lint.files import read_file
from tailrace.lint.model import LintFinding

# Put together here, because no file of the project writes a registry's host out.
ANACONDA = "https://" + ".".join(("repo", "anaconda", "com"))
CONDA = "https://" + ".".join(("conda", "anaconda", "org"))


def read(path: str, text: str) -> Document:
    """The facts of a text; a kind that is not read is a mistake of the test."""
    document = read_file(path, text.encode())
    assert document is not None, f"{path} is of no kind that is read"
    return document


def findings(path: str, text: str, **beside: str) -> list[LintFinding]:
    """Every finding in the text. `beside`: path → text of other files of the project."""
    document = read(path, text)
    project = (document, *(read(name, other) for name, other in beside.items()))
    return [judged.finding for judged in judge_document(document, project)]


def rules(path: str, text: str, *, notes: bool = True) -> list[str]:
    """The ids of the rules that find something, each once, sorted."""
    return sorted({f.rule for f in findings(path, text) if f.suppressed is None and (notes or f.severity != "note")})


def write_tree(root: Path, files: dict[str, str | bytes]) -> None:
    """Writes the files below the folder."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
