"""The metrics of all workers, told by whichever is asked.

Each worker tells its own over a Unix socket in a folder that the workers share; who is asked over HTTP asks the others
and gives every series a label `worker`. So counters stay those of one process, as Prometheus wants them: it sums, and
sees which worker began anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

ASK_SECONDS = 2.0


class Siblings:
    """Worker `number` of `count`, whose sockets are in `folder`."""

    def __init__(self, folder: Path, number: int, count: int):
        self._folder = folder
        self._number = number
        self._count = count
        self._server: asyncio.Server | None = None

    async def start(self, tell: Callable[[], bytes]) -> None:
        """From now on the others are told what `tell` says."""

        async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(tell())
            writer.close()

        self._socket(self._number).unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(answer, str(self._socket(self._number)))

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def text(self, own: bytes) -> bytes:
        """The metrics of all workers that answer; `own` are those of this one."""
        others = [one for one in range(self._count) if one != self._number]
        texts = dict(zip(others, await asyncio.gather(*map(self._ask, others)), strict=True))
        return merged({self._number: own, **texts})

    async def _ask(self, number: int) -> bytes:
        try:
            async with asyncio.timeout(ASK_SECONDS):
                reader, writer = await asyncio.open_unix_connection(str(self._socket(number)))
                text = await reader.read()
                writer.close()
                return text
        except (OSError, TimeoutError):
            return b""  # begins or ends just now

    def _socket(self, number: int) -> Path:
        return self._folder / f"{number}.sock"


def merged(texts: dict[int, bytes]) -> bytes:
    """Prometheus texts as one, each series with the label `worker`."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Merged(texts))
    return generate_latest(registry)


class _Merged(Collector):
    def __init__(self, texts: dict[int, bytes]):
        self._texts = texts

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for worker, text in sorted(self._texts.items()):
            for one in _families(text):
                known = families.setdefault(one.name, Metric(one.name, one.documentation, one.type))
                for sample in one.samples:
                    known.add_sample(sample.name, {**sample.labels, "worker": str(worker)}, sample.value)
        yield from families.values()


def _families(text: bytes) -> Iterable[Metric]:
    families: Iterable[Metric] = text_string_to_metric_families(text.decode())
    return families
