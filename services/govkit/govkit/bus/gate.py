"""The gate through which every commit of the inbox goes, so that a rebuild can hold all of them for a moment.

A commit writes one of the gate's rows, in its own transaction. Closing writes all of them: the database lets that
wait for the commits that are under way, and makes every later one fail with ConcurrentChange, which is tried again
when the gate opens. So between `close` and `open` the rows of read models and the inbox positions stand still,
whichever process wanted to change them, and no event is lost or parked.

    {_id: "gate|0" … "gate|63", passed: number of commits, closed_until, closed_by: token}

Many rows, for parallel commits; among the positions in `inbox`, so that a commit writes both in one call. Whether it is
closed is compared with the database's clock alone.

Nobody can hold the gate for longer than `CLOSED_SECONDS`: a rebuild that died leaves it to open by itself.
"""

import asyncio
import random
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import UpdateOne

from govkit.store.rows import RowWrite

ROWS = [f"gate|{number}" for number in range(64)]
CLOSED_SECONDS = 20
LOOK_SECONDS = 0.1
CLOSED = {"$gt": ["$closed_until", "$$NOW"]}

Database = AsyncIOMotorDatabase[dict[str, Any]]


def passage() -> RowWrite:
    """What a commit must find to get through: one of its conditions, which fails while the gate is closed."""
    return "inbox", UpdateOne({"_id": random.choice(ROWS), "$expr": {"$not": [CLOSED]}}, {"$inc": {"passed": 1}})


async def opened(database: Database) -> None:
    """Returns when the gate is open: at once, almost always. Makes the gate for the first commit of a database."""
    inbox = database["inbox"]
    if await inbox.count_documents(_rows()) < len(ROWS):
        made = {"$setOnInsert": {"passed": 0}}
        await inbox.bulk_write([UpdateOne({"_id": row}, made, upsert=True) for row in ROWS], ordered=False)
    while await inbox.find_one(_rows(CLOSED), {"_id": 1}) is not None:  # noqa: ASYNC110 — another process opens it
        await asyncio.sleep(LOOK_SECONDS)


def _rows(condition: Any = True, **fields: Any) -> dict[str, Any]:
    return {"_id": {"$in": ROWS}, "$expr": condition, **fields}


class Gate:
    """One holding of the gate by the operation `token`."""

    def __init__(self, database: Database, token: str):
        self._inbox = database["inbox"]
        self._token = token

    async def close(self) -> bool:
        """Returns when every commit has either happened or must wait. False: another operation holds the gate."""
        if await self._inbox.find_one(_rows(CLOSED, closed_by={"$ne": self._token})):
            return False
        until = {"$add": ["$$NOW", int(CLOSED_SECONDS * 1000)]}
        close = [{"$set": {"closed_until": until, "closed_by": self._token}}]
        await self._inbox.bulk_write([UpdateOne({"_id": row}, close, upsert=True) for row in ROWS])
        return await self.is_closed()

    async def is_closed(self) -> bool:
        """Whether it still is, by this operation: it opens by itself when the time is over."""
        return await self._inbox.count_documents(_rows(CLOSED, closed_by=self._token)) == len(ROWS)

    async def open(self) -> None:
        await self._inbox.update_many(_rows(closed_by=self._token), {"$unset": {"closed_until": "", "closed_by": ""}})
