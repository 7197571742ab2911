import sys

from upstream import hookimpl, load


@hookimpl(hookwrapper=True)
def upstream_start(config):
    yield


def main():
    load(sys.modules[__name__])
