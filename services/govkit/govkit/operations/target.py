"""The service that a command works on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from govkit.bus.inbox import Consumer, Inbox
from govkit.bus.kafka import Broker
from govkit.domain.ports import SystemClock
from govkit.store.migrations import Migrations, State
from govkit.store.store import Store

PENDING, NEWER = 4, 5


class OperationError(Exception):
    """Why a command cannot be done: one line for the operator."""


class WrongUsage(OperationError):
    """A name was given that there is not."""


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

    async def require_fit(self) -> None:
        """Raises OperationError when this version must not work on the database, as when it is another service's."""
        name = self.store.database.name
        if refused := refusal(await self.migrations.look(), name):
            raise OperationError(f"{refused[1]}; is it the database of {self.name} (MONGODB_DATABASE)?")


def refusal(state: State, database: str) -> tuple[int, str] | None:
    """Why a version must not serve on this database: the exit code and one line. None when it may."""
    if state.newer:
        return NEWER, f"{database} is newer than this version: it does not know {', '.join(state.newer)}"
    if not state.fits:
        missing = f"{len(state.expand)} steps and {len(state.indexes) + len(state.changed)} indexes are missing"
        return PENDING, f"{database} is not migrated to this version: {missing}; run `migrate --apply` first"
    return None
