"""What fell due, failed at every try and waits for an operator: rows of `due_failures`."""

from collections.abc import Sequence
from dataclasses import dataclass

from pymongo import DeleteOne, UpdateOne

from govkit.due import FAILURES
from govkit.operations.journal import Row, Run
from govkit.store.commits import Commit, ConcurrentChange, collection_name
from govkit.store.store import Store


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Which; what is None selects nothing."""

    rule: str | None = None
    record: str | None = None

    @property
    def given(self) -> Row:
        return {name: value for name, value in vars(self).items() if value is not None}


async def set_aside(store: Store, chosen: Chosen) -> list[Row]:
    """The rows that fit, by the moment that they were due for."""
    query = {"set_aside": True, **chosen.given}
    return [row async for row in store.database[FAILURES].find(query, sort=[("due_for", 1), ("_id", 1)])]


async def bring_back(store: Store, run: Run, rows: Sequence[Row]) -> None:
    """The running service tries each again at once; what a commit of its record has brought back is left alone."""
    for row in rows:
        # Whether the rule still holds for the record decides who does it, as for everything that falls due.
        look = {"_id": row["record"], "$or": [{"falls_due_at": None}, {"falls_due_at": {"$gt": row["due_for"]}}]}
        again = UpdateOne(look, {"$set": {"falls_due_at": row["due_for"]}})
        run.count("rows")
        try:
            await store.commit(
                Commit(
                    projections=[(collection_name(store.types[row["type"]]), again), run.write],
                    conditions=[(FAILURES, DeleteOne({"_id": row["_id"], "at": row["at"]}))],
                )
            )
        except ConcurrentChange:
            run.count("rows", -1)
