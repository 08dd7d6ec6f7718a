"""The services and the gateway as processes that are started again when they die."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from lanling_local.configuration import Configuration
from lanling_local.errors import StackError
from lanling_local.parts import Part
from lanling_local.ports import is_free
from lanling_local.processes import Child, relevant_lines
from lanling_local.stack import Infrastructure

MOST_RESTARTS = 5
WINDOW_SECONDS = 60.0


class Parts:
    """One child a part. `say` hears of each restart."""

    def __init__(
        self, configuration: Configuration, infra: Infrastructure, graphiql: Path | None, say: Callable[[str], None]
    ) -> None:
        self._configuration = configuration
        self._infra = infra
        self._graphiql = graphiql
        self._say = say
        self._running: dict[Part, Child] = {}
        self._deaths: dict[Part, list[float]] = {}

    @property
    def children(self) -> list[Child]:
        return list(self._running.values())

    def start(self) -> None:
        for part in (*self._configuration.services, self._configuration.gateway):
            self._running[part] = self._child(part)

    def restart_dead(self) -> None:
        """Start again what has died. Raises StackError for a part that keeps dying.

        Where another process listens on the part's port meanwhile, that one has taken over and is left alone.
        """
        for part, child in list(self._running.items()):
            code = child.process.poll()
            if code is not None:
                self._restart(part, child, code)

    def _restart(self, part: Part, child: Child, code: int) -> None:
        if not is_free(part.port):
            self._say(f"{part.name} ended with code {code}; another process listens on its port {part.port} now")
            del self._running[part]
            return
        now = time.monotonic()
        deaths = [at for at in self._deaths.get(part, []) if now - at < WINDOW_SECONDS]
        if len(deaths) == MOST_RESTARTS:
            raise StackError(f"{part.name} keeps dying; its log is {child.log}", relevant_lines(child.log))
        self._deaths[part] = [*deaths, now]
        self._say(f"{part.name} ended with code {code}: starting it again; its last log is {child.log}.1")
        self._running[part] = self._child(part)

    def _child(self, part: Part) -> Child:
        configuration, infra = self._configuration, self._infra
        if part is configuration.gateway:
            command, environment = (
                configuration.gateway_command(),
                configuration.gateway_environment(infra, self._graphiql),
            )
        else:
            command = configuration.service_command(part)
            environment = configuration.service_environment(part, infra)
        log = configuration.logs / f"{part.package}.log"
        return Child(part.name, command, log=log, environment=environment)
