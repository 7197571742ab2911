"""Runs canaries against releases: plans cells, groups failures by cause, and writes evidence for the gate.

`plan` decides which cells run, `cell` runs one, `levels` has one module for each way to try a project out, `causes`
groups failures, `run` keeps going whatever happens, `canaries` finds what stopped being built.
"""
