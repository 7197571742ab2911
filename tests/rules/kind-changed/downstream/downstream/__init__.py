import upstream
from upstream import Client


def main():
    return Client().url()


def named():
    return Client().name.upper()


def closed(client: Client):
    client.close()


async def sent():
    return await Client().send()


def loaded():
    return upstream.load().upper()


def release():
    return upstream.VERSION.split(".")


class Own(upstream.Plugin):
    pass
