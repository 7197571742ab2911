import upstream


def main():
    return upstream.old_merge(1, 2)
