"""Releases in, facts in a store out: what each file imports, uses, calls, subclasses and runs. Executes nothing.

`extract`: one file. `artifact`: one release. `run`: many, in this process, in workers, or on a cluster.
"""
