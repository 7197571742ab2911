"""The sandbox under attack. Each attack is small and ends by itself: where a sandbox fails, no harm is done."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from tailrace.processes import find_program
from tailrace.verify import NoSandboxError
from tailrace.verify.sandbox import Command, Ended, Limits, Sandbox, choose, choose_sandbox
from tailrace.verify.sandbox.bubblewrap import Bubblewrap, enter_groups, find_bubblewraps
from tailrace.verify.sandbox.cgroup import find_controllers, group
from tailrace.verify.sandbox.container import Container, options
from tailrace.verify.sandbox.running import run_limited

MIB = 1 << 20
LIMITS = Limits(memory=200 * MIB, processes=16, seconds=10, cpu_seconds=10, output=100_000, disk=8 * MIB, file=6 * MIB)


def sandboxes() -> Iterator[tuple[str, Bubblewrap]]:
    """One sandbox for each way to bound processes that works on this machine, whatever would be chosen."""
    if sys.platform != "linux":
        return
    found = find_program("prlimit")
    prlimit = str(found) if found else None
    # The second way with the last program, which is the one from PyPI where it is installed.
    programs = find_bubblewraps()
    for program, bound in zip((*programs[:1], *programs[-1:]), choose.process_bounds(prlimit), strict=False):
        sandbox = Bubblewrap(program, prlimit, bound)
        if choose.try_out(sandbox) is None:
            yield bound, sandbox


FOUND = dict(sandboxes())
# An interpreter that another user may start too: those of version managers often lie in a closed HOME.
PYTHON = next((str(path) for path in (Path("/usr/bin/python3"),) if path.exists()), sys.executable)
HOME = Path(sys.base_prefix) if sys.executable == PYTHON else Path("/usr")


@pytest.fixture(params=FOUND or [pytest.param("", marks=pytest.mark.skip(reason="no sandbox works here"))])
def sandbox(request: pytest.FixtureRequest) -> Bubblewrap:
    return FOUND[request.param]


def attack(sandbox: Sandbox, code: str, limits: Limits = LIMITS) -> Ended:
    """Runs Python code, in a control group of the test's own where this machine has them."""
    return sandbox.run(Command((PYTHON, "-I", "-B", "-c", dedent(code)), read_only=(HOME,)), limits)


TRY = """
    def attempt(name, function):
        try:
            function()
        except OSError as error:
            print(name, "refused", error.errno)
        else:
            print(name, "WORKED")
"""


def test_nothing_outside_can_be_written(sandbox: Sandbox) -> None:
    ended = attack(
        sandbox,
        TRY
        + """
    import os, sys
    for path in ("/x", "/usr/x", "/etc/x", "/dev/x", "/proc/x", sys.prefix + "/x", "/sys/x", "/root/x", "/var/x"):
        attempt(path, lambda: open(path, "w").write("x"))
    attempt("mkdir", lambda: os.mkdir("/new"))
    attempt("chmod", lambda: os.chmod("/usr", 0o777))
    attempt("remount", lambda: os.symlink("/x", "/usr/lib/x"))
    """,
    )
    assert ended.fine, ended.stderr
    assert "WORKED" not in ended.stdout
    assert ended.stdout.count("refused") == 12


def test_names_of_protocols_and_services_are_known(sandbox: Sandbox) -> None:
    if not Path("/etc/protocols").is_file() or not Path("/etc/services").is_file():
        pytest.skip("this machine has no /etc/protocols")
    ended = attack(sandbox, "import socket; print(socket.getprotobyname('tcp'), socket.getservbyname('https'))")
    assert ended.stdout == "6 443\n"


def test_what_it_writes_is_gone_afterwards(sandbox: Sandbox) -> None:
    code = "import os; open(os.path.expanduser('~/x'), 'w').close(); open('/tmp/x', 'w').close()\n"
    listing = "import os; print(os.listdir('/tmp'), os.listdir(os.path.expanduser('~')))"
    assert attack(sandbox, code).fine
    assert attack(sandbox, listing).stdout == "['home'] []\n"


def test_nobody_can_be_connected_to(sandbox: Sandbox) -> None:
    reached: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)

        def accept() -> None:
            with contextlib.suppress(OSError):
                reached.append(server.accept())

        listener = threading.Thread(target=accept)
        listener.start()
        ended = attack(
            sandbox,
            TRY
            + f"""
    import socket
    attempt("host", lambda: socket.create_connection(("127.0.0.1", {server.getsockname()[1]}), 2))
    attempt("net", lambda: socket.create_connection(("192.0.2.1", 80), 2))
    attempt("name", lambda: socket.getaddrinfo("example.invalid", 80))
    """,
        )
        server.close()
        listener.join()
    assert "WORKED" not in ended.stdout
    assert ended.stdout.count("refused") == 3
    assert reached == []


