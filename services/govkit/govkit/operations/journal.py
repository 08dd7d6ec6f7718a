"""Who did what to the events of this service: one row of `operations` for each run that changes something.

    {_id: run id, command, by, reason, selection, state, counts, place, started_at, seen_at, finished_at,
     resumed: [{by, at}]}

`state` is RUNNING, DONE, FAILED or INTERRUPTED; a run that was killed stays RUNNING, with what it had counted. `place`
is where a run that goes over many rows stands, so that the same run can go on; `resumed` tells who let it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import UpdateOne

from govkit.operations.target import OperationError

OPERATIONS = "operations"

Row = dict[str, Any]
Rows = AsyncIOMotorCollection[Row]
Database = AsyncIOMotorDatabase[Row]


@dataclass(frozen=True, kw_only=True)
class Order:
    """What was asked for; `selection` says to whom or what. `resumes`: to go on with `run`, which was begun before."""

    run: str
    resumes: bool = False
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
    """A run that is noted from its begin to its end, however it ends.

    Raises OperationError when it is to go on and there is none of this id, or that was another command or selection.
    """
    rows = database[OPERATIONS]
    row = await (_resumed if order.resumes else _begun)(rows, order)
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


async def _begun(rows: Rows, order: Order) -> Row:
    row: Row = {
        "_id": order.run,
        "command": order.command,
        "by": order.by,
        "reason": order.reason,
        "selection": order.selection,
        "state": "RUNNING",
        "counts": {},
        "place": None,
        "started_at": datetime.now(UTC),
        "finished_at": None,
        "resumed": [],
    }
    await rows.insert_one(row)
    return row


async def begun_before(database: Database, order: Order) -> Row | None:
    """The run with which the order goes on; None when it begins a new one. Raises OperationError as `noted`."""
    return await _to_resume(database[OPERATIONS], order) if order.resumes else None


async def _to_resume(rows: Rows, order: Order) -> Row:
    row = await rows.find_one({"_id": order.run})
    if row is None:
        raise OperationError(f"there is no run {order.run}; without --run a new one begins")
    if (row["command"], row["selection"]) != (order.command, order.selection):
        raise OperationError(f"run {order.run} was `{row['command']}` of {row['selection'] or 'everything'}")
    return row


async def _resumed(rows: Rows, order: Order) -> Row:
    row = await _to_resume(rows, order)
    again = {"by": order.by, "at": datetime.now(UTC)}
    change = {"$set": {"state": "RUNNING", "finished_at": None}, "$push": {"resumed": again}}
    await rows.update_one({"_id": order.run}, change)
    return row
