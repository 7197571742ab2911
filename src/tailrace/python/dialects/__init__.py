"""Python of any version in, a syntax tree of the running one out, with the places of the original text.

The text is cut into tokens, what the running version does not know is written otherwise, and every node is then put
back to where its text stood.
"""

from tailrace.python.dialects.translate import TypeAlias, parse_any

__all__ = ["TypeAlias", "parse_any"]
