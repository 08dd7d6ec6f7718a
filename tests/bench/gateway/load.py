"""Requests over kept-alive connections: as fast as answers come, or so many a second."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from itertools import count, repeat

from lanling_local.ports import HOST


class Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str):
        self._reader, self._writer = reader, writer
        self._head = f"POST {path} HTTP/1.1\r\nhost: {HOST}\r\ncontent-type: application/json\r\n"
        self._head += "accept: application/json\r\n"

    @classmethod
    async def open(cls, port: int, path: str) -> Connection:
        return cls(*await asyncio.open_connection(HOST, port, limit=2**20), path)

    async def post(self, body: bytes, number: int = 0) -> bytes:
        """The body of the answer. Raises AssertionError for another status than 200.

        Requests of different numbers have different credentials: no gateway may answer them together.
        """
        token = f"authorization: Bearer {number}\r\n"
        self._writer.write(f"{self._head}{token}content-length: {len(body)}\r\n\r\n".encode() + body)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        assert head.startswith(b"http/1.1 200 "), head
        if b"content-length: " in head:
            length = int(head.split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
            return await self._reader.readexactly(length)
        parts = []
        while size := int(await self._reader.readuntil(b"\r\n"), 16):
            parts.append((await self._reader.readexactly(size + 2))[:-2])
        await self._reader.readexactly(2)
        return b"".join(parts)

    def close(self) -> None:
        self._writer.close()


@dataclass(frozen=True)
class Pace:
    """`seconds` of each request, sorted, and how long all took."""

    seconds: list[float]
    wall: float

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.wall

    def percentile(self, share: float) -> float:
        """Milliseconds."""
        return self.seconds[min(len(self.seconds) - 1, int(len(self.seconds) * share))] * 1000


async def storm(port: int, path: str, body: bytes, *, clients: int, seconds: float, alike: bool) -> Pace:
    """`clients` ask again as soon as they have an answer, all with the same credentials when `alike`."""
    begin = time.perf_counter()
    numbers = repeat(0) if alike else count(1)

    async def client() -> list[float]:
        connection = await Connection.open(port, path)
        taken = []
        while (started := time.perf_counter()) < begin + seconds:
            await connection.post(body, next(numbers))
            taken.append(time.perf_counter() - started)
        connection.close()
        return taken

    rows = await asyncio.gather(*(client() for _ in range(clients)))
    return Pace(sorted(one for row in rows for one in row), time.perf_counter() - begin)


async def steady(port: int, path: str, body: bytes, *, rate: float, seconds: float) -> Pace:
    """So many a second, evenly; a request's time counts from when it was due."""
    idle: list[Connection] = []
    taken: list[float] = []
    begin = time.perf_counter()

    async def ask(due: float) -> None:
        connection = idle.pop() if idle else await Connection.open(port, path)
        await connection.post(body)
        taken.append(time.perf_counter() - due)
        idle.append(connection)

    async with asyncio.TaskGroup() as group:
        for number in range(int(rate * seconds)):
            due = begin + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(ask(due))
    for connection in idle:
        connection.close()
    return Pace(sorted(taken), time.perf_counter() - begin)
