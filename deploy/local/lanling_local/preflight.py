"""Before anything starts: is this the only run of this clone, and is every port free?"""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from lanling_local.errors import StackError
from lanling_local.ports import is_free

MINIMUM_PYTHON = (3, 11)


def is_running(directory: Path) -> bool:
    """Whether a process holds the lock of `directory`."""
    lock = directory / "lock"
    if not lock.exists():
        return False
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextmanager
def single_instance(directory: Path) -> Iterator[None]:
    """Hold the lock of `directory`; the kernel frees it when this process dies.

    Raises StackError, with the pid of the other, when another process has it.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            pid = file.read().strip() or "unknown"
            raise StackError(
                f"the stack of this directory runs already, with pid {pid}: use it, or stop it with: kill {pid}"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def check_python() -> None:
    if sys.version_info < MINIMUM_PYTHON:
        found, wanted = (".".join(map(str, version[:2])) for version in (sys.version_info, MINIMUM_PYTHON))
        raise StackError(f"Python {found} is too old: use {wanted} or later")


def check_ports(ports: Mapping[str, tuple[str, int]]) -> None:
    """`ports`: variable → (who wants it, port).

    Raises StackError that names every port that is taken, or one that is given twice.
    """
    owner: dict[int, str] = {}
    taken: dict[str, int] = {}
    for variable, (name, port) in ports.items():
        if port in owner:
            raise StackError(f"port {port} is given to {owner[port]} and to {name}: change {variable}")
        owner[port] = name
        if not is_free(port):
            taken[variable] = port
    if len(taken) == 1:
        ((variable, port),) = taken.items()
        raise StackError(
            f"port {port} of {owner[port]} is taken: stop what listens there, or set {variable} to another"
        )
    if taken:
        raise StackError(
            f"ports {', '.join(map(str, taken.values()))} are taken, perhaps by the county of another directory: stop "
            f"what listens there, or set others by {', '.join(taken)}"
        )
