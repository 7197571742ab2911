import abc


class Source(abc.ABC):
    @abc.abstractmethod
    def read(self): ...
