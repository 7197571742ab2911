def merge(first, second):
    return first + second


def old_merge(first, second):
    return merge(first, second)
