"""The subgraph client against servers that behave oddly, byte by byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from gateway.errors import SubgraphError
from gateway.transport import SubgraphClient

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


@asynccontextmanager
async def serving(handler: Handler, **options: float) -> AsyncIterator[SubgraphClient]:
    writers: list[asyncio.StreamWriter] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        try:
            await handler(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = SubgraphClient("test", f"http://127.0.0.1:{port}/graphql?x=1", **options)  # type: ignore[arg-type]
    try:
        yield client
    finally:
        client.close()
        server.close()
        for writer in writers:
            writer.close()
        await server.wait_closed()


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    return head + await reader.readexactly(length)


def answering(*answers: bytes) -> Handler:
    """A server whose every connection gives these answers one after the other, then closes."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await read_request(reader)
            for start in range(0, len(answer), 7):  # in small pieces
                writer.write(answer[start : start + 7])
                await writer.drain()

    return handler


async def test_the_request_as_sent() -> None:
    seen: list[bytes] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_request(reader))
        writer.write(OK)

    async with serving(handler) as client:
        response = await client.post(b'{"query":"{a}"}', [(b"authorization", b"Bearer x")], is_safe=True)
    assert (response.status, response.body) == (200, b"{}")
    lines = seen[0].split(b"\r\n")
    assert lines[0] == b"POST /graphql?x=1 HTTP/1.1"
    assert b"authorization: Bearer x" in lines
    assert b"content-type: application/json" in lines
    assert b"accept-encoding: identity" in lines
    assert lines[-1] == b'{"query":"{a}"}'


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (b'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n', b'{"a":1}'),
        (b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}", b"{}"),
        (b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}", b"{}"),  # ends with the connection
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, b"{}"),
        (b"HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\n\r\nnope", b"nope"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    ],
)
async def test_framings(answer: bytes, body: bytes) -> None:
    async with serving(answering(answer)) as client:
        response = await client.post(b"{}", [], is_safe=True)
    assert response.body == body


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}",
        b"not http at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n",
        b"",
    ],
)
async def test_broken_answers(answer: bytes) -> None:
    async with serving(answering(answer), retries=0) as client:
        with pytest.raises(SubgraphError):
            await client.post(b"{}", [], is_safe=True)


async def test_connections_are_used_again_and_renewed() -> None:
    connections = 0

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        for _ in range(2):
            await read_request(reader)
            writer.write(OK)

    async with serving(handler, retries=0) as client:
        for _ in range(6):
            response = await client.post(b"{}", [], is_safe=True)
            assert response.status == 200
    assert connections == 3


async def test_a_mutation_whose_connection_dies_is_not_sent_again() -> None:
    requests = 0

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        await read_request(reader)
        requests += 1
        writer.write(OK)
        await read_request(reader)
        requests += 1

    async with serving(handler) as client:
        await client.post(b"{}", [], is_safe=False)
        with pytest.raises(SubgraphError):
            await client.post(b"{}", [], is_safe=False)
    assert requests == 2


async def test_too_large_and_too_slow() -> None:
    large = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n" + b"x" * 1000
    async with serving(answering(large), max_response_size=100, retries=0) as client:
        with pytest.raises(SubgraphError, match="larger than 100"):
            await client.post(b"{}", [], is_safe=True)

    async def never(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(never, timeout=1.0) as client:
        with pytest.raises(SubgraphError, match="no answer within"):
            await client.post(b"{}", [], is_safe=True)


async def test_nobody_listens() -> None:
    client = SubgraphClient("gone", "http://127.0.0.1:9/graphql", retries=0)
    with pytest.raises(SubgraphError, match="cannot connect"):
        await client.post(b"{}", [], is_safe=True)


@pytest.mark.parametrize("url", ["", "ftp://x/", "/graphql"])
def test_unusable_urls(url: str) -> None:
    with pytest.raises(SubgraphError, match="no usable URL"):
        SubgraphClient("x", url)


async def test_bounded_connections() -> None:
    now = most = 0

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal now, most
        while True:
            await read_request(reader)
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.01)
            now -= 1
            writer.write(OK)

    async with serving(handler, max_connections=3) as client:
        await asyncio.gather(*(client.post(b"{}", [], is_safe=True) for _ in range(12)))
    assert most == 3


@pytest.mark.parametrize(
    "pair",
    [
        (b"authorization", b"Bearer x\r\nx-injected: yes"),
        (b"authorization", b"Bearer x\nx-injected: yes"),
        (b"authorization", b"Bearer\0x"),
        (b"x-request-id", b"\x1b[31m"),
        (b"x-a: b\r\nx-c", b"d"),
        (b"x a", b"d"),
        (b"", b"d"),
    ],
)
async def test_no_field_becomes_a_line_of_its_own(pair: tuple[bytes, bytes]) -> None:
    seen: list[bytes] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_request(reader))
        writer.write(OK)

    async with serving(handler) as client:
        with pytest.raises(SubgraphError, match="header field"):
            await client.post(b"{}", [pair], is_safe=True)
        assert (await client.post(b"{}", [(b"authorization", b"Bearer \xc3\xa4\tx")], is_safe=True)).body == b"{}"
    assert len(seen) == 1


@pytest.mark.parametrize("url", ["http://x/\r\nx-injected: yes", "http://x/a b", "http://x/\0"])
def test_no_url_becomes_a_line_of_its_own(url: str) -> None:
    with pytest.raises(SubgraphError, match="no usable URL"):
        SubgraphClient("x", url)


STOLEN = b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nstolen"


@pytest.mark.parametrize(
    ("together", "surplus"),
    [
        (True, STOLEN),
        (True, b"junk"),
        (True, b"HTTP/1.1 5"),
        (False, STOLEN),
        (False, b"HTTP/1.1 1"),
    ],
)
async def test_a_connection_that_says_more_than_it_was_asked_is_not_used_again(together: bool, surplus: bytes) -> None:
    connections = 0

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await read_request(reader)
        writer.write(OK + surplus if together else OK)
        if not together:
            await asyncio.sleep(0.05)
            writer.write(surplus)
        await reader.read()

    async with serving(handler, retries=0) as client:
        for _ in range(3):
            response = await client.post(b"{}", [], is_safe=True)
            assert (response.status, response.body) == (200, b"{}")
            await asyncio.sleep(0.1)
    assert connections == 3


async def test_an_answer_in_another_protocol_is_none() -> None:
    async with serving(
        answering(b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"), retries=0
    ) as client:
        with pytest.raises(SubgraphError, match=r"not an HTTP answer|connection lost"):
            await client.post(b"{}", [], is_safe=True)
