import upstream

try:
    from upstream import soft_str
except ImportError:
    from upstream import soft_unicode as soft_str

to_text = getattr(upstream, "to_text", soft_str)


def convert(value):
    if hasattr(upstream, "to_text"):
        return upstream.to_text(value)
    return soft_str(value)


def soft_unicode(value):
    return soft_str(value)


print(soft_unicode(1))
