cdef int slow(int x): return x
