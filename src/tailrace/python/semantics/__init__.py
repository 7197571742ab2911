"""The resolver: what a dotted path leads to, and whether a call binds."""
