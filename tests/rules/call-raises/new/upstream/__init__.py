def merge(first, second):
    return first + second


def _removed(name, replacement):
    raise RuntimeError(f"{name} was removed, use {replacement}")


def old_merge(first, second):
    _removed("old_merge", "merge")
    return merge(first, second)
