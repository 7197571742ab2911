"""Hotfixes as users write them in, instructions for a channel's indexer out: where the rooms hotfix and channels meet.

Patch YAML (a file or a folder of `*.yaml`), one patch_instructions.json for all subdirs, or a folder with
`SUBDIR/patch_instructions.json`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tailrace.channel import Instructions

NAME = "patch_instructions.json"


def hotfix_instructions(patches: Path, repodata: bytes, subdir: str) -> Instructions:
    """What the hotfixes do to one subdir. Raises HotfixError, also when a document cannot be decided for a record."""
    from tailrace.channel import Instructions
    from tailrace.hotfix import PatchInstructions, UnansweredError, decode_repodata, load_patches, patch_repodata
    from tailrace.hotfix import read_instructions as read

    if patches.suffix == ".json":
        found = read(patches)
    elif patches.is_dir() and any(patches.glob(f"*/{NAME}")):
        own = patches / subdir / NAME
        found = read(own) if own.is_file() else PatchInstructions()
    else:
        result = patch_repodata(load_patches(patches), decode_repodata(repodata, f"{subdir}/repodata.json"), subdir)
        if result.unanswered:
            raise UnansweredError(result.unanswered)
        found = result.instructions
    return Instructions(
        packages=found.packages, packages_conda=found.packages_conda, revoke=found.revoke, remove=found.remove
    )
