"""Repodata hotfixes: conda-forge's patch YAML and patch instructions in, patched records out. Touches no network and no channel."""
