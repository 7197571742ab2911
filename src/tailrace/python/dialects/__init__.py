"""Parses Python of any version into a syntax tree of the running one, with the positions of the original text.

The text is cut into tokens, what the running version does not know is written otherwise, and every node is then put
back to where its text stood.
"""

from tailrace.python.dialects.translate import TypeAlias, parse_any

__all__ = ["TypeAlias", "parse_any"]
