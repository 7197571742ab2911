from upstream import Loader


class DeepLoader(Loader):
    def load(self):
        return super().load()
