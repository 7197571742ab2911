class Cached:
    def forget(self):
        return None


class Settings(dict):
    def set(self, name, value):
        self[name] = value
        return value


class Index(Cached):
    def find(self, name):
        return name
