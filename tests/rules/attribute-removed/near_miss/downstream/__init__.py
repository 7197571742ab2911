from upstream import Session, connect


def by_constructor():
    session = Session()
    if hasattr(session, "shutdown"):
        return session.shutdown()
    return session.close()


def by_default():
    return getattr(connect(), "peer", None)


def by_exception():
    try:
        return connect().ping()
    except AttributeError:
        return "pong"


class Pool(Session):
    colour = "green"

    def shutdown(self):
        return self.close(), self.colour

    def drain(self):
        return self.shutdown()


class Door:
    def shutdown(self):
        return "shut"


Door().shutdown()
