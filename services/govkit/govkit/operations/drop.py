"""Parked events given up for good, so that what comes after them flows again.

A dropped event has taken no effect and never will: the position of its subject moves past it. It is not destroyed; its
row moves to `dropped`, with who gave it up and why, and a rebuild leaves it out, too.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pymongo import DeleteOne, ReplaceOne, UpdateOne

from govkit.bus.gate import opened, passage
from govkit.operations.journal import Run
from govkit.operations.parked import PARKED, Database, Row, Selection
from govkit.operations.target import OperationError, Target
from govkit.store.store import Commit, ConcurrentChange

DROPPED = "dropped"


@dataclass(frozen=True)
class Droppable:
    """The rows that a selection would drop, in order, and how many events of their subjects stay parked behind them."""

    rows: list[Row]
    behind: int


async def droppable(database: Database, selection: Selection) -> Droppable:
    """Raises OperationError when an event that is not selected is parked before a selected one of its subject.

    The position moves past what is dropped, so an earlier event that stays could never be applied.
    """
    found = database[PARKED].find(selection.query(), {"body": 0}, sort=[("key", 1), ("sequence", 1)])
    rows = [row async for row in found]
    chosen: dict[str, int] = {}
    for row in rows:
        if row["key"] is not None:
            chosen[row["key"]] = chosen.get(row["key"], 0) + 1
    last = {row["key"]: row["sequence"] for row in rows if row["key"] is not None}
    behind = 0
    for key, count in chosen.items():
        up_to = await database[PARKED].count_documents({"key": key, "sequence": {"$lte": last[key]}})
        if up_to != count:
            raise OperationError(f"{key}: {up_to - count} parked events before these are not selected; see `list`")
        behind += await database[PARKED].count_documents({"key": key, "sequence": {"$gt": last[key]}})
    return Droppable(rows, behind)


async def drop_row(target: Target, run: Run, id: str) -> bool:
    """Give up one row: kept as dropped, position moved, no longer parked, in one commit. False when it was applied or
    dropped meanwhile."""
    database = target.store.database
    while row := await database[PARKED].find_one({"_id": id}):
        given_up = {"run": run.order.run, "by": run.order.by, "why": run.order.reason, "dropped_at": datetime.now(UTC)}
        writes: list[tuple[str, Any]] = [
            (DROPPED, ReplaceOne({"_id": id}, row | given_up, upsert=True)),
            (PARKED, DeleteOne({"_id": id})),
        ]
        if row["key"] is not None:
            writes.append(position_write(row["key"], row["sequence"]))
        run.count("rows")
        try:
            await target.store.commit(Commit(projections=[*writes, run.write], conditions=[passage()]))
        except ConcurrentChange:
            run.count("rows", -1)
            if await _applied(database, row):
                # Between its effect and the removal of its row.
                return False
            await opened(database)
        else:
            return True
    return False


def position_write(key: str, sequence: int) -> tuple[str, Any]:
    """As the inbox moves it: the condition makes this fail on the key when the subject is further already."""
    moved = {"$set": {"sequence": sequence, "at": datetime.now(UTC)}}
    return "inbox", UpdateOne({"_id": key, "sequence": {"$lt": sequence}}, moved, upsert=True)


async def _applied(database: Database, row: Row) -> bool:
    position = await database["inbox"].find_one({"_id": row["key"]})
    return position is not None and bool(position["sequence"] >= row["sequence"])
