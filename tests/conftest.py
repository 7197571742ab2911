"""Makes `support` importable from every folder of tests."""

from hypothesis import settings

# How long an example takes is the machine's affair: on a busy one the first import alone is over the default limit.
settings.register_profile("any-machine", deadline=None)
settings.load_profile("any-machine")
