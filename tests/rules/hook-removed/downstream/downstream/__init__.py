import sys

from upstream import hookimpl, load


@hookimpl
def upstream_namespace():
    return {"answer": 42}


def main():
    load(sys.modules[__name__])
