class Base:
    colour = "blue"

    def ping(self):
        return "pong"


class Session(Base):
    default_port = 80

    def __init__(self):
        self.headers = {}
        self.peer = None

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        return "closed"

    def shutdown(self):
        return self.close()

    @classmethod
    def local(cls):
        return cls()


def connect() -> Session:
    return Session()
