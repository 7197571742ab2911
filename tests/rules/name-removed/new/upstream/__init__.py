from upstream._text import escape

__all__ = ["escape", "soft_str"]
from upstream._text import soft_str
