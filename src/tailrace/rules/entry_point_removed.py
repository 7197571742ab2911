"""`entry-point-removed`: a console script or another entry point is gone. Texts only; judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, code, with_detail


def _split(b: Break) -> tuple[str, str]:
    """`(group, name)`; symbols are `script:NAME` or `entry-point:GROUP:NAME`."""
    kind, _, rest = b.path.partition(":")
    group, _, name = rest.rpartition(":")
    if kind == "script" or not group:
        group, name = "console_scripts", rest or b.path
    return b.facts.get("group") or group, b.facts.get("entry_point") or name


def _message(b: Break) -> str:
    group, name = _split(b)
    if group == "console_scripts":
        return with_detail(b, f"running {code(name)} fails: {candidate(b)} no longer installs this command")
    sentence = (
        f"the entry point {code(name)} of the group {code(group)} is not found: {candidate(b)} no longer declares it"
    )
    return with_detail(b, sentence, "; ")


def _witness(b: Break) -> str | None:
    group, name = _split(b)
    if not name or not f"{group}{name}".isprintable():
        return None
    return f"from importlib.metadata import entry_points\nassert entry_points(group={group!r}, name={name!r})"


RULE = Rule(
    id="entry-point-removed",
    rank=130,
    title="A command or plug-in entry point is gone",
    severity="error",
    summary="The candidate no longer declares a console script or other entry point that the downstream uses.",
    why="""\
A missing console script raises `FileNotFoundError` in `subprocess.run`, or ends a shell with status 127. A
missing entry point is not found by `importlib.metadata.entry_points()`: a plug-in is then silently missing, or its
name raises an error.
""",
    repair="""\
**Downstream**: run a command that both releases have.

```python
subprocess.run(["upstream", "convert"], check=True)
```

**Release**: keep the entry point, and warn in the function behind it.

```toml
[project.scripts]
upstream-convert = "upstream.cli:deprecated_convert"
```

If the release is out already, downstreams need the bound `upstream<2`.
""",
    example=Example(
        old="""\
# file: pyproject.toml
[project]
name = "upstream"
version = "1"

[project.scripts]
upstream = "upstream.cli:main"
upstream-convert = "upstream.cli:main"
# file: upstream/__init__.py
# file: upstream/cli.py
def main():
    print("done")
""",
        new="""\
# file: pyproject.toml
[project]
name = "upstream"
version = "2"

[project.scripts]
upstream = "upstream.cli:main"
# file: upstream/__init__.py
# file: upstream/cli.py
def main():
    print("done")
""",
        downstream="""\
import subprocess


def main():
    subprocess.run(["upstream-convert"], check=True)
""",
        near_miss="""\
import subprocess


def main():
    subprocess.run(["upstream"], check=True)
""",
    ),
    message=_message,
    witness=_witness,
)
