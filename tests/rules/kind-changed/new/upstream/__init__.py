def VERSION():
    return "2.0"


class Client:
    @property
    def url(self) -> str:
        return "index.html"

    def get(self) -> bytes:
        return b""

    async def close(self):
        self.open = False

    def name(self) -> str:
        return "client"

    def send(self) -> int:
        return 1


def Plugin():
    return object()


async def load() -> str:
    return "water"
