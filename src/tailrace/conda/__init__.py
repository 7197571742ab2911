"""Base types of conda channels: specs, records, repodata, patch instructions, timestamps."""
