"""A little of Python, evaluated on values that may be unknown: enough to decide a module `__getattr__` or a version
test.

Nothing of the evaluated package is executed: only literals, containers, string methods and a closed list of
functions are
modelled; everything else is `UNKNOWN`, and what depends on it stays undecided.
"""

from tailrace.python.interpreter.frames import Moment
from tailrace.python.interpreter.hooks import evaluate_getattr
from tailrace.python.interpreter.interpreter import Interpreter
from tailrace.python.interpreter.values import UNKNOWN, truth

__all__ = ["UNKNOWN", "Interpreter", "Moment", "evaluate_getattr", "truth"]
