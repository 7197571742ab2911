"""The one table of settings: flags, environment names, validation and the reference page come from it. Only data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tailrace.report.formats import formats_of
from tailrace.toml.kinds import Boolean, Choice, Count, Kind, Listing, PythonVersion, Seconds, Size, Text

FORMATS: Final = formats_of("check")
GROUPS: Final = (
    "Downstreams",
    "Report",
    "Where releases come from",
    "How the check runs",
    "Verification",
    "Limits on archives",
    "Lint",
    "Store",
    "Deprecations",
)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    `key`: its name in a file, dotted for a sub-table. `flag`: the command-line option, `None` where there is none.
    `anchored`: relative paths in a file mean paths relative to that file. `secret`: a URL that may carry a password.
    `repeat`: the flag may be given several times.
    """

    key: str
    kind: Kind
    default: object
    help: str
    group: str
    flag: str | None = None
    short: str | None = None
    metavar: str = ""
    anchored: bool = False
    secret: bool = False

    @property
    def env(self) -> str:
        """`TAILRACE_` and the key in capitals."""
        return "TAILRACE_" + self.key.upper().replace("-", "_").replace(".", "_")

    @property
    def field(self) -> str:
        """The attribute of `Settings`."""
        return self.key.replace("-", "_").replace(".", "_")

    @property
    def repeat(self) -> bool:
        """True for a list: the flag may be given several times."""
        return isinstance(self.kind, Listing)


_DOWN, _REPORT, _SOURCES, _RUN, _VERIFY, _LIMITS, _LINT, _STORE, _DEPRECATIONS = GROUPS
_SPEC = Text("a release, such as NAME==VERSION")

