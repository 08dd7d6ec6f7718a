"""The gateway's own failures.

GatewayError
├── SupergraphError         the supergraph file is unusable; refused at load time
├── RequestError            the client's fault: ``code`` and HTTP status, safe to show
├── PlanningError           a valid operation that the supergraph has no path for
│   └── OperationTooLarge   … or that would cost too much to plan
└── SubgraphError           a subgraph could not be asked or did not answer as GraphQL
"""

from __future__ import annotations

from typing import Any


class GatewayError(Exception):
    """Base of every failure that the gateway raises knowingly."""


class SupergraphError(GatewayError):
    """The supergraph document cannot be served; the message says why in one line."""


class RequestError(GatewayError):
    """A request that is refused before execution.

    ``errors`` are GraphQL error objects ready to send; ``status`` is the HTTP status for a client that accepts
    ``application/graphql-response+json`` (GraphQL over HTTP, section 6.4).
    """

    def __init__(self, status: int, errors: list[dict[str, Any]], headers: tuple[tuple[bytes, bytes], ...] = ()):
        super().__init__(errors[0]["message"])
        self.status = status
        self.errors = errors
        self.headers = headers

    @classmethod
    def of(cls, code: str, message: str, status: int = 400, **extensions: Any) -> RequestError:
        return cls(status, [{"message": message, "extensions": {"code": code, **extensions}}])


class PlanningError(GatewayError):
    """No combination of subgraphs resolves the named field from where the operation asks for it."""


class OperationTooLarge(PlanningError):
    """Fragments expand to more fields, or conditions to more cases, than one document may cost."""


class SubgraphError(GatewayError):
    """A subgraph gave no usable answer. ``reason`` is for logs; clients never see it."""

    def __init__(self, reason: str, *, unavailable: bool = True):
        super().__init__(reason)
        self.reason = reason
        self.unavailable = unavailable
