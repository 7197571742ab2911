from third.core cimport fast

def run(x):
    return fast(x)
