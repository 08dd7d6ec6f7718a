"""Missing events given up, so that the parked ones of their aggregate, which wait for them, flow again.

An event is missing when a later one of its aggregate has come and it has not. Should it come after all, it will be
taken for one that was seen. The running service goes on by itself with what waited.
"""

from govkit.bus.failures import Reason
from govkit.bus.gate import opened, passage
from govkit.operations.given_up import Database, Missing, position_of, position_write
from govkit.operations.journal import Run
from govkit.operations.parked import PARKED
from govkit.operations.target import Target
from govkit.store.commits import Commit, ConcurrentChange


async def missing(database: Database, key: str) -> Missing | None:
    """None when the subject's first parked event waits for no other."""
    row = await database[PARKED].find_one({"key": key}, {"body": 0}, sort=[("sequence", 1)])
    first = await position_of(database, key) + 1
    if row is None or row["reason"] != Reason.GAP.name or row["sequence"] <= first:
        return None
    return Missing(key, first, row["sequence"] - 1)


async def skip_missing(target: Target, run: Run, key: str) -> None:
    """Count the missing events as seen. They may have come meanwhile: then there is nothing to do."""
    database = target.store.database
    while gap := await missing(database, key):
        run.count("events", gap.events)
        moved = position_write(key, gap.first - 1, gap.last)
        try:
            given_up = [gap.write(run.order), run.write]
            await target.store.commit(Commit(projections=given_up, conditions=[moved, passage()]))
        except ConcurrentChange:
            run.count("events", -gap.events)
            await opened(database)