# At most 40 children that each sleep for a moment and start nothing: with no limit at all this is harmless.
BOMB = """
    import os, time
    made = 0
    for _ in range(40):
        try:
            pid = os.fork()
        except OSError:
            break
        if pid == 0:
            time.sleep(3)
            os._exit(0)
        made += 1
    print(made)
"""


def test_processes_are_limited_before_the_program_starts(sandbox: Sandbox) -> None:
    with group(Limits(processes=120, memory=1024 * MIB)):
        ended = attack(sandbox, BOMB)
    made = int(ended.stdout or "0")
    assert made < LIMITS.processes
    assert made > 2


def test_root_is_limited_too_where_the_limit_is_a_control_group() -> None:
    chosen = next((s for s in FOUND.values() if s.bound == "cgroup"), None)
    if chosen is None or os.geteuid() != 0:
        pytest.skip("needs root and control groups")
    assert int(attack(chosen, BOMB, Limits(processes=8)).stdout or "0") < 8


def test_memory_is_limited(sandbox: Sandbox) -> None:
    code = "data = []\nfor _ in range(100): data.append(bytearray(4 << 20))\nprint('all of it')"
    ended = attack(sandbox, code)
    assert "all of it" not in ended.stdout
    assert ended.why == "memory" or "MemoryError" in ended.stderr


@pytest.mark.parametrize("place", ["/tmp/x{}", "~/x{}", "/dev/shm/x{}"])
def test_the_disk_is_limited(sandbox: Sandbox, place: str) -> None:
    code = f"""
    import os
    for number in range(6):
        with open(os.path.expanduser("{place}".format(number)), "wb") as file:
            file.write(bytes(4 << 20))
    print("all of it")
    """
    ended = attack(sandbox, code)
    assert "all of it" not in ended.stdout
    assert "No space left" in ended.stderr


def test_a_file_is_limited(sandbox: Sandbox) -> None:
    ended = attack(
        sandbox, "open('/tmp/x', 'wb').write(bytes(7 << 20))", Limits(disk=64 * MIB, file=6 * MIB, seconds=10)
    )
    assert not ended.fine


def test_endless_output_ends_the_program(sandbox: Sandbox) -> None:
    ended = attack(sandbox, "while True: print('x' * 1000)")
    assert ended.why == "output"
    assert len(ended.stdout) + len(ended.stderr) <= LIMITS.output


@pytest.mark.parametrize("code", ["import time; time.sleep(60)", "while True: pass"])
def test_time_is_limited(sandbox: Sandbox, code: str) -> None:
    ended = attack(sandbox, code, Limits(seconds=1.5))
    assert ended.why == "time"
    assert ended.seconds < 8


def test_a_signal_that_is_ignored_does_not_help(sandbox: Sandbox) -> None:
    code = "import signal, time\nfor n in (1, 2, 3, 15, 24): signal.signal(n, signal.SIG_IGN)\ntime.sleep(60)"
    assert attack(sandbox, code, Limits(seconds=1.5)).why == "time"


