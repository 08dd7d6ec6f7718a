"""The running county as its clients meet it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from lanling_local import issuer


@dataclass(frozen=True)
class County:
    """`ports` by variable (`GATEWAY_PORT`, `PETITION_PORT`, …); `pid` of the stack.

    `planted`: service and id of records into which a scenario wrote names, numbers or texts of `planted`, and of which
    events tell.
    """

    directory: Path
    ports: dict[str, int]
    pid: int
    planted: list[tuple[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['GATEWAY_PORT']}/graphql"

    def token(self, *roles: str, sub: str = "test", **scope: Any) -> str:
        """`scope` by claim name: `communityIds=[…]`. Without one: the whole county."""
        claims = scope or {"countyWide": True}
        return issuer.issue(roles, subject=sub, scope=claims, directory=self.directory / "issuer")

    def query(self, document: str, variables: dict[str, Any] | None = None, token: str = "") -> Any:
        """The whole answer of the gateway."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        body = {"query": document, "variables": variables or {}}
        return httpx.post(self.url, json=body, headers=headers, timeout=30).json()

    def data(self, document: str, variables: dict[str, Any] | None = None, token: str = "") -> Any:
        """The data of an answer without errors."""
        answer = self.query(document, variables, token)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def refusal(self, document: str, variables: dict[str, Any] | None = None, token: str = "") -> str:
        """The code of the first error."""
        answer = self.query(document, variables, token)
        assert answer.get("errors"), answer
        return str(answer["errors"][0]["extensions"]["code"])


def eventually(look: Callable[[], Any], seconds: float = 60.0) -> Any:
    """What `look` answers once it is neither None nor False; events need a moment to cross the county."""
    deadline = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.05)
