from upstream import load


def main():
    return load().encode()
