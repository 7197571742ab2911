from downstream import codec

codec.encode("water")
