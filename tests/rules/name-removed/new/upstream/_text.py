def escape(value):
    return str(value).replace("<", "&lt;")


def soft_str(value):
    return str(value)
