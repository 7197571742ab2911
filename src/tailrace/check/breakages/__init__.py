"""Finders: one module per kind of break."""
