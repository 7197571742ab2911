from upstream import VERSION
