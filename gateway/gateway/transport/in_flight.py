"""Equal questions that are asked at the same time share one answer.

The first asker asks; those who come before the answer wait for it. When the first is cancelled (its client left, its
time is over) one of those who wait asks again. After a change of the data `forget`: who asks then must not be given an
answer that was under way before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class InFlight(Generic[T]):
    """What is being asked, by key. The answer is given to several: nobody may change it."""

    def __init__(self) -> None:
        self._askers: dict[Hashable, list[asyncio.Future[T | None]]] = {}

    async def share(self, key: Hashable, ask: Callable[[], Awaitable[T]]) -> tuple[T, bool]:
        """The answer, and whether another asked for it. Raises what `ask` raises."""
        while (waiting := self._askers.get(key)) is not None:
            future: asyncio.Future[T | None] = asyncio.get_running_loop().create_future()
            waiting.append(future)
            answer = await future
            if answer is not None:
                return answer, True
        waiting = self._askers[key] = []
        try:
            answer = await ask()
        except Exception as error:
            self._drop(key, waiting)
            for one in waiting:
                if not one.done():
                    one.set_exception(error)
            raise
        except BaseException:
            self._settle(key, waiting, None)
            raise
        self._settle(key, waiting, answer)
        return answer, False

    def forget(self) -> None:
        """From now on nobody is given an answer that is under way."""
        self._askers.clear()

    def _settle(self, key: Hashable, waiting: list[asyncio.Future[T | None]], answer: T | None) -> None:
        self._drop(key, waiting)
        for one in waiting:
            if not one.done():
                one.set_result(answer)

    def _drop(self, key: Hashable, waiting: list[asyncio.Future[T | None]]) -> None:
        if self._askers.get(key) is waiting:
            del self._askers[key]
