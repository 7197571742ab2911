import importlib


def tables():
    from upstream import legacy

    return legacy, importlib.import_module("upstream.codec")
