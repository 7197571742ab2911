from upstream import Option, dump

VERBOSE = Option("verbose", multiple=True)


def main():
    return dump({}, indent=2, sort=True)


def starred(*arguments):
    return dump(*arguments)
