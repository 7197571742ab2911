def dump(data, *, indent=0, sort=False):
    return " " * indent + str(data)


class Option:
    def __init__(self, name, *, multiple=False):
        self.name = name
