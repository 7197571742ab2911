"""The commands on versions that go together."""
