import pathlib
import sys
import tempfile

import pytest


@pytest.fixture
def old_session():
    return "a session of its own"


@pytest.fixture
def connection(old_session):
    return f"connection in {old_session}"


def main():
    with tempfile.TemporaryDirectory() as folder:
        test = pathlib.Path(folder, "test_it.py")
        test.write_text("from downstream import connection, old_session\ndef test_it(connection): ...\n")
        sys.exit(pytest.main(["-q", "-p", "upstream.plugin", str(test)]))
