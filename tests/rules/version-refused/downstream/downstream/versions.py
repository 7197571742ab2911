"""What the client knows."""

import upstream


def check():
    assert upstream.__version__.startswith("1."), "not tried"
