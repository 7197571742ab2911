import upstream


def main():
    return str(upstream.find_root("."))
