"""The commands about incidents: the record, the replay of one, and who is notified."""
