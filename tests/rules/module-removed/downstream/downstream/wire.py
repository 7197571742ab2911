import upstream.codec
from upstream.legacy.tables import WIDTH


def pack(text):
    return upstream.codec.encode(text)[:WIDTH]
