"""Turns the name of an archive member into a safe relative POSIX path, or into the reason why there is none."""

from __future__ import annotations

import re

_DRIVE = re.compile(r"[A-Za-z]:")
MAX_LENGTH = 1000
MAX_DEPTH = 60
_SHOWN = 160


class UnsafeNameError(ValueError):
    """The name leads out of the folder: the whole archive is not to be trusted."""


class UnreadableNameError(ValueError):
    """The name cannot be a file's name here: this one member is left out."""


def clean_name(name: str) -> str:
    """`./a//b\\c.py` → `a/b/c.py`. An empty result is the top folder itself.

    Backslashes are separators: old archives made on Windows have them. Surrogates stand for bytes that are not UTF-8.
    """
    if any("\ud800" <= char <= "\udfff" for char in name):
        raise UnreadableNameError("its name is not UTF-8")
    if "\0" in name:
        raise UnsafeNameError("has a NUL in its name")
    text = name.replace("\\", "/")
    if text.startswith("/"):
        raise UnsafeNameError("has an absolute path")
    if _DRIVE.match(text):
        raise UnsafeNameError("names a drive")
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise UnsafeNameError("leads out of its folder")
    if len(parts) > MAX_DEPTH:
        raise UnreadableNameError(f"it lies more than {MAX_DEPTH} folders deep")
    clean = "/".join(parts)
    if len(clean) > MAX_LENGTH or any(len(part.encode()) > 255 for part in parts):
        raise UnreadableNameError("its name is too long")
    if any(ord(char) < 32 or ord(char) == 127 for char in clean):
        raise UnreadableNameError("its name has control characters")
    return clean


def show_name(name: str) -> str:
    """The name for a report: what cannot be printed is escaped, the middle of a long name left out."""
    try:
        raw = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raw = name.encode("utf-8", "backslashreplace")
    text = raw.decode("utf-8", "backslashreplace")
    if len(text) > _SHOWN:
        text = f"{text[: _SHOWN // 2]}...{text[-_SHOWN // 2 :]}"
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def text_of_zip_name(name: str, flag_bits: int) -> str:
    """Zip names without the UTF-8 flag are decoded as cp437 by the library; most writers meant UTF-8 all the same."""
    if flag_bits & 0x800 or name.isascii():
        return name
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    return raw.decode("utf-8", "surrogateescape")
