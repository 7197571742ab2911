"""Conda channels: what is in them on a day, what each client would get from them, and how a channel of one's own is
kept.
"""
