"""Clients that never try again: whatever is not answered well counts as failed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

import httpx

CLIENTS = 6
COMMAND = "mutation Make($i: CreateRuleInput!) { createRule(input: $i) { id code edition } }"
QUERY = "query Rules { earningRules(first: 5) { edges { node { id code } } } }"


@dataclass
class Load:
    """Every second request is a command with its own `clientMutationId`."""

    url: Callable[[], str]
    """Asked before each request, as what stands in front of the gateways follows `gateway.address`."""
    token: str
    mark: str
    answered: int = 0
    commands: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    _is_over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Load:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        assert self._thread is not None
        self._thread.join(60)

    def wait_for(self, requests: int) -> None:
        while self.answered + len(self.failures) < requests and not self._is_over.wait(0.2):
            pass

    async def _run(self) -> None:
        headers = {"authorization": f"Bearer {self.token}"}
        numbers = count()
        async with httpx.AsyncClient(headers=headers, timeout=30) as http, asyncio.TaskGroup() as group:
            for _ in range(CLIENTS):
                group.create_task(self._client(http, numbers))

    async def _client(self, http: httpx.AsyncClient, numbers: count[int]) -> None:
        while not self._is_over.is_set():
            await self._ask(http, {"query": QUERY})
            code = f"{self.mark}_{next(numbers)}"
            values = {
                "code": code,
                "name": "规则",
                "path": "VOLUNTEER_ACTIVITY",
                "points": 2,
                "validFrom": "2020-01-01",
            }
            await self._ask(http, {"query": COMMAND, "variables": {"i": {**values, "clientMutationId": code}}}, code)

    async def _ask(self, http: httpx.AsyncClient, body: object, command: str = "") -> None:
        self.asked.add(url := self.url())
        try:
            response = await http.post(url, json=body)
            answer = response.json()
        except (httpx.HTTPError, ValueError) as error:
            self.failures.append(f"{command} {error!r}")
            return
        if response.status_code != 200 or answer.get("errors"):
            self.failures.append(f"{command} {response.status_code} {str(answer)[:300]}")
            return
        self.answered += 1
        if command:
            self.commands.append(command)
