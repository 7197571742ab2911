"""The commands about Tailrace itself: its settings and its cache."""
