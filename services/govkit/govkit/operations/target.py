"""The service that a command works on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from govkit.bus.inbox import Consumer, Inbox
from govkit.bus.kafka import Broker
from govkit.domain.ports import SystemClock
from govkit.store.migrations import Migrations
from govkit.store.store import Store


class OperationError(Exception):
    """Why a command cannot be done: one line for the operator."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """`topic` is its own; `heard` are those that it listens to as `group`, each with the source of its events."""

    name: str
    source: str
    store: Store
    migrations: Migrations
    consumers: Sequence[Consumer]
    broker: Broker
    topic: str
    heard: Mapping[str, str]
    group: str

    @property
    def inbox(self) -> Inbox:
        """The service's own inbox: what it applies is applied once, also beside the running service."""
        return Inbox(self.store, self.consumers, self.source, SystemClock())
