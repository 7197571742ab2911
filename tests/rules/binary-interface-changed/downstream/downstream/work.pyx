from upstream.core cimport fast

def run(x):
    return fast(x)
