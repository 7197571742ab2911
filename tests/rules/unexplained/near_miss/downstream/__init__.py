from upstream import load, size


def main():
    return load().upper(), size().bit_length()
