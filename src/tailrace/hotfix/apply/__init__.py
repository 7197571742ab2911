"""Applies hotfix documents or patch instructions to records, indexes and channels, and shows what they change."""
