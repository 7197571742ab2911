"""`binary-interface-changed`: compiled code of the downstream fits the baseline's binary interface only. Texts only."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, code, with_detail


def _message(b: Break) -> str:
    sentence = f"the compiled module was built against {code(b.path)}, which {candidate(b)} no longer has in this form"
    return with_detail(b, sentence, "; ")


def _witness(b: Break) -> str | None:
    return None


RULE = Rule(
    id="binary-interface-changed",
    rank=133,
    title="Compiled code no longer fits",
    severity="error",
    summary="A compiled module of the downstream needs a library or a C interface that the candidate no longer has.",
    why="""\
Compiled code is bound to what it was built with: the version of NumPy's C interface, the name of a shared library, the
functions that a Cython module exports. The import fails (`numpy.core.multiarray failed to import`,
`libarrow.so.1400: cannot open shared object file`), or the process crashes. No source shows it; the evidence is in the
module's bytes, and in `.pxd` files that `cimport` reads.
""",
    repair="""\
**Downstream**: build against the candidate, and publish new wheels. What is built with NumPy 2 also runs with NumPy 1.

```toml
[build-system]
requires = ["setuptools", "cython", "numpy>=2"]
```

**Release**: announce the change of the binary interface long before, with a pre-release to build against, and raise the
major version.

If the release is out already, downstreams need the bound `upstream<2`.
""",
    example=Example(
        old="""\
# file: upstream/__init__.py
# file: upstream/core.pxd
cdef int fast(int x)
cdef int slow(int x)
# file: upstream/core.pyx
cdef int fast(int x): return x
cdef int slow(int x): return x
""",
        new="""\
# file: upstream/__init__.py
# file: upstream/core.pxd
cdef int slow(int x)
# file: upstream/core.pyx
cdef int slow(int x): return x
""",
        downstream="""\
# file: downstream/__init__.py
# file: downstream/work.pyx
from upstream.core cimport fast

def run(x):
    return fast(x)
""",
        near_miss="""\
# file: downstream/__init__.py
# file: downstream/work.pyx
from third.core cimport fast

def run(x):
    return fast(x)
""",
    ),
    message=_message,
    witness=_witness,
)
