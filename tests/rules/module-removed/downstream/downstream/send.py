from downstream import wire


def main():
    return wire.pack("water")
