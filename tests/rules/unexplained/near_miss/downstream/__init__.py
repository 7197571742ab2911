from upstream import find, load, size


def main():
    return load().upper(), size().bit_length()


def drained(pools):
    return find(pools, "blue").drain()
