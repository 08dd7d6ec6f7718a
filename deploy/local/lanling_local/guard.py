"""Run a command that dies with the process that started it.

    python -I -S guard.py PARENT_PID COMMAND [ARGUMENT …]

Becomes COMMAND by exec, after it asked the kernel (Linux, prctl(2)) for SIGKILL at the death of its parent. SIGKILL and
not SIGTERM: whoever ignores the polite signal would be an orphan, and nobody is left to insist. The stores of the
stack recover from it by their journals.

A program of its own, because code between fork and exec of a process with threads can dead-lock.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(signal_number: int) -> None:
    """Ask for `signal_number` when the thread that started this process ends. Does nothing where prctl is missing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)


def main() -> None:
    parent, command = int(sys.argv[1]), sys.argv[2:]
    die_with_parent(signal.SIGKILL)
    if os.getppid() != parent:  # it died before the request was in place
        sys.exit(1)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
