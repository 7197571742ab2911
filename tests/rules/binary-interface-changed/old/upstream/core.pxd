cdef int fast(int x)
cdef int slow(int x)
