import upstream


def main():
    return upstream.use("plain")
