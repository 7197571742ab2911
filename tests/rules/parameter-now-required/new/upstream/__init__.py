def connect(host, port):
    return f"{host}:{port}"


class Table:
    def __init__(self, name, *, schema):
        self.name = name

    def column(self, name, kind):
        return name
