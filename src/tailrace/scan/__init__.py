"""Scans releases into a store: what each file imports, uses, calls, subclasses and runs.

`extract`: one file. `artifact`: one release. `run`: many, in this process, in workers, or on a cluster.
"""
