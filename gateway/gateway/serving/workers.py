"""Several processes that serve one port: `GATEWAY_WORKERS`.

The supervisor opens the port and forks the workers, which all accept from it: a connection goes to whoever is free, and
none is lost with a worker that ends. Each worker is a whole gateway, with its own supergraph, connections and counts;
each looks for a new supergraph by itself. The supervisor only starts workers anew and, on SIGTERM, tells them to end
and waits until they have answered what they were asked.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import uvicorn

from ..errors import GatewayError
from ..telemetry.sibling_metrics import Siblings

logger = logging.getLogger(__name__)

BACKLOG = 2048
RESTART_SECONDS = 1.0
WRONG_SETTINGS = 2  # exit code of a process that can never serve as it is set
PORT_TAKEN = 3  # uvicorn's own, of a gateway of one process

ServerOf = Callable[[Siblings], uvicorn.Server]

_SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGCHLD})


class Supervisor:
    """`server_of` makes a worker's server, in the worker. What it raises as `GatewayError` or OSError ends that worker,
    and all of them when it is one that has just been started for the first time.
    """

    def __init__(self, count: int, host: str, port: int, server_of: ServerOf):
        self._count = count
        self._address = (host, port)
        self._server_of = server_of
        self._running: dict[int, tuple[int, int]] = {}  # by process id: worker, and how often it was started anew
        self._is_ending = False
        self._exit_code = 0

    def run(self) -> int:
        """Serves until told to end; the exit code."""
        family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
        try:
            self._listener = socket.create_server(self._address, family=family, backlog=BACKLOG)
        except OSError as error:
            print(error, file=sys.stderr)
            return PORT_TAKEN
        self._alive = os.pipe()  # closed by the end of the supervisor, however it comes
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        with tempfile.TemporaryDirectory(prefix="gateway-") as folder:
            self._folder = Path(folder)
            for number in range(self._count):
                self._start(number, restarts=0)
            logger.info("workers serve", extra={"workers": self._count, "port": self._listener.getsockname()[1]})
            while self._running:
                if signal.sigwait(_SIGNALS) != signal.SIGCHLD:
                    self._end(0)
                self._reap()
        return self._exit_code

    def _start(self, number: int, restarts: int) -> None:
        pid = os.fork()
        if pid:
            self._running[pid] = number, restarts
            return
        code = 1
        try:
            os.setpgid(0, 0)  # Ctrl-C in a terminal reaches the supervisor alone, who tells the others
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            os.close(self._alive[1])
            threading.Thread(target=self._end_with_supervisor, daemon=True).start()
            time.sleep(RESTART_SECONDS if restarts else 0)
            code = self._work(number)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)

    def _work(self, number: int) -> int:
        try:
            server = self._server_of(Siblings(self._folder, number, self._count))
        except (GatewayError, OSError) as error:
            print(error, file=sys.stderr)
            return WRONG_SETTINGS
        server.run(sockets=[self._listener])
        return 0

    def _end_with_supervisor(self) -> None:
        os.read(self._alive[0], 1)
        os.kill(os.getpid(), signal.SIGTERM)

    def _end(self, exit_code: int) -> None:
        if not self._is_ending:
            self._is_ending, self._exit_code = True, exit_code
            for pid in self._running:
                os.kill(pid, signal.SIGTERM)

    def _reap(self) -> None:
        for pid, (number, restarts) in list(self._running.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if not ended:
                continue
            del self._running[pid]
            code = os.waitstatus_to_exitcode(status)
            if self._is_ending:
                continue
            if code == WRONG_SETTINGS and not restarts:
                self._end(WRONG_SETTINGS)
            else:
                logger.error("a worker has ended; another takes its place", extra={"worker": number, "exit_code": code})
                self._start(number, restarts + 1)