def test_files_and_environment_of_the_user_are_not_there(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    monkeypatch.setenv("TAILRACE_TEST_TOKEN", "hunter2")
    ended = attack(
        sandbox,
        TRY
        + f"""
    import glob, os
    for path in ({str(secret)!r}, "/etc/shadow", "/root", "/home", "/var", "/sys", "/run", os.path.expanduser("~root")):
        attempt(path, lambda: os.listdir(path) if os.path.isdir(path) else open(path).read())
    print(sorted(os.environ))
    for file in glob.glob("/proc/*/environ") + glob.glob("/proc/*/cmdline"):
        try:
            print("hun" + "ter2" in open(file).read(), file)
        except OSError:
            pass
    print(len(glob.glob("/proc/[0-9]*")), "processes")
    """,
    )
    assert ended.fine, ended.stderr
    assert "WORKED" not in ended.stdout
    assert "hunter2" not in ended.stdout
    assert "TAILRACE_TEST_TOKEN" not in ended.stdout
    assert "True /proc" not in ended.stdout
    seen = int(ended.stdout.split()[-2])
    assert seen <= 5


def test_children_do_not_survive(sandbox: Sandbox) -> None:
    mark = f"tailrace-test-{os.getpid()}-{time.monotonic_ns()}"
    code = f"""
    import os, sys, time
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.close(1); os.close(2)
            os.execv({PYTHON!r}, [{PYTHON!r}, "-c", "import time; time.sleep(30)", "{mark}"])
        os._exit(0)
    time.sleep(0.3)
    """
    assert attack(sandbox, code).why == "exited"
    deadline = time.monotonic() + 5
    while _alive(mark) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(mark)


def test_no_control_group_is_left_behind(sandbox: Sandbox) -> None:
    attack(sandbox, "pass")
    own = f"tailrace-{os.getpid()}-"
    assert [p for c in find_controllers() for p in c.parent.glob(f"{own}*")] == []


def test_no_new_namespace_can_be_made(sandbox: Sandbox) -> None:
    unshare = find_program("unshare")
    if unshare is None:
        pytest.skip("unshare is not installed")
    ended = sandbox.run(Command((str(unshare), "--user", "--map-root-user", "/bin/true")), LIMITS)
    assert not ended.fine


def test_a_tracer_sees_no_other_program(sandbox: Sandbox) -> None:
    ended = attack(sandbox, "import os; os.kill(2, 0); print(os.getppid(), os.getuid())")
    assert "PermissionError" not in ended.stdout
    assert int(ended.stdout.split()[1] if ended.stdout else 0) != os.getuid() or os.getuid() == 1000


# -- choosing ----------------------------------------------------------------------------------------------------------


def test_without_a_sandbox_nothing_is_run_unless_that_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose, "_bubblewrap", lambda: "bwrap is not installed")
    monkeypatch.setattr(choose, "_container", lambda: "no engine")
    for kind in ("auto", "bwrap", "container"):
        with pytest.raises(NoSandboxError, match="--sandbox none") as raised:
            choose_sandbox(kind)  # type: ignore[arg-type]
        assert raised.value.exit_status == 2
    assert choose_sandbox("none").name == "none"


def test_a_sandbox_that_does_not_start_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    liar = tmp_path / "bwrap"
    liar.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    liar.chmod(0o755)
    monkeypatch.setattr(choose, "find_bubblewraps", lambda: (str(liar),))
    said = choose._bubblewrap.__wrapped__()
    assert said == "bwrap: setting up uid map: Permission denied"


@pytest.mark.parametrize(
    "said", ["Cannot connect to the Docker daemon", "Cannot connect\n\nRun 'docker run --help'\n\n"]
)
def test_an_engine_that_starts_no_container_is_not_taken(
    said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = tmp_path / "docker"
    engine.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{said}\nEND\nexit 125\n")
    engine.chmod(0o755)
    monkeypatch.setattr(choose, "find_program", lambda name: engine if name == "docker" else None)
    found = choose._container.__wrapped__()
    assert isinstance(found, str)
    assert found.startswith("Cannot connect")
    ended = Container(str(engine)).run(Command(("true",)), LIMITS)
    assert ended.refused
    assert not ended.fine


def test_what_is_run_without_a_sandbox_still_has_an_empty_home_and_limits() -> None:
    bare = choose_sandbox("none")
    ended = attack(bare, "import os; print(sorted(os.environ), os.listdir(os.environ['HOME']))")
    assert "TAILRACE" not in ended.stdout
    assert ended.stdout.endswith("[]\n")
    assert attack(bare, "import time; time.sleep(60)", Limits(seconds=1)).why == "time"


def test_a_container_gets_every_limit() -> None:
    given = list(options(Command(("x",), read_only=(Path("/opt/env"),)), LIMITS))
    for option, value in (
        ("--network", "none"),
        ("--cap-drop", "ALL"),
        ("--pids-limit", "16"),
        ("--memory", str(LIMITS.memory)),
        ("--memory-swap", str(LIMITS.memory)),
        ("--volume", "/opt/env:/opt/env:ro"),
    ):
        assert value in [given[i + 1] for i, one in enumerate(given) if one == option]
    assert "--read-only" in given
    assert not any(value.endswith(":rw") for value in given)


def test_a_group_that_cannot_be_entered_starts_nothing(tmp_path: Path) -> None:
    ended = run_limited([*enter_groups([tmp_path / "missing"]), "/bin/echo", "ran"], LIMITS, environment={})
    assert (ended.status, ended.stdout) == (125, "")


def _alive(mark: str) -> bool:
    listing = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=False).stdout
    return mark in listing
