def fetch(url, retries=3, *, quiet=False):
    return f"{url}, at most {retries} times"


class Client:
    def __init__(self, base="", proxies=None):
        self.base = base

    def get(self, url, timeout=None):
        return url


def run(name, **options):
    return _start(name, **options)


def _start(name, as_tuple=False, env=None):
    return name
