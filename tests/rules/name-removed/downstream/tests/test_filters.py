from unittest import mock

from upstream import soft_unicode


def test_markup():
    with mock.patch("upstream.to_text"):
        assert soft_unicode(1) == "1"
