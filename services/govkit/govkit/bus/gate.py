"""The gate through which every commit of the inbox goes, so that a rebuild can hold all of them for a moment.

A commit writes one of the gate's rows, in its own transaction. Closing writes all of them: the database lets that
wait for the commits that are under way, and makes every later one fail with ConcurrentChange, which is tried again
when the gate opens. So between `close` and `open` the rows of read models and the inbox positions stand still,
whichever process wanted to change them, and no event is lost or parked.

    {_id: "gate|0" … "gate|63", passed: number of commits, closed_until, closed_by: token}

Many rows, for parallel commits; among the positions in `inbox`, so that a commit writes both in one call.

Nobody can hold the gate for longer than `CLOSED_SECONDS`: a rebuild that died leaves it to open by itself.
"""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import UpdateOne

ROWS = [f"gate|{number}" for number in range(64)]
CLOSED_SECONDS = 20
LOOK_SECONDS = 0.1

Write = tuple[str, Any]
Database = AsyncIOMotorDatabase[dict[str, Any]]


def passage(now: datetime | None = None) -> Write:
    """What a commit of the inbox writes to get through: an upsert that fails on its key while the gate is closed."""
    free = {"_id": random.choice(ROWS), "closed_until": {"$not": {"$gt": now or datetime.now(UTC)}}}
    return "inbox", UpdateOne(free, {"$inc": {"passed": 1}}, upsert=True)


async def opened(database: Database) -> None:
    """Returns when the gate is open: at once, almost always."""
    while await _closed(database):  # noqa: ASYNC110 — it is another process that opens it
        await asyncio.sleep(LOOK_SECONDS)


async def _closed(database: Database) -> bool:
    closed = _rows(closed_until={"$gt": datetime.now(UTC)})
    return await database["inbox"].find_one(closed, {"_id": 1}) is not None


def _rows(**fields: Any) -> dict[str, Any]:
    return {"_id": {"$in": ROWS}, **fields}


class Gate:
    """One holding of the gate by the operation `token`."""

    def __init__(self, database: Database, token: str):
        self._inbox = database["inbox"]
        self._token = token

    async def close(self) -> bool:
        """Returns when every commit has either happened or must wait. False: another operation holds the gate."""
        now = datetime.now(UTC)
        if await self._inbox.find_one(_rows(closed_until={"$gt": now}, closed_by={"$ne": self._token})):
            return False
        close = {"$set": {"closed_until": now + timedelta(seconds=CLOSED_SECONDS), "closed_by": self._token}}
        await self._inbox.bulk_write([UpdateOne({"_id": row}, close, upsert=True) for row in ROWS])
        return await self.is_closed()

    async def is_closed(self) -> bool:
        """Whether it still is, by this operation: it opens by itself when the time is over."""
        mine = _rows(closed_by=self._token, closed_until={"$gt": datetime.now(UTC)})
        return await self._inbox.count_documents(mine) == len(ROWS)

    async def open(self) -> None:
        await self._inbox.update_many(_rows(closed_by=self._token), {"$unset": {"closed_until": "", "closed_by": ""}})
