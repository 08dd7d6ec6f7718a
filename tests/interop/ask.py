"""Asks a router a question of the corpus, as the caller that the question names."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import httpx

from county import County
from interop.corpus import FACTS, Question, facts, filled

SECONDS = 60.0


class Asker:
    """Use as a context manager: connections live as long as the block."""

    def __init__(self, county: County):
        self._county = county
        self._facts = facts(county.data(FACTS, token=county.token("AUDITOR", "ADMIN")))
        self._client = httpx.Client(timeout=SECONDS, headers={"accept": "application/json"})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._client.close()

    def ask(self, url: str, question: Question) -> dict[str, Any]:
        """The whole answer."""
        body = {"query": question.document, "variables": filled(dict(question.variables), self._facts)}
        if question.operation:
            body["operationName"] = question.operation
        token = self._token(question.caller)
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return dict(self._client.post(url, json=body, headers=headers).json())

    def _token(self, caller: str) -> str:
        words = filled(caller, self._facts).split()
        claims = dict(one.split("=") for one in words if "=" in one)
        roles = [one for one in words if "=" not in one]
        scope = {"communityIds": [claims["community"]]} if "community" in claims else {}
        return self._county.token(*roles, sub=claims.get("sub", "test"), **scope) if roles else ""
