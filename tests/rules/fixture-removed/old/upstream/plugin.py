import pytest


@pytest.fixture
def session():
    return "session"


@pytest.fixture
def old_session():
    return "session"
