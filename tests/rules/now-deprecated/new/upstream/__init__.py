import warnings


def soft_str(value):
    return str(value)


def soft_unicode(value):
    warnings.warn("soft_unicode is now soft_str; it will be removed in 3.0", DeprecationWarning, stacklevel=2)
    return soft_str(value)


def old_already(value):
    warnings.warn("old_already is deprecated since 1.0", DeprecationWarning, stacklevel=2)
    return value


class Stream:
    def readlines(self):
        warnings.warn("iterate over the stream", DeprecationWarning, stacklevel=2)
        return []
