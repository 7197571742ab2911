"""Which files and uses of a downstream can be hurt."""
