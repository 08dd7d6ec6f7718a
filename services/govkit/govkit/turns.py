"""Turns: commands of this process that compete for the same records decide one after the other.

Commits compare versions, so they are right without any lock. But of many that compete at once all but one lose, decide
again and lose again, until the last run out of attempts; a turn lets each of them win. Between processes the versions
alone decide.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary


class Turns:
    """Locks by record, made when somebody first waits and gone when nobody does."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def take(self, records: Iterable[str]) -> AsyncIterator[None]:
        """Wait until all these records are this caller's; first come, first served. None: do not wait."""
        # One order for all, so that two callers never wait for each other.
        locks = [self._locks.setdefault(record, asyncio.Lock()) for record in sorted(set(records))]
        async with AsyncExitStack() as stack:
            for lock in locks:
                await stack.enter_async_context(lock)
            yield
