"""Finds who a hotfix does not reach: old records in environments, caches, served forms and lock files. Changes
nothing.
"""

from tailrace.hotfix.reach.clients import CLIENT_NAMES, FACTS, KINDS, Kind, TrustFact, clients_that_trust
from tailrace.hotfix.reach.locks import Locked, LockFileError, read_lock
from tailrace.hotfix.reach.reach import ReachQuestion, reach
from tailrace.hotfix.reach.values import Miss, PrefixFindings, ReachReport, Update

__all__ = [
    "CLIENT_NAMES",
    "FACTS",
    "KINDS",
    "Kind",
    "LockFileError",
    "Locked",
    "Miss",
    "PrefixFindings",
    "ReachQuestion",
    "ReachReport",
    "TrustFact",
    "Update",
    "clients_that_trust",
    "reach",
    "read_lock",
]
