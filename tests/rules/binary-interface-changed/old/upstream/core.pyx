cdef int fast(int x): return x
cdef int slow(int x): return x
