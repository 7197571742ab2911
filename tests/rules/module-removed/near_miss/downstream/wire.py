try:
    from upstream.codec import encode
except ModuleNotFoundError:

    def encode(text):
        return text.encode()


def tables():
    try:
        import upstream.legacy.tables as tables
    except ImportError:
        return None
    return tables.WIDTH
