"""What happened: the record of an incident, read from a post-mortem, kept in a folder, and shown as one again.

`model` is the record, `ledger` keeps it, `postmortem` reads Markdown, `compute` adds what channels show, and
`chronicle` puts human and computed events in order.
"""
