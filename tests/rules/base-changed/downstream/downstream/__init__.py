from upstream import Index, Settings


def main():
    settings = Settings()
    settings.update(debug=True)
    return settings


def index():
    return Index().forget()


class Own(Settings):
    def both(self):
        return self.items()
