import warnings

warnings.warn("upstream.codec is deprecated", DeprecationWarning, stacklevel=2)


def encode(text):
    return text.encode()
