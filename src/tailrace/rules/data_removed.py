"""`data-removed`: a file of data that the downstream reads by name is gone. Texts only; judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, code, with_detail

_KINDS = {
    "template-library": "the template library",
    "template-tag": "the template tag",
    "template-filter": "the template filter",
    "style": "the style",
}


def _message(b: Break) -> str:
    kind, _, name = b.path.rpartition(":")
    what = _KINDS.get(kind, "the data file")
    return with_detail(b, f"{what} {code(name)} is not found: {candidate(b)} no longer has it")


def _witness(b: Break) -> str | None:
    return None


RULE = Rule(
    id="data-removed",
    rank=131,
    title="Data that is read by name is gone",
    severity="error",
    summary="The downstream names a data file, a template library or a style that the candidate no longer has.",
    why="""\
Such names are looked up when they are used: `{% load staticfiles %}` raises `TemplateSyntaxError` when the template is
rendered, `plt.style.use("seaborn-deep")` raises `OSError`, and `importlib.resources` raises `FileNotFoundError`. No
import fails, so tests that do not come by say nothing.
""",
    repair="""\
**Downstream**: use the name that replaces it, or ship the data yourself.

```python
importlib.resources.files("upstream").joinpath("words-v2.txt")
```

**Release**: keep the file under its old name for a deprecation period.

If the release is out already, downstreams need the bound `upstream<2`.
""",
    example=Example(
        old="""\
# file: upstream/__init__.py
# file: upstream/data/__init__.py
# file: upstream/data/words.txt
apple
# file: upstream/data/names.txt
Ada
""",
        new="""\
# file: upstream/__init__.py
# file: upstream/data/__init__.py
# file: upstream/data/names.txt
Ada
""",
        downstream="""\
from importlib.resources import files


def main():
    return files("upstream.data").joinpath("words.txt").read_text()
""",
        near_miss="""\
from importlib.resources import files


def main():
    return files("upstream.data").joinpath("names.txt").read_text()
""",
    ),
    message=_message,
    witness=_witness,
)
