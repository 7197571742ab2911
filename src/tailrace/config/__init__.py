"""Flags, environment and file in, one validated `Settings` out, each value with its origin. Never fetches.

`load.load` is the way in, `settings.SETTINGS` the table. Nothing is imported here: `--help` needs the table alone.
"""
