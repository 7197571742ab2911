"""Turns hotfixes as users write them into instructions for a channel's indexer.

Patch YAML (a file or a folder of `*.yaml`), one patch_instructions.json for all subdirs, or a folder with
`SUBDIR/patch_instructions.json`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tailrace.conda.instructions import PatchInstructions

NAME = "patch_instructions.json"


def hotfix_instructions(patches: Path, repodata: bytes, subdir: str) -> PatchInstructions:
    """What the hotfixes do to one subdir. Raises HotfixError, also when a document cannot be decided for a record."""
    from tailrace.hotfix import PatchInstructions, UnansweredError, decode_repodata, load_patches, patch_repodata
    from tailrace.hotfix import read_instructions as read

    if patches.suffix == ".json":
        return read(patches)
    if patches.is_dir() and any(patches.glob(f"*/{NAME}")):
        own = patches / subdir / NAME
        return read(own) if own.is_file() else PatchInstructions()
    result = patch_repodata(load_patches(patches), decode_repodata(repodata, f"{subdir}/repodata.json"), subdir)
    if result.unanswered:
        raise UnansweredError(result.unanswered)
    return result.instructions
