import upstream


class River(upstream.Source):
    def read(self):
        return "water"

    def close(self):
        return None


def main():
    return River().read()
