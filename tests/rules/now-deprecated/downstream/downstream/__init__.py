import upstream.codec
from upstream import Stream, soft_unicode


def main():
    return soft_unicode(1)


def lines():
    return Stream().readlines()
