"""A client as it should be: one `clientMutationId` for one intention, repeated until there is an answer.

Connections break in the middle: now and then a client closes its own while the request runs, and asks again.
"""

import asyncio
import random
from collections.abc import Mapping
from typing import Any

import httpx

from reliability.ledger import Ledger
from reliability.place import Place

PATIENCE_SECONDS = 180.0
REQUEST_SECONDS = 10.0
CUT_SHARE = 0.02
SILENT = frozenset({"createEvent", "registerWorker", "applyMembership"})
"""Commands of the load that publish no event."""


class Refused(Exception):
    """A rule refused the command; asking again would not help."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Unanswered(Exception):
    """No answer within the client's patience."""


class Client:
    """Asks as one of several actors, whose tokens are given by their subject."""

    def __init__(
        self, name: str, place: Place, tokens: Mapping[str, str], ledger: Ledger, http: httpx.AsyncClient, seed: int
    ) -> None:
        self.name = name
        self.random = random.Random(f"{seed}-{name}")
        self._place = place
        self._tokens = tokens
        self._ledger = ledger
        self._http = http
        self._number = 0

    def next_number(self) -> int:
        self._number += 1
        return self._number

    async def do(self, service: str, command: str, actor: str, /, **input: Any) -> str:
        """The id of the record that the command answers. Raises Refused, Unanswered."""
        mutation_id = f"{self.name}-{self.next_number()}"
        self._ledger.ask(mutation_id, service, command, actor, command not in SILENT)
        tries = 0
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while True:
                    tries += 1
                    record = await self._try(service, command, actor, input | {"clientMutationId": mutation_id})
                    if record is not None:
                        self._ledger.accepted(mutation_id, record, tries)
                        return record
                    await asyncio.sleep(self.random.uniform(0.5, 1.5) * min(1.0, 0.05 * 2**tries))
        except Refused as refused:
            self._ledger.refused(mutation_id, refused.code, tries)
            raise
        except TimeoutError:
            raise Unanswered(f"{command} {mutation_id}") from None

    async def _try(self, service: str, command: str, actor: str, input: dict[str, Any]) -> str | None:
        """None: no answer, or one that says that it may be asked again. Raises Refused."""
        name = f"{command[0].upper()}{command[1:]}Input"
        body = {
            "query": f"mutation($i: {name}!) {{ {command}(input: $i) {{ id }} }}",
            "variables": {"i": input},
        }
        headers = {"authorization": f"Bearer {self._tokens[actor]}"}
        cut = self.random.random() < CUT_SHARE
        try:
            async with asyncio.timeout(self.random.uniform(0.001, 0.03) if cut else REQUEST_SECONDS):
                response = await self._http.post(self._place.url(service), json=body, headers=headers)
            answer = response.json()
        except (httpx.HTTPError, TimeoutError, ValueError):
            return None
        return _read(answer, command)


def _read(answer: Any, command: str) -> str | None:
    if errors := answer.get("errors"):
        extensions = errors[0].get("extensions", {})
        code = str(extensions.get("code", ""))
        # What a service's rule refuses is final; what only went wrong, in a service or on the way, is not.
        if extensions.get("retryable") is False and extensions.get("service") and code != "GEN_INTERNAL":
            raise Refused(code)
        return None
    record = (answer.get("data") or {}).get(command)
    return str(record["id"]) if record else None
