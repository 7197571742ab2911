"""Compares two releases with what had been announced: removals, windows and overdue marks.

`evaluate` puts it together: the marks of both releases (`python.marks`), what was removed between them (`changes`), and
who uses it (`check`). Nothing of a package is executed.
"""
