from upstream import Stream, old_already, soft_str


def main():
    return soft_str(1), old_already(2)


def lines(stream: Stream):
    return list(stream)


def soft_unicode(value):
    return value


soft_unicode(1)
