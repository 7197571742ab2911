"""The commands that fill the store, ask it, and take care of it."""
