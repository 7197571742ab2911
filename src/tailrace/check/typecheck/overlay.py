"""Makes the text that the type checker is shown in place of a source file; every character keeps its position.

A type checker follows one Python version and one set of options; a downstream runs under many. What would hide code
from it is replaced by a name of equal length that nobody defines, so that both branches are looked at (the type is
unknown): `sys.version_info` (else the branch for older interpreters is unreachable and never reported),
`TYPE_CHECKING` (the `else` branch is what really runs), `@no_type_check`, and comments that suppress diagnostics.
"""

from __future__ import annotations

import io
import re
import tokenize

_HIDING = re.compile(
    r"\bsys\.(?P<version>version_info|hexversion)\b"
    r"|\bfrom\s+sys\s+import\s[^\n]*?\b(?P<imported>version_info)\b"
    r"|\b(?P<name>TYPE_CHECKING|MYPY|no_type_check)\b"
    r"|#\s*(?P<comment>ty)\s*:"
)


def neutralise(text: str) -> str:
    """The same text with everything that would hide code made unknown; lengths and positions stay."""
    text = _HIDING.sub(_blind, text)
    if "version_inf_" in text and re.search(r"\bfrom\s+sys\s+import\s[^\n]*\bversion_inf_\b", text):
        text = re.sub(r"(?<![\w.])version_info\b", "version_inf_", text)
    return text


def _blind(found: re.Match[str]) -> str:
    group = found.lastgroup or ""
    start, end = found.start(group) - found.start(), found.end(group) - found.start()
    whole = found[0]
    return whole[: end - 1] + "_" + whole[end:] if end > start else whole


def decode_source(data: bytes) -> str:
    """Source bytes as text, by their own coding line (PEP 263); what cannot be decoded becomes U+FFFD."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding, "replace")
    except (SyntaxError, LookupError, ValueError):  # an unknown or a hostile coding line
        text = data.decode("utf-8", "replace")
    # Lone surrogates (from odd codecs) cannot travel as JSON.
    return text.encode("utf-8", "replace").decode("utf-8").removeprefix("\ufeff")
