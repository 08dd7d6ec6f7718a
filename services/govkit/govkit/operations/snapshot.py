"""One event with the present public state of each record, for subscribers that start without history.

A snapshot is a commit of its own: next version, next sequence, compare-and-set. It changes nothing else of the record,
not even its time of change, and leaves no line in the record's audit trail; who asked for it stands in `operations`.
"""

import asyncio

from govkit.domain.aggregate import Aggregate
from govkit.domain.identity import SYSTEM
from govkit.domain.ports import SystemClock
from govkit.operations.journal import Run
from govkit.operations.progress import Advance
from govkit.operations.target import Target
from govkit.runtime.tracing import new_trace
from govkit.store.codec import from_document
from govkit.store.commits import Commit, ConcurrentChange
from govkit.store.unit_of_work import Cause, outbox_rows

BATCH = 100
CONTENDED_SECONDS = 0.05


async def snapshot(target: Target, run: Run, types: list[type[Aggregate]], advance: Advance) -> None:
    """Publish the state of every record of these types, by type and id, from where the run stands.

    The place moves in the commit of a batch, so a run that was interrupted and goes on publishes each record once.
    """
    started_at = [cls.__name__ for cls in types].index(run.place[0]) if run.place else 0
    for cls in types[started_at:]:
        last = run.place[1] if run.place and run.place[0] == cls.__name__ else ""
        while count := await _batch(target, run, cls, last):
            last = run.place[1]
            advance(count)


async def _batch(target: Target, run: Run, cls: type[Aggregate], last: str) -> int:
    """The next records after the id `last` in one commit; how many there were."""
    while True:
        documents = target.store.collection(cls).find({"_id": {"$gt": last}}, sort=[("_id", 1)], limit=BATCH)
        records = [from_document(cls, document) async for document in documents]
        if not records:
            return 0
        before = dict(run.counts), run.place
        run.count("events", len(records))
        run.place = [cls.__name__, records[-1].id]
        work = Commit(saved=list(records), projections=[run.write])
        for record in records:
            record.record(record.snapshot_event())
            record.version += 1
            work.outbox.extend(outbox_rows(record, record.take_events(), _cause(target, run)))
        try:
            await target.store.commit(work)
        except ConcurrentChange:
            # A command came first: the same batch again, as it is now.
            run.counts, run.place = before
            await asyncio.sleep(CONTENDED_SECONDS)
        else:
            return len(records)


def _cause(target: Target, run: Run) -> Cause:
    trace = new_trace()
    return Cause(
        action="snapshot",
        actor=SYSTEM,
        now=SystemClock().now(),
        source=target.source,
        correlation_id=trace.trace_id,
        causation_id=run.order.run,
        traceparent=trace.traceparent,
    )
