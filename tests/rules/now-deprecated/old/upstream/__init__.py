def soft_str(value):
    return str(value)


def soft_unicode(value):
    return soft_str(value)


def old_already(value):
    import warnings

    warnings.warn("old_already is deprecated since 1.0", DeprecationWarning, stacklevel=2)
    return value


class Stream:
    def readlines(self):
        return []
