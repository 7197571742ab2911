"""Tells people when a verdict changes: one issue for each cause, which closes by itself, a feed, and messages.

`causes` reads reports, `changes` compares them with what was known, `outbox` delivers what is due, `channels` are the
places that it goes to.
"""
