import inspect

import upstream
from upstream import Client


def main():
    return upstream.fetch("index.html", quiet=True)


def client():
    return Client(base="/").get("/")


def forwarded():
    return upstream.run("tool", env={})


def guarded():
    try:
        return upstream.fetch("index.html", retries=5)
    except TypeError:
        return upstream.fetch("index.html")


def retries(retries=3):
    return retries


retries(retries=5)
