from upstream.deep import DeepLoader


class Own(DeepLoader):
    def before_load(self):
        print("loading")
