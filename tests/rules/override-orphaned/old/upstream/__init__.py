class Loader:
    def load(self):
        return self._parse(self._read_cache())

    def _read_cache(self):
        return "loud"

    def _parse(self, text):
        return text.upper()
