"""GraphQL over kept-alive connections, cheap enough not to be what is measured."""

import asyncio
import time
from collections.abc import Callable

import orjson

from lanling_local.ports import HOST

IDLE_SECONDS = 3.0  # servers close connections that were idle for 5 s


class Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str):
        self._reader, self._writer = reader, writer
        self._head = "POST /graphql HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n"
        self._head += f"authorization: Bearer {token}\r\n"

    @classmethod
    async def open(cls, port: int, token: str) -> "Connection":
        return cls(*await asyncio.open_connection(HOST, port), token)

    async def post(self, body: bytes) -> bytes:
        """The body of the answer. Raises AssertionError for another status than 200."""
        self._writer.write(f"{self._head}content-length: {len(body)}\r\n\r\n".encode() + body)
        head = await self._reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        length = int(head.lower().split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
        return await self._reader.readexactly(length)

    def close(self) -> None:
        self._writer.close()


async def storm(
    port: int, token: str, bodies: Callable[[int], bytes], *, clients: int, seconds: float, limit: int
) -> int:
    """`clients` ask as fast as they get answers; returns how many answers came, each without errors."""
    deadline = time.monotonic() + seconds
    numbers = iter(range(limit))

    async def client() -> int:
        connection = await Connection.open(port, token)
        answered = 0
        for number in numbers:
            check(await connection.post(bodies(number)))
            answered += 1
            if time.monotonic() > deadline:
                break
        connection.close()
        return answered

    return sum(await asyncio.gather(*(client() for _ in range(clients))))


async def drizzle(port: int, token: str, bodies: Callable[[int], bytes], *, rate: float, seconds: float) -> int:
    """So many requests a second, evenly, whether answers come or not; returns how many were sent."""
    idle: list[tuple[float, Connection]] = []
    running: set[asyncio.Task[None]] = set()

    async def ask(number: int) -> None:
        since, connection = idle.pop() if idle else (0.0, None)
        if connection is None or time.monotonic() - since > IDLE_SECONDS:
            connection = await Connection.open(port, token)
        check(await connection.post(bodies(number)))
        idle.append((time.monotonic(), connection))

    begin = time.monotonic()
    count = int(rate * seconds)
    for number in range(count):
        await asyncio.sleep(begin + number / rate - time.monotonic())
        task = asyncio.create_task(ask(number))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    for _, connection in idle:
        connection.close()
    return count


def check(answer: bytes) -> None:
    parsed = orjson.loads(answer)
    assert "errors" not in parsed, parsed["errors"]
