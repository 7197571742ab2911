class Loader:
    def load(self):
        return self._parse(self._read_store())

    def _read_store(self):
        return "loud"

    def _parse(self, text):
        return text.upper()
