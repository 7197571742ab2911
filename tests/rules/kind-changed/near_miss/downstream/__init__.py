import inspect

import upstream
from upstream import Client


def main():
    return Client().get()


def url(client: Client):
    return client.url() if callable(client.url) else client.url


def named(client: Client):
    return client.name


async def loaded():
    found = upstream.load()
    if inspect.isawaitable(found):
        found = await found
    return found


def guarded(client: Client):
    try:
        return client.url()
    except TypeError:
        return client.url


class Own(Client):
    def name(self):
        return "own"

    def close(self):
        return self.name()
