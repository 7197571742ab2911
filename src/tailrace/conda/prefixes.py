"""Reads the installed packages of a conda environment from its `conda-meta`. Never runs anything in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from tailrace.conda.errors import MatchSpecError, PrefixError
from tailrace.conda.folders import served_folder
from tailrace.conda.history import requested_in
from tailrace.conda.records import Installed, Record
from tailrace.conda.specs import parse_spec

#: Larger than any real `conda-meta` file (they list every file of a package).
LIMIT = 64 << 20
#: Larger than any configuration file a person writes.
CONFIGURATION_LIMIT = 1 << 20


class _Entry(Record, frozen=True, kw_only=True, eq=False):
    url: str = ""
    fn: str = ""
    requested_spec: str | None = None
    requested_specs: list[str] | None = None


_DECODER = msgspec.json.Decoder(_Entry, strict=False)


def load_prefix(prefix: Path) -> tuple[Installed, ...]:
    """Every package of an environment, sorted by name. Raises PrefixError when one cannot be read: half an
    environment is none.

    What its user asked for is taken from its history, as conda and mamba do, and where there is none from its packages.
    """
    folder = prefix / "conda-meta"
    if not folder.is_dir():
        raise PrefixError(f"{prefix} is not a conda environment: it has no folder conda-meta.")
    try:
        paths = [path for path in folder.iterdir() if path.suffix == ".json"]
    except OSError as error:
        raise PrefixError(f"{folder} cannot be listed ({error.strerror}).") from None
    installed = sorted((_read(path) for path in paths), key=lambda package: package.record.name)
    asked = requested_in(_history(folder / "history"))
    if any(package.record.name in asked for package in installed):
        installed = [replace(package, requested=asked.get(package.record.name)) for package in installed]
    return tuple(installed)


def is_made_by_pixi(prefix: Path) -> bool:
    """Whether pixi has made an environment, and so is the one to change it."""
    return (prefix / "conda-meta" / "pixi").is_file()


@dataclass(frozen=True, slots=True)
class PrefixPin:
    """One pinned spec, and the file or variable that says so."""

    spec: str
    source: str


def read_pins(prefix: Path, environ: Mapping[str, str]) -> tuple[PrefixPin, ...]:
    """What conda and mamba hold fast in an environment, in the order in which they read it: `pinned_packages` of the
    user's and the environment's configuration and of CONDA_PINNED_PACKAGES, then the lines of `conda-meta/pinned`.
    Raises PrefixError for a file that cannot be read.
    """
    home = environ.get("HOME") or environ.get("USERPROFILE")
    places = [Path(home) / ".condarc", Path(home) / ".conda" / ".condarc"] if home else []
    places += [prefix / ".condarc", prefix / "condarc"]
    if environ.get("CONDARC"):
        places.append(Path(environ["CONDARC"]).expanduser())
    pins = [PrefixPin(spec, str(path)) for path in dict.fromkeys(places) for spec in _configured(path)]
    pins += [
        PrefixPin(spec.strip(), "CONDA_PINNED_PACKAGES")
        for spec in environ.get("CONDA_PINNED_PACKAGES", "").split("&")
        if spec.strip()
    ]
    path = prefix / "conda-meta" / "pinned"
    lines = (line.split(" #", maxsplit=1)[0].strip() for line in _text(path).splitlines())
    pins += [PrefixPin(line, str(path)) for line in lines if line and not line.startswith("#")]
    return tuple(pins)


def readable_pins(pins: Iterable[PrefixPin]) -> tuple[tuple[PrefixPin, ...], tuple[tuple[PrefixPin, str], ...]]:
    """The pins that are match specs, and the others, each with the reason."""
    good: list[PrefixPin] = []
    bad: list[tuple[PrefixPin, str]] = []
    for pin in pins:
        try:
            parse_spec(pin.spec)
        except MatchSpecError as error:
            bad.append((pin, error.message))
        else:
            good.append(pin)
    return tuple(good), tuple(bad)


def _configured(path: Path) -> Iterator[str]:
    """The `pinned_packages` of one configuration file; none where there is no such file."""
    text = _text(path)
    if not text.strip():
        return
    import yaml

    try:
        read = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise PrefixError(f"{path} cannot be read ({' '.join(str(error).split())}).") from None
    pinned = read.get("pinned_packages") if isinstance(read, dict) else None
    for one in [pinned] if isinstance(pinned, str) else pinned or ():
        yield from (part.strip() for part in str(one).split("&") if part.strip())


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            return file.read(CONFIGURATION_LIMIT).decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise PrefixError(f"{path} cannot be read ({error.strerror}).") from None


def _history(path: Path) -> str:
    try:
        if not path.is_file() or path.stat().st_size > LIMIT:
            return ""
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _read(path: Path) -> Installed:
    try:
        if path.stat().st_size > LIMIT:
            raise PrefixError(f"{path} is larger than {LIMIT >> 20} MB.")
        entry = _DECODER.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise PrefixError(f"{path} cannot be read ({error}).") from None
    url = _channel_url(entry)
    # Of a channel of one's own, clients write down the folder behind which its states change.
    folder = served_folder(url)
    if folder is not None:
        url = folder.url
    fields = {name: getattr(entry, name) for name in Record.__struct_fields__}
    fields |= {
        "file_name": entry.fn or f"{path.stem}.conda",
        "channel": folder.name if folder else url.rsplit("/", 1)[-1],
    }
    # conda up to 4.14 wrote the text "None" for what nobody had asked for.
    asked = [one for one in (*(entry.requested_specs or ()), entry.requested_spec) if one and one != "None"]
    return Installed(Record(**fields), url, asked[0] if asked else None)


def _channel_url(entry: _Entry) -> str:
    """The base URL of the channel a package came from, without subdir and file name."""
    if entry.url.count("/") > 3:
        return entry.url.rsplit("/", 2)[0]
    tail = f"/{entry.subdir}"
    channel = entry.channel.rstrip("/")
    return channel.removesuffix(tail) if entry.subdir else channel
