import upstream


class River(upstream.Source):
    def read(self):
        return "water"


def main():
    return River().read()
