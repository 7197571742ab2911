from upstream import Loader


class DeepLoader(Loader):
    def load(self):
        self.before_load()
        return super().load()

    def before_load(self):
        return None
