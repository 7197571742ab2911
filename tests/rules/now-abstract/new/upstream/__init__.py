import abc


class Source(abc.ABC):
    @abc.abstractmethod
    def read(self): ...

    @abc.abstractmethod
    def close(self): ...
