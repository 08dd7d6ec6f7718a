"""TCP ports on loopback."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from functools import cache
from itertools import cycle, islice

HOST = "127.0.0.1"
LOWEST, PART, PARTS = 20_000, 60, 200


def free_ports(count: int) -> list[int]:
    """So many different ports that nobody listens on at this moment, and that nobody else is likely to take.

    Outside the range from which the system takes the ports of outgoing connections, for a server may stop and come
    back; each process looks in a part of its own. Raises OSError when all of that part are taken.
    """
    candidates = _candidates(os.getpid())
    found = list(islice(filter(is_free, islice(candidates, PART)), count))
    if len(found) < count:
        raise OSError(f"no {count} free ports among {PART}")
    return found


@cache
def _candidates(process: int) -> Iterator[int]:
    start = LOWEST + process % PARTS * PART
    return cycle(range(start, start + PART))


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def accepts_connections(port: int) -> bool:
    """Whether a server listens on `port` now."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((HOST, port)) == 0
