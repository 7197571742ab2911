"""A little of Python, evaluated on values that may be unknown: enough to decide a module `__getattr__` or a version
test.

Nothing of the evaluated package is executed: only literals, containers, string methods and a closed list of
functions are
modelled; everything else is `UNKNOWN`, and what depends on it stays undecided.
"""

from tailrace.surface.evaluate.frames import Moment
from tailrace.surface.evaluate.hooks import evaluate_getattr
from tailrace.surface.evaluate.interpreter import Interpreter
from tailrace.surface.evaluate.values import UNKNOWN, truth

__all__ = ["UNKNOWN", "Interpreter", "Moment", "evaluate_getattr", "truth"]
