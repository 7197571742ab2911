from upstream import Option, dump

VERBOSE = Option("verbose", True)


def main():
    return dump({}, 2)


def sorted_dump():
    return dump({}, 2, True)
