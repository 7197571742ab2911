import pathlib
import sys
import tempfile

import pytest


@pytest.fixture
def connection(old_session):
    return f"connection in a {old_session}"


def main():
    with tempfile.TemporaryDirectory() as folder:
        test = pathlib.Path(folder, "test_it.py")
        test.write_text("from downstream import connection\ndef test_it(connection): ...\n")
        sys.exit(pytest.main(["-q", "-p", "upstream.plugin", str(test)]))
