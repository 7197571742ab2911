"""Finds every difference between two surfaces that can hurt a user of the older one, and the words that such a use must
contain.

`files` says which modules differ at all, `shapes` what a name offers to callers, `parameters` what a call may no longer
give, `names` what can be asked of an entity, `compare` walks both surfaces side by side, `report` makes changes of it.
"""

from tailrace.changes.downstream_aliases import own_words

__all__ = ["own_words"]
