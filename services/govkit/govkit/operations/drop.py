"""Parked events given up for good, so that what comes after them flows again.

A dropped event has taken no effect and never will: the position of its subject moves past it. It is not destroyed; its
row moves to `dropped` (`given_up.py`). Events that have not come and lie before a dropped one are given up with it. A
row whose event has taken effect, because a process died between the effect and the removal of the row, is removed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pymongo import DeleteOne, UpdateOne

from govkit.bus.failures import Reason
from govkit.bus.gate import opened, passage
from govkit.bus.parking import WAITING
from govkit.operations.given_up import Missing, position_of, position_write, write_given_up
from govkit.operations.journal import Run
from govkit.operations.parked import PARKED, Database, Row, Selection
from govkit.operations.progress import Advance
from govkit.operations.target import OperationError, Target
from govkit.store.commits import Commit, ConcurrentChange
from govkit.store.rows import RowWrite

BATCH = 500
"""A transaction must fit into the database's cache."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """Chosen rows that are dropped together: all of a subject, or one record that is no event.

    `rows` are given up, and `missing` with them; `applied` are only removed. `next` is the first event of the subject
    that stays parked behind them, of `behind`. `position` is where the subject stands.
    """

    key: str | None
    ids: Sequence[str]
    rows: Sequence[Row] = ()
    applied: Sequence[Row] = ()
    missing: Sequence[Missing] = ()
    next: Row | None = None
    behind: int = 0
    position: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """For the journal, of what there is."""
        missing = sum(gap.events for gap in self.missing)
        counts = {"rows": len(self.rows), "missing": missing, "applied": len(self.applied)}
        return {name: count for name, count in counts.items() if count}


async def droppable(database: Database, selection: Selection) -> list[Part]:
    """What the selection would drop, without bodies.

    Raises OperationError when an event that is not selected is parked before a selected one of its subject: the
    position moves past what is dropped, so an earlier event that stays could never be applied.
    """
    found = database[PARKED].find(selection.query(), {"key": 1}, sort=[("key", 1), ("sequence", 1)])
    ids: dict[str, list[str]] = {}
    records: list[str] = []
    async for row in found:
        (records if row["key"] is None else ids.setdefault(row["key"], [])).append(row["_id"])
    return [
        *[await _part(database, None, [id]) for id in records],
        *[await _part(database, key, chosen) for key, chosen in ids.items()],
    ]


async def drop_part(target: Target, run: Run, chosen: Part, advance: Advance) -> None:
    """Give the rows up in one commit, so that the running service finds none of them its turn in between.

    Of more than `BATCH` a commit takes so many, and lets the next one be held like one that has failed. Says nothing of
    what was applied or dropped meanwhile. Raises OperationError as `droppable`.
    """
    for begin in range(0, len(chosen.ids), BATCH):
        ids = chosen.ids[begin : begin + BATCH]
        await _drop(target, run, chosen.key, ids, is_last=begin + BATCH >= len(chosen.ids))
        advance(len(ids))


async def _drop(target: Target, run: Run, key: str | None, ids: Sequence[str], is_last: bool) -> None:
    database = target.store.database
    while True:
        part = await _part(database, key, ids, bodies=True)
        if not part.rows and not part.applied:
            return
        before = dict(run.counts)
        for name, count in part.counts.items():
            run.count(name, count)
        try:
            writes = [*_writes(part, run, is_last), run.write]
            await target.store.commit(Commit(projections=writes, conditions=_conditions(part)))
        except ConcurrentChange:
            # The subject has moved on, or a rebuild holds the gate.
            run.counts = before
            await opened(database)
        else:
            return


async def _part(database: Database, key: str | None, ids: Sequence[str], bodies: bool = False) -> Part:
    # The position first: a commit that finds it unchanged finds the rows as they are read here.
    position = await position_of(database, key) if key else 0
    found = database[PARKED].find({"_id": {"$in": list(ids)}}, None if bodies else {"body": 0}, sort=[("sequence", 1)])
    chosen = [row async for row in found]
    if key is None or not chosen:
        return Part(key=key, ids=ids, rows=chosen)
    rows = [row for row in chosen if row["sequence"] > position]
    last = chosen[-1]["sequence"]
    before = {"key": key, "sequence": {"$gt": position, "$lt": last}, "_id": {"$nin": list(ids)}}
    if others := await database[PARKED].count_documents(before):
        raise OperationError(f"{key}: {others} parked events before these are not selected; see `list`")
    later = {"key": key, "sequence": {"$gt": last}}
    return Part(
        key=key,
        ids=ids,
        rows=rows,
        applied=[row for row in chosen if row["sequence"] <= position],
        missing=_missing(key, position, rows),
        next=await database[PARKED].find_one(later, {"body": 0}, sort=[("sequence", 1)]),
        behind=await database[PARKED].count_documents(later),
        position=position,
    )


def _missing(key: str, position: int, rows: Sequence[Row]) -> list[Missing]:
    """What has not come before or between the rows. A subject without a position may begin where it was tried."""
    found = []
    for row in rows:
        if row["sequence"] > position + 1 and (position or row["reason"] in WAITING):
            found.append(Missing(key, position + 1, row["sequence"] - 1))
        position = row["sequence"]
    return found


def _writes(part: Part, run: Run, is_last: bool) -> list[RowWrite]:
    writes = [write_given_up(row, run.order) for row in part.rows]
    writes += [gap.write(run.order) for gap in part.missing]
    if part.key is None or not part.rows:
        return writes
    last = part.rows[-1]["sequence"]
    if part.next and not is_last:
        writes.append(_change(part.next, _held(run)))
    elif part.next and part.next["reason"] == Reason.BEHIND.name and part.next["sequence"] > last + 1:
        # Nothing is parked before it now, but something is missing: let that show.
        writes.append(_change(part.next, {"reason": Reason.GAP.name, "expected": last + 1}))
    return writes


def _conditions(part: Part) -> list[RowWrite]:
    """The rows are still parked, the subject is where it was, and no rebuild holds the gate."""
    removed: list[RowWrite] = [(PARKED, DeleteOne({"_id": row["_id"]})) for row in (*part.applied, *part.rows)]
    if part.key is None or not part.rows:
        return removed
    return [*removed, position_write(part.key, part.position, part.rows[-1]["sequence"]), passage()]


def _held(run: Run) -> Row:
    """What no service applies by itself, and what tells an operator why, should the run end here."""
    why = f"run {run.order.run} was about to drop it"
    return {"reason": Reason.EFFECT_FAILED.name, "error": {"type": "Interrupted", "message": why, "frames": []}}


def _change(row: Row, change: Row) -> RowWrite:
    return PARKED, UpdateOne({"_id": row["_id"], "reason": row["reason"]}, {"$set": change})
