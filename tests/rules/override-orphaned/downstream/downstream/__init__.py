from upstream import Loader


class QuietLoader(Loader):
    def _read_cache(self):
        return "quiet"
