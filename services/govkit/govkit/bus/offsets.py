"""What was taken from the broker and is not finished: how much it is, and how far partitions may be committed."""

import asyncio
import contextlib
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any


@dataclass
class _Partition:
    """`taken` offsets in their order; those that are `finished` leave at the front only."""

    taken: deque[int] = field(default_factory=deque)
    finished: set[int] = field(default_factory=set)
    next: int | None = None


class Unfinished:
    """Events finish in any order; a partition's offset moves up to the first that is not finished.

    `room` holds the poll back, so that memory does not grow with the backlog.
    """

    def __init__(self, most_events: int, most_bytes: int):
        self._most_events = most_events
        self._most_bytes = most_bytes
        self._partitions: dict[Any, _Partition] = {}
        self._moved: set[Any] = set()
        self._room = asyncio.Event()
        self._room.set()
        self.events = 0
        self.bytes = 0
        self._finished_at = time.monotonic()

    def take(self, partition: Any, offset: int, size: int) -> None:
        self._partitions.setdefault(partition, _Partition()).taken.append(offset)
        if self.events == 0:
            self._finished_at = time.monotonic()
        self.events += 1
        self.bytes += size
        if self.events >= self._most_events or self.bytes >= self._most_bytes:
            self._room.clear()

    def finish(self, partition: Any, offset: int, size: int) -> None:
        state = self._partitions[partition]
        state.finished.add(offset)
        while state.taken and state.taken[0] in state.finished:
            done = state.taken.popleft()
            state.finished.remove(done)
            state.next = done + 1
            self._moved.add(partition)
        self._finished_at = time.monotonic()
        self.events -= 1
        self.bytes -= size
        if self.events < self._most_events and self.bytes < self._most_bytes:
            self._room.set()

    async def room(self, seconds: float) -> int:
        """How many more events may be taken; waits for the first so long. At least 1: the group expects polls."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._room.wait(), seconds)
        return max(1, self._most_events - self.events) if self._room.is_set() else 1

    def by_topic(self) -> dict[str, int]:
        """How many events of each topic are not finished."""
        counts: dict[str, int] = {}
        for partition, state in self._partitions.items():
            counts[partition.topic] = counts.get(partition.topic, 0) + len(state.taken) - len(state.finished)
        return counts

    def is_working(self, seconds: float) -> bool:
        """Whether there are unfinished events and one was finished within so many seconds."""
        return self.events > 0 and time.monotonic() - self._finished_at < seconds

    def committable(self) -> dict[Any, int]:
        """The next offset of each partition that moved since the last call."""
        moved, self._moved = self._moved, set()
        return {partition: next for partition in moved if (next := self._partitions[partition].next) is not None}
