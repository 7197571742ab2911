from upstream import Session, connect

PORT = Session.default_port


def by_constructor():
    session = Session()
    return session.shutdown()


def by_annotation(session: Session):
    return session.peer


def by_return():
    return connect().ping()


def in_a_block():
    with connect() as session:
        session.shutdown()


def of_the_class():
    return Session.local()


class Pool(Session):
    def drain(self):
        return super().shutdown(), self.colour


class Holder:
    def __init__(self):
        self.session = Session()

    def stop(self):
        self.session.shutdown()
