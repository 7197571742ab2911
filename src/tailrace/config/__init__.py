"""Merges flags, environment and file into one validated `Settings`, each value with its origin.

`load.load` is the way in, `settings.SETTINGS` the table. Nothing is imported here: `--help` needs the table alone.
"""
