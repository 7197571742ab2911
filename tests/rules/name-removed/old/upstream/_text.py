def escape(value):
    return str(value).replace("<", "&lt;")


def soft_unicode(value):
    return str(value)
