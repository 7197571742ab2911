from upstream import Loader


class QuietLoader(Loader):
    def _parse(self, text):
        return "QUIET"


class BothLoader(Loader):
    def _read_store(self):
        return "both"

    def _read_cache(self):
        return "both"


class AnyLoader(Loader):
    def _read_cache(self, *args, **kwargs):
        return "any"


class Other:
    def _read_cache(self):
        return "other"
