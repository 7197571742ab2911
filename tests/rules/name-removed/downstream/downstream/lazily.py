import upstream


def convert(value):
    return upstream.to_text(value)


def by_name(value):
    return getattr(upstream, "to_text")(value)
