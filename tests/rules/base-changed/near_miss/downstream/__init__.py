from upstream import Cached, Index, Settings


def main():
    settings = Settings()
    settings.set("debug", True)
    if isinstance(settings, dict):
        settings.update(debug=True)
    return settings


def index():
    return Index().find("water"), Cached().forget()


class Own(Settings, dict):
    def both(self):
        return self.items()
