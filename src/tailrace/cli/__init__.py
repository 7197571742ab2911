"""The command line. Parses arguments, calls the rooms, writes reports and sets the exit status."""

# An interrupt while a module is imported shows Python's own trace until `main` has begun: nothing is imported above it
# that the interpreter has not loaded at its start.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import sys
    from collections.abc import Sequence
    from typing import NoReturn


def main(arguments: "Sequence[str] | None" = None) -> "NoReturn":
    """Runs the command line and leaves with its exit status (`tailrace.outcome` lists them)."""
    try:
        import gc
        import signal
        import sys

        from tailrace.processes.environment import clean_import_path

        clean_import_path(sys.path)
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, _terminate)
        sys.unraisablehook = _deliver_again
        # Syntax trees and facts are many small objects without cycles: the collector would walk them again and again.
        gc.set_threshold(200_000, 20, 100)

        _complete_streams()
        from tailrace.cli.app import app
        from tailrace.cli.failure import run

        status = run(app, arguments)
    except KeyboardInterrupt as interrupt:  # while the imports above ran, or at the very end
        import sys

        from tailrace.outcome import CommandOutcome, exit_status

        ended = CommandOutcome.TERMINATED if isinstance(interrupt, Terminated) else CommandOutcome.INTERRUPTED
        if sys.stderr is not None:
            sys.stderr.write(f"{ended.value}\n")
        status = exit_status(ended)
    raise SystemExit(status)


class Terminated(KeyboardInterrupt):
    """SIGTERM: ends the program the way Ctrl-C does, with an exit status of its own."""


def _terminate(number: int, frame: object) -> "NoReturn":
    import signal

    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the end is on its way, and a second one must not disturb it
    raise Terminated


def _deliver_again(lost: "sys.UnraisableHookArgs") -> None:
    """Raises an interrupt again that Python dropped because it fell into `__del__` or a weak reference's callback."""
    import _thread
    import signal
    import sys
    import threading
    import time

    if not isinstance(lost.exc_value, KeyboardInterrupt):
        sys.__unraisablehook__(lost)
        return
    number = signal.SIGINT
    if isinstance(lost.exc_value, Terminated):
        number = signal.SIGTERM
        signal.signal(number, _terminate)

    main_thread = threading.main_thread().ident or 0

    def interrupt() -> None:
        time.sleep(0.01)  # until the main thread has left what drops exceptions
        if sys.platform == "win32":
            _thread.interrupt_main(number)
        else:
            signal.pthread_kill(main_thread, number)

    _thread.start_new_thread(interrupt, ())


def _complete_streams() -> None:
    """Closed standard streams are opened on nothing, so that no other file takes their number.

    What is written to a stdout that was closed fails (a report would be lost in silence); stderr only tells.
    """
    import os
    import sys

    if None not in (sys.stdin, sys.stdout, sys.stderr):
        return
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 - they stay open to the end
    sys.stdout = sys.stdout or open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123


__all__ = ["Terminated", "main"]
