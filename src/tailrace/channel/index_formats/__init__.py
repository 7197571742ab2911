"""The forms in which a channel serves one and the same index: read, and compared record by record."""
