"""Who did what to the events of this service: one row of `operations` for each run that changes something.

    {_id: run id, command, by, reason, selection, state, counts, place, started_at, seen_at, finished_at}

`state` is RUNNING, DONE, FAILED or INTERRUPTED; a run that was killed stays RUNNING, with what it had counted. `place`
is where a run that goes over many rows stands, so that the same run can go on.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import UpdateOne

from govkit.operations.target import OperationError

OPERATIONS = "operations"

Row = dict[str, Any]
Database = AsyncIOMotorDatabase[Row]


@dataclass(frozen=True, kw_only=True)
class Order:
    """What was asked for. The same `run` again goes on where it stopped; `selection` says to whom or what."""

    run: str
    command: str
    by: str
    selection: Row = field(default_factory=dict)
    reason: str | None = None


@dataclass
class Run:
    """A run under way. `counts` and `place` are written by `save`, or with the work itself by `write`."""

    order: Order
    database: Database
    counts: dict[str, int] = field(default_factory=dict)
    place: Any = None

    def count(self, name: str, step: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + step

    @property
    def write(self) -> tuple[str, Any]:
        """The present counts and place, to go into a commit together with the work that they count."""
        return OPERATIONS, UpdateOne({"_id": self.order.run}, {"$set": self._present()})

    async def save(self) -> None:
        await self.database[OPERATIONS].update_one({"_id": self.order.run}, {"$set": self._present()})

    def _present(self) -> Row:
        return {"counts": self.counts, "place": self.place, "seen_at": datetime.now(UTC)}


@asynccontextmanager
async def noted(database: Database, order: Order) -> AsyncIterator[Run]:
    """A run that is noted from its begin to its end, however it ends. Goes on with the run of this id, if there is one.

    Raises OperationError when that was another command or selection.
    """
    rows = database[OPERATIONS]
    started = {
        "command": order.command,
        "by": order.by,
        "reason": order.reason,
        "selection": order.selection,
        "started_at": datetime.now(UTC),
        "counts": {},
        "place": None,
    }
    row = await rows.find_one_and_update(
        {"_id": order.run},
        {"$setOnInsert": started, "$set": {"state": "RUNNING", "finished_at": None}},
        upsert=True,
        return_document=True,
    )
    if (row["command"], row["selection"]) != (order.command, order.selection):
        raise OperationError(f"run {order.run} was `{row['command']}` of {row['selection'] or 'everything'}")
    run = Run(order, database, dict(row["counts"]), row["place"])
    state = "FAILED"
    try:
        yield run
        state = "DONE"
    except (asyncio.CancelledError, KeyboardInterrupt):
        state = "INTERRUPTED"
        raise
    finally:
        # Not what it counts: of a commit that was interrupted only the database knows whether it happened.
        await rows.update_one({"_id": order.run}, {"$set": {"state": state, "finished_at": datetime.now(UTC)}})
