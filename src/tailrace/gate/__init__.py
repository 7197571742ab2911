"""Decides whether a release may go out, and if not, who must do what.

Pure and file-based: a ledger folder holds policy, calendar, waivers, evidence and decisions; the clock comes in as a
value. What makes evidence (checks, channels, solvers) is not imported here.
"""
