import upstream
from upstream import Client


def main():
    return upstream.fetch("index.html", retries=5)


def client():
    return Client(proxies={}).get("/", timeout=1)


def forwarded():
    return upstream.run("tool", as_tuple=True)


class Own(Client):
    def __init__(self, **options):
        super().__init__(base="/", proxies=None, **options)