SETTINGS: Final[tuple[Setting, ...]] = (
    Setting(
        "downstreams",
        Listing(_SPEC),
        (),
        "A release that uses the candidate.",
        _DOWN,
        flag="--downstream",
        short="-d",
        metavar="SPEC",
        anchored=True,
    ),
    Setting(
        "downstreams-from",
        Listing(Text("the path of a requirements or lock file")),
        (),
        "All releases in a requirements.txt, pylock.toml, uv.lock, poetry.lock, pdm.lock, Pipfile.lock, pixi.lock, "
        "conda-lock.yml or environment.yml.",
        _DOWN,
        flag="--downstream-from",
        metavar="FILE",
        anchored=True,
    ),
    Setting(
        "downstream-env",
        Text("the path of an environment"),
        None,
        "All that is installed in this environment.",
        _DOWN,
        flag="--downstream-env",
        metavar="PREFIX",
        anchored=True,
    ),
    Setting(
        "ignore-bounds",
        Boolean(),
        False,
        "Take requirements on the upstream to be lifted, so that what they contain breaks.",
        _DOWN,
        flag="--ignore-bounds",
    ),
    Setting(
        "format",
        Listing(Text(f"one of {', '.join(FORMATS)}, with :PATH to write a file")),
        ("text",),
        "How to report: "
        + ", ".join(FORMATS)
        + ". With :PATH the report goes to that file; one format may go to stdout.",
        _REPORT,
        flag="--format",
        short="-f",
        metavar="FORMAT[:PATH]",
    ),
    Setting(
        "include",
        Listing(Choice(("possible",))),
        (),
        "Also list findings that rest on weak evidence.",
        _REPORT,
        flag="--include",
        metavar="possible",
    ),
    Setting(
        "strict",
        Boolean(),
        False,
        "Call a clear downstream possible where uses of changed names could not be decided.",
        _REPORT,
        flag="--strict",
    ),
    Setting("exit-zero", Boolean(), False, "Exit 0 whenever a report could be made.", _REPORT, flag="--exit-zero"),
    Setting(
        "color",
        Choice(("auto", "always", "never")),
        "auto",
        "Colour in text reports.",
        _REPORT,
        flag="--color",
        metavar="auto|always|never",
    ),
    Setting(
        "verbose",
        Boolean(),
        False,
        "Say more: witnesses, clear downstreams, notes.",
        _REPORT,
        flag="--verbose",
        short="-v",
    ),
    Setting(
        "quiet",
        Boolean(),
        False,
        "Say less: no progress, no summary, and no downstream that is clear.",
        _REPORT,
        flag="--quiet",
        short="-q",
    ),
    Setting(
        "index-url",
        Text("a URL or a folder"),
        None,
        "The package index, instead of the one that pip and uv are configured for.",
        _SOURCES,
        flag="--index-url",
        metavar="URL",
        secret=True,
    ),
    Setting(
        "extra-index-urls",
        Listing(Text("a URL or a folder")),
        None,
        "A further package index.",
        _SOURCES,
        flag="--extra-index-url",
        metavar="URL",
        secret=True,
    ),
    Setting(
        "find-links",
        Listing(Text("a folder or a URL")),
        None,
        "A folder or page with archives.",
        _SOURCES,
        flag="--find-links",
        metavar="PATH|URL",
        anchored=True,
        secret=True,
    ),
    Setting(
        "allow-prereleases",
        Boolean(),
        False,
        "Let a baseline or an open spec be a pre-release.",
        _SOURCES,
        flag="--pre",
    ),
    Setting("offline", Boolean(), False, "Use only what is local or cached.", _SOURCES, flag="--offline"),
    Setting("refresh", Boolean(), False, "Ask indexes again, whatever is cached.", _SOURCES, flag="--refresh"),
    Setting(
        "cache-dir",
        Text("the path of a folder"),
        None,
        "Where downloads are kept, instead of the user's cache folder.",
        _SOURCES,
        flag="--cache-dir",
        metavar="DIR",
        anchored=True,
    ),
    Setting(
        "jobs",
        Count(),
        0,
        "Downstreams checked at once; 0 for one a core.",
        _RUN,
        flag="--jobs",
        short="-j",
        metavar="N",
    ),
    Setting(
        "python-version",
        PythonVersion(),
        None,
        "Check at this Python version, instead of one that the downstream supports.",
        _RUN,
        flag="--python-version",
        metavar="X.Y",
    ),
    Setting(
        "time-limit",
        Seconds(),
        300.0,
        "Seconds that one downstream may take in all: fetching, unpacking, reading and type checking.",
        _RUN,
        flag="--time-limit",
        metavar="SECONDS",
    ),
    Setting(
        "memory-limit",
        Size(minimum=64 << 20),
        4 << 30,
        "Memory that each process working on one downstream may hold, in bytes or such as 512MiB.",
        _RUN,
        flag="--memory-limit",
        metavar="SIZE",
    ),
    Setting(
        "verify.level",
        Choice(("probe", "smoke", "test")),
        "probe",
        "What is run: the smallest program for each finding; with smoke also every import, plug-in and command; with "
        "test also the downstream's own tests.",
        _VERIFY,
        flag="--level",
        metavar="probe|smoke|test",
    ),
    Setting(
        "verify.python",
        Text("a version such as 3.10, or the path of an interpreter"),
        None,
        "The Python to run with, instead of one on this machine that fits.",
        _VERIFY,
        flag="--python",
        metavar="X.Y|PATH",
    ),
    Setting(
        "verify.sandbox",
        Choice(("auto", "bwrap", "container", "none")),
        "auto",
        "Where the packages' code runs. With `none` it runs with your own rights.",
        _VERIFY,
        flag="--sandbox",
        metavar="auto|bwrap|container|none",
    ),
    Setting(
        "verify.timeout",
        Seconds(),
        120.0,
        "Seconds that one program may run.",
        _VERIFY,
        flag="--timeout",
        metavar="SECONDS",
    ),
    Setting(
        "verify.ecosystem",
        Choice(("pypi", "conda")),
        "pypi",
        "Where the packages of the two environments come from.",
        _VERIFY,
        flag="--ecosystem",
        metavar="pypi|conda",
    ),
    Setting(
        "verify.channels",
        Listing(Text("a channel by name, URL or folder")),
        (),
        "A conda channel by name, URL or folder; several times, highest priority first. By default those of the "
        "releases.",
        _VERIFY,
        flag="--channel",
        metavar="CHANNEL",
    ),
    Setting(
        "verify.channel-priority",
        Choice(("strict", "flexible", "disabled")),
        "flexible",
        "How the order of the channels counts.",
        _VERIFY,
        flag="--channel-priority",
        metavar="strict|flexible|disabled",
    ),
    Setting(
        "verify.as-of",
        Text("a day or moment, UTC, such as 2022-05-26 or 2022-05-26T23:09Z"),
        None,
        "The channels as they were on a past day (its end) or moment, UTC.",
        _VERIFY,
        flag="--as-of",
        metavar="DATE",
    ),
    Setting(
        "verify.dask",
        Text("the address of a Dask scheduler"),
        None,
        "Run the downstreams on this Dask cluster, such as tcp://HOST:8786.",
        _VERIFY,
        flag="--dask",
        metavar="ADDRESS",
    ),
    Setting(
        "verify.test-command",
        Listing(Text("a shell command")),
        (),
        "A shell command that tests a downstream at level test, in a copy of its source, in place of the tests that it "
        "ships. Several may be given.",
        _VERIFY,
        flag="--test-command",
        metavar="COMMAND",
    ),
    Setting(
        "verify.recipe",
        Text("the path of a recipe.yaml or meta.yaml"),
        None,
        "A recipe whose test section is run at level test.",
        _VERIFY,
        flag="--recipe",
        metavar="FILE",
        anchored=True,
    ),
    Setting(
        "verify.keep",
        Boolean(),
        False,
        "Leave what was made for this run in place, and say where.",
        _VERIFY,
        flag="--keep",
    ),
    Setting("limits.members", Count(1), 200_000, "Files that one archive or folder may hold.", _LIMITS),
    Setting("limits.file-size", Size(), 20 << 20, "Bytes of one file; a larger one is left out and counted.", _LIMITS),
    Setting("limits.total-size", Size(), 8 << 30, "Bytes that one archive may unpack to.", _LIMITS),
    Setting("limits.ratio", Count(1), 200, "How many times its own size an archive may unpack to.", _LIMITS),
    Setting("limits.archive-size", Size(), 8 << 30, "Bytes of one download.", _LIMITS),
    Setting(
        "lint.disable",
        Listing(Text("a lint rule, such as cutoff-missing")),
        (),
        "A lint rule that is not asked.",
        _LINT,
    ),
    Setting(
        "lint.exclude",
        Listing(Text("the name of a file or folder, or a glob pattern of paths")),
        ("tests", "test", "testdata", "test-data", "fixtures"),
        "Files and folders that lint leaves out below a folder; those of tests are often wrong on purpose.",
        _LINT,
    ),
    Setting(
        "store",
        Text("the path of a folder, or a URL such as s3://BUCKET/PREFIX"),
        None,
        "Where the facts of scanned releases are kept, instead of the user's data folder.",
        _STORE,
        flag="--store",
        metavar="DIR|URL",
        anchored=True,
        secret=True,
    ),
    Setting(
        "deprecations.profile",
        Text("the name of a deprecation profile, such as cep-9 or n-minors=2"),
        "cep-9",
        "The policy that `tailrace deprecations` judges by.",
        _DEPRECATIONS,
    ),
    Setting(
        "deprecations.public",
        Listing(Text("a pattern such as pkg.*, !pkg.core.* or __all__, or the path of an objects.inv")),
        (),
        "Which names are public, for `tailrace deprecations`.",
        _DEPRECATIONS,
    ),
)

BY_KEY: Final = {setting.key: setting for setting in SETTINGS}
