"""The read models once more, beside the live ones: where a rebuild writes its rows."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import IndexModel

from govkit.store.rows import RowWrite, RowWriter

PREFIX = "rebuild"
LEFT_OVER = timedelta(days=1)

Database = AsyncIOMotorDatabase[dict[str, Any]]
Collection = AsyncIOMotorCollection[dict[str, Any]]


class Shadow(RowWriter):
    """Collections `rebuild.<run>.<name>`; `run` is a UUIDv7. Rows are written by `flush`, in the order given."""

    def __init__(self, database: Database, run: str):
        self._database = database
        self._prefix = f"{PREFIX}.{run}."
        self._writes: dict[str, list[Any]] = {}

    def collection(self, name: str) -> Collection:
        return self._database[self._prefix + name]

    def note(self, *writes: RowWrite) -> None:
        for name, write in writes:
            self._writes.setdefault(name, []).append(write)

    async def flush(self) -> None:
        writes, self._writes = self._writes, {}
        for name, batch in writes.items():
            await self.collection(name).bulk_write(batch)

    async def prepare(self, name: str) -> None:
        """Make it and give it the indexes of the live collection, so that it can take its place."""
        if self._prefix + name not in await self._database.list_collection_names():
            await self._database.create_collection(self._prefix + name)
        live = await self._database[name].index_information()
        models = [
            IndexModel(options.pop("key"), name=index, **{key: value for key, value in options.items() if key != "v"})
            for index, options in live.items()
            if index != "_id_"
        ]
        if models:
            await self.collection(name).create_indexes(models)

    async def take_place(self, name: str) -> None:
        """Become the live collection: at once, for every reader."""
        await self.collection(name).rename(name, dropTarget=True)

    async def drop(self) -> None:
        """Remove what is left of it, and of rebuilds that were killed more than a day ago."""
        for name in await self._database.list_collection_names(filter={"name": {"$regex": rf"^{PREFIX}\."}}):
            if name.startswith(self._prefix) or _is_left_over(name):
                await self._database.drop_collection(name)


def _is_left_over(name: str) -> bool:
    milliseconds = UUID(name.split(".")[1]).int >> 80
    return datetime.now(UTC) - datetime.fromtimestamp(milliseconds / 1000, UTC) > LEFT_OVER
