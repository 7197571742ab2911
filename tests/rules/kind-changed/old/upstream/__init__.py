VERSION = "1.4"


class Client:
    def url(self) -> str:
        return "index.html"

    def get(self) -> bytes:
        return b""

    def close(self):
        self.open = False

    @property
    def name(self) -> str:
        return "client"

    async def send(self) -> int:
        return 1


class Plugin:
    pass


def load() -> str:
    return "water"
