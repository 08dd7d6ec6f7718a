"""A head goes with its body, or alone as soon as nothing follows at once."""

from __future__ import annotations

import asyncio

import pytest

from gateway.serving.one_write import OneWrite


class Recorder(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[object] = []
        self.left = 0

    def write(self, data: object) -> None:
        self.seen.append(data)

    def writelines(self, list_of_data: object) -> None:
        self.seen.append(list_of_data)

    def close(self) -> None:
        self.seen.append("closed")

    def abort(self) -> None:
        self.seen.append("aborted")

    def get_write_buffer_size(self) -> int:
        return self.left


HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


async def test_a_head_waits_for_its_body_and_no_longer_than_a_turn_of_the_loop() -> None:
    recorder = Recorder()
    transport = OneWrite(recorder, asyncio.get_running_loop())
    transport.write(HEAD)
    transport.write(b"body")
    transport.write(b"more")
    transport.write(HEAD)
    assert recorder.seen == [(HEAD, b"body"), b"more"]
    await asyncio.sleep(0)
    assert recorder.seen[2:] == [HEAD]
    transport.write(b"late")
    assert recorder.seen[3:] == [b"late"]


async def test_nothing_is_lost_when_the_connection_closes() -> None:
    recorder = Recorder()
    transport = OneWrite(recorder, asyncio.get_running_loop())
    transport.write(HEAD)
    transport.close()
    await asyncio.sleep(0)
    assert recorder.seen == [HEAD, "closed"]


@pytest.mark.parametrize(("left", "end"), [(0, []), (1, ["aborted"])])
async def test_who_does_not_take_the_rest_is_cut_off(
    left: int, end: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.serving.one_write.LINGER_SECONDS", 0.01)
    recorder = Recorder()
    recorder.left = left
    OneWrite(recorder, asyncio.get_running_loop()).close()
    await asyncio.sleep(0.05)
    assert recorder.seen == ["closed", *end]
