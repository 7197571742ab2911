"""Reads, writes, makes and applies `patch_instructions.json` (version 1). Changes no index in place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from tailrace.conda.errors import RepodataError
from tailrace.conda.files import read_bounded, write_atomically
from tailrace.conda.repodata import SECTIONS, Repodata, Section, as_conda_file, with_records

REVOKED_DEPENDENCY = "package_has_been_revoked"

Fields = dict[str, Any]
Index = Mapping[Section, Mapping[str, Mapping[str, Any]]]


class PatchInstructions(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel's index is changed by.

    Field values replace whole fields (mappings are merged); null takes a field out that is there. Files that are not in
    the index are ignored.

    What `packages` says of a `.tar.bz2` also goes for the `.conda` of the same build; `packages_conda` (in JSON
    `packages.conda`) comes after it. `revoke` adds a dependency that nothing meets, `remove` takes the record out and
    lists the file under `removed`.
    """

    patch_instructions_version: int = 1
    packages: dict[str, Fields] = msgspec.field(default_factory=dict)
    packages_conda: dict[str, Fields] = msgspec.field(default_factory=dict, name="packages.conda")
    revoke: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


_DECODER = msgspec.json.Decoder(PatchInstructions)


def read_instructions(path: Path) -> PatchInstructions:
    """Reads the file. Raises `RepodataError`."""
    return decode_instructions(read_bounded(path), str(path))


def decode_instructions(data: bytes, path: str = "<patch instructions>") -> PatchInstructions:
    """The instructions in these bytes. Raises `RepodataError` for anything but version 1."""
    try:
        found = _DECODER.decode(data)
    except msgspec.ValidationError as error:
        raise RepodataError(path, f"holds no patch instructions: {error}.") from None
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise RepodataError(path, f"is cut short or not JSON ({error}).", hint="Fetch it again.") from None
    if found.patch_instructions_version != 1:
        version = found.patch_instructions_version
        raise RepodataError(path, f"has patch_instructions_version {version}; only version 1 is understood.")
    for fn, fields in (*found.packages.items(), *found.packages_conda.items()):
        for name in ("depends", "constrains"):
            value = fields.get(name)
            if value is not None and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
                raise RepodataError(path, f'gives "{fn[:200]}" something other than a list of texts as its "{name}".')
    return found


def encode_instructions(instructions: PatchInstructions) -> bytes:
    """JSON with sorted keys, indented, the same for the same instructions."""
    return msgspec.json.format(msgspec.json.encode(instructions, order="sorted"), indent=2) + b"\n"


def write_instructions(instructions: PatchInstructions, path: Path) -> None:
    """Writes the file at once or not at all."""
    write_atomically(path, (encode_instructions(instructions),))


def make_instructions(
    original: Index, patched: Index, *, revoke: Iterable[str] = (), remove: Iterable[str] = ()
) -> PatchInstructions:
    """The instructions that lead from `original` to `patched`; `patched` need hold only the records that differ.

    A field that is gone, or null, is written as null, which takes it out of the index. Where a `.conda` must not follow
    its `.tar.bz2`, its own values are written out, since instructions for the one are also applied to the other.
    """
    found: dict[Section, dict[str, Fields]] = {"packages": {}, "packages.conda": {}}
    for section in SECTIONS:
        before = original.get(section, {})
        for fn, new in patched.get(section, {}).items():
            if fn in before and (fields := _difference(before[fn], new)):
                found[section][fn] = fields
    conda, conda_patched = original.get("packages.conda", {}), patched.get("packages.conda", {})
    for fn, fields in found["packages"].items():
        conda_file = as_conda_file(fn)
        if conda_file not in conda:
            continue
        wanted = conda_patched.get(conda_file, conda[conda_file])
        own = found["packages.conda"].get(conda_file, {})
        kept = {
            name: wanted.get(name) for name, value in fields.items() if name not in own and wanted.get(name) != value
        }
        if kept:
            found["packages.conda"][conda_file] = own | kept
    return PatchInstructions(
        packages=found["packages"], packages_conda=found["packages.conda"], revoke=tuple(revoke), remove=tuple(remove)
    )


def apply_instructions(instructions: PatchInstructions, repodata: Repodata) -> Repodata:
    """The index as conda's own indexer would serve it: fields, then revocations, then removals."""
    changed: dict[Section, dict[str, Fields]] = {"packages": {}, "packages.conda": {}}

    def own(section: Section, fn: str) -> Fields | None:
        if fn not in changed[section]:
            if fn not in repodata.section(section):
                return None
            changed[section][fn] = dict(repodata.section(section)[fn])
        return changed[section][fn]

    def merge(section: Section, fn: str, fields: Fields) -> None:
        record = own(section, fn)
        if record is not None:
            changed[section][fn] = _merged(record, fields)

    for fn, fields in instructions.packages.items():
        merge("packages", fn, fields)
    # Of two entries for the same build only the later reaches the `.conda`, as with conda's own indexer.
    for fn, fields in {as_conda_file(fn): fields for fn, fields in instructions.packages.items()}.items():
        merge("packages.conda", fn, fields)
    for fn, fields in instructions.packages_conda.items():
        merge("packages.conda", fn, fields)
    for section, fn in _both(instructions.revoke):
        record = own(section, fn)
        if record is not None:
            record["revoked"] = True
            record["depends"] = [*(record.get("depends") or ()), REVOKED_DEPENDENCY]
    gone: dict[Section, set[str]] = {"packages": set(), "packages.conda": set()}
    for section, fn in _both(instructions.remove):
        if fn in repodata.section(section):
            gone[section].add(fn)
    # A file may have been listed before; indexers list it once more, which says nothing new.
    names = tuple(sorted({*repodata.removed, *gone["packages"], *gone["packages.conda"]}))
    frozen: dict[Section, frozenset[str]] = {section: frozenset(fns) for section, fns in gone.items()}
    return with_records(repodata, changed, frozen, names)


def _both(fns: Iterable[str]) -> Iterable[tuple[Section, str]]:
    """Each file in `packages`, and its `.conda` form in `packages.conda`."""
    for fn in fns:
        yield "packages", fn
        yield "packages.conda", as_conda_file(fn)


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Fields:
    changed = {name: value for name, value in after.items() if name not in before or before[name] != value}
    return changed | {name: None for name in before if name not in after}


def _merged(old: Mapping[str, Any], new: Mapping[str, Any], depth: int = 0) -> Fields:
    result = dict(old)
    for name, value in new.items():
        here = old.get(name)
        if value is None and name in result:
            del result[name]
        elif isinstance(value, dict) and isinstance(here, dict) and depth < 32:
            result[name] = _merged(here, value, depth + 1)
        else:
            result[name] = value
    return result
