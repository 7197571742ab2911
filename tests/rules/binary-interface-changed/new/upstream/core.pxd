cdef int slow(int x)
