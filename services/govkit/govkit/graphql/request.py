"""The context of one GraphQL operation: who asks, and batched reads that each query the database once."""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from strawberry.dataloader import DataLoader

from govkit.commands import CommandBus, require_signed_in
from govkit.domain.aggregate import Aggregate, may_read
from govkit.domain.identity import Actor
from govkit.store.conditions import Query, from_where
from govkit.store.store import Store

A = TypeVar("A", bound=Aggregate)
T = TypeVar("T")


@dataclass
class RequestContext:
    """Passed to every resolver as `info.context`."""

    actor: Actor
    bus: CommandBus
    _loaders: dict[Hashable, DataLoader[Any, Any]] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        return self.bus.store

    def require_signed_in(self) -> None:
        require_signed_in(self.actor)

    async def load(self, cls: type[A], value: Any, key: str = "id") -> A | None:
        """A record that this caller may read, by id or natural key; all loads of one moment are one query."""
        found: A | None = await self._loader(cls, key).load(value)
        return found

    async def load_all(self, cls: type[A], values: list[Any], key: str = "id") -> list[A]:
        found = await self._loader(cls, key).load_many(values)
        return [item for item in found if item is not None]

    async def street_of(self, community_id: str) -> str | None:
        """The street that the community lies in; all questions of one moment are one query."""

        async def load(ids: list[str]) -> list[str | None]:
            streets = await self.store.streets_of(ids)
            return [streets.get(id) for id in ids]

        return await self.together("streets", load, community_id)

    async def together(self, question: Hashable, load: Callable[[list[Any]], Awaitable[list[T]]], value: Any) -> T:
        """The answer of `load` to one value; all values of the same question at one moment are one call of it."""
        if question not in self._loaders:
            self._loaders[question] = DataLoader(load_fn=load)
        answer: T = await self._loaders[question].load(value)
        return answer

    def forget(self) -> None:
        """Read anew from here on: a command of this operation has changed what was loaded."""
        self._loaders.clear()

    def _loader(self, cls: type[Aggregate], key: str) -> DataLoader[Any, Any]:
        if (cls, key) not in self._loaders:

            async def load(values: list[Any]) -> list[Aggregate | None]:
                found = await self.store.get_many(cls, key, values)
                visible = cls.visible_to(self.actor)
                return [item if (item := found.get(value)) and may_read(item, visible) else None for value in values]

            self._loaders[cls, key] = DataLoader(load_fn=load)
        return self._loaders[cls, key]


def visible_query(cls: type[Aggregate], actor: Actor) -> Query:
    """The condition that limits a list to what this caller may read."""
    visible = cls.visible_to(actor)
    if any(not where for where in visible):
        return {}
    if not visible:
        return {"_id": {"$in": []}}
    return {"$or": [from_where(where) for where in visible]}
