def connect(host, port=5432):
    return f"{host}:{port}"


class Table:
    def __init__(self, name, *, schema="public"):
        self.name = name

    def column(self, name, kind=str):
        return name
