from upstream import find, load


def main():
    return load().encode()


def drained(pools):
    return find(pools, "blue").drain()
