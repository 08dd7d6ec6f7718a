"""What waits for the lane, in the order of its coming.

Events that nobody here consumes only move their subject's position; they wait a moment for company.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Any

from govkit.bus.envelope import Envelope
from govkit.bus.parking import Place
from govkit.bus.records import BadRecord

CHUNK_EVENTS = 200
LINGER_SECONDS = 0.1


@dataclass(frozen=True)
class Item:
    """One record: the event in it, or why it is none, and its bytes. `wanted`: something here consumes it."""

    partition: Any
    place: Place
    body: bytes
    content: Envelope | BadRecord
    wanted: bool


class Queue:
    def __init__(self, leaving: asyncio.Event):
        self._leaving = leaving
        self._items: deque[Item] = deque()
        self._ready = asyncio.Event()

    def put(self, item: Item) -> None:
        self._items.append(item)
        if item.wanted or len(self._items) >= CHUNK_EVENTS:
            self._ready.set()
        elif len(self._items) == 1:
            asyncio.get_running_loop().call_later(LINGER_SECONDS, self._ready.set)

    def wake(self) -> None:
        self._ready.set()

    async def take(self) -> list[Item]:
        """Up to a chunk; nothing when it is time to leave."""
        while not self._leaving.is_set():
            await self._ready.wait()
            self._ready.clear()
            chunk = [self._items.popleft() for _ in range(min(CHUNK_EVENTS, len(self._items)))]
            if self._items:
                self._ready.set()
            if chunk and not self._leaving.is_set():
                return chunk
        return []
