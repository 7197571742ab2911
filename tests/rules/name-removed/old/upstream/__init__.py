from upstream._text import escape, soft_unicode
from upstream._text import soft_unicode as to_text

__all__ = ["escape", "soft_unicode"]
