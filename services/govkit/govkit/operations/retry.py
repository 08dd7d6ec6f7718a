"""Parked events applied after all, when what made them fail is mended."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from govkit.bus.envelope import Envelope
from govkit.bus.failures import NotApplied, Reason
from govkit.bus.parking import Parking
from govkit.operations.journal import Run
from govkit.operations.parked import PARKED
from govkit.operations.target import Target
from govkit.runtime.logs import scrub
from govkit.store.commits import ConcurrentChange

CONTENDED_TRIES = 10
CONTENDED_SECONDS = 0.2


@dataclass(frozen=True)
class Retried:
    """What became of one subject: how many events left the parking, and why the next one did not."""

    key: str
    events: int
    stopped_at: int | None = None
    why: str | None = None


async def retry_subject(target: Target, run: Run, key: str) -> Retried:
    """Apply the subject's parked events in order through the service's own inbox, until none is left or one fails.

    A row is removed after its effect: interrupted in between, the next try finds the event applied and removes it.
    """
    database, inbox = target.store.database, target.inbox
    events = 0

    async def apply(envelopes: Sequence[Envelope]) -> int:
        nonlocal events
        for _ in range(CONTENDED_TRIES):
            try:
                applied = await inbox.apply(envelopes)
            except ConcurrentChange:
                await asyncio.sleep(CONTENDED_SECONDS)
            else:
                events += 1
                run.count("events")
                return applied
        raise ConcurrentChange

    try:
        await Parking(database).release(key, apply)
    except Exception as error:
        row = await database[PARKED].find_one({"key": key}, {"sequence": 1}, sort=[("sequence", 1)])
        run.count("stopped")
        return Retried(key, events, row["sequence"] if row else None, _why(error))
    else:
        run.count("subjects")
        return Retried(key, events)
    finally:
        await run.save()


def _why(error: Exception) -> str:
    if isinstance(error, NotApplied) and error.reason is Reason.GAP:
        return f"it waits for {error.expected} to {error.envelope.sequence - 1}, which have not come"
    failure = error.__cause__ or error
    return f"{type(failure).__name__}: {scrub(str(failure))}"
