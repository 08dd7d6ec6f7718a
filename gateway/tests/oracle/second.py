"""``python -m tests.oracle.second --peer hive --cases C`` in gateway/: a second opinion on the cases of the oracle.

Another router answers them, too, over HTTP to the same subgraphs. It judges the oracle more than the gateway: where the
router agrees with the monolith, the case is beyond dispute; where gateway and router agree against the monolith, the
monolith is suspect; where only the router differs, it has a bug or a feature less, and a line says so. Only a gateway
that differs makes this fail.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections import Counter
from types import TracebackType
from typing import Any, Self

import httpx

from interop.peer import NAMES, Peer, PeerError
from interop.supergraph import with_urls

from ..federation import Federation
from .case import Case, Oracle
from .compare import difference
from .composer import Composer

MAX_SAFE_INTEGER = 2**53 - 1
KINDS = {"at [": "data", "the order": "order", "nulls by": "errors", "refused": "refused", "supergraph": "refused"}


class SecondOpinion:
    """Use as an asynchronous context manager; `name` is one of `interop.peer.NAMES`."""

    def __init__(self, name: str, composer: Composer):
        self._peer = Peer(name)
        self._composer = composer
        self._federation: Federation | None = None
        self._refusal: str | None = None

    async def __aenter__(self) -> Self:
        self._peer.__enter__()
        self._client = httpx.AsyncClient(timeout=60)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._leave()
        await self._client.aclose()
        self._peer.__exit__(kind, error, at)

    async def verdict(self, case: Case, federation: Federation) -> str | None:
        """None when the router and the monolith agree; otherwise what differs."""
        if federation is not self._federation:
            await self._enter(case, federation)
        if self._refusal is not None:
            return self._refusal
        try:
            answer = await self._ask(case)
        except httpx.TransportError:
            await self._restart()
            return "refused: the router has died of it"
        for one in federation.subgraphs.values():
            one.failures.clear()
        return difference(_as_javascript(answer), _as_javascript(federation.expect(case.text, case.variables)))

    async def _ask(self, case: Case) -> dict[str, Any]:
        body = {"query": case.text, "variables": case.variables}
        response = await self._client.post(self._peer.url, json=body, headers={"accept": "application/json"})
        return dict(response.json())

    async def _enter(self, case: Case, federation: Federation) -> None:
        await self._leave()
        self._federation = federation
        self._refusal = None
        subgraphs = federation.subgraphs
        await asyncio.gather(*(one.start() for one in subgraphs.values()))
        supergraph = with_urls(self._composer.compose(case.sources), lambda name: subgraphs[name].url)
        try:
            self._peer.serve(supergraph)
        except PeerError as error:
            self._refusal = f"supergraph refused: {error}"

    async def _leave(self) -> None:
        if self._federation is not None:
            await asyncio.gather(*(one.stop() for one in self._federation.subgraphs.values()))
            self._federation = None

    async def _restart(self) -> None:
        await self._leave()
        self._peer.__exit__(None, None, None)
        self._peer.__enter__()


def _as_javascript(value: Any) -> Any:
    """The value with the numbers that JavaScript's JSON makes of integers beyond 2^53."""
    if isinstance(value, dict):
        return {key: _as_javascript(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_as_javascript(one) for one in value]
    return float(value) if isinstance(value, int) and abs(value) > MAX_SAFE_INTEGER else value


async def main(arguments: argparse.Namespace) -> int:
    logging.disable()  # an operation that breaks a subgraph's schema is the router's bug, and counted
    counts: Counter[str] = Counter()
    seed = arguments.seed
    with Composer() as composer:
        oracle = Oracle(composer)
        async with SecondOpinion(arguments.peer, composer) as second:
            while counts["cases"] < arguments.cases:
                for case in oracle.cases(seed):
                    counts["cases"] += 1
                    federation = oracle.federation(case)
                    assert federation is not None
                    ours, theirs = await oracle.verdict(case), await second.verdict(case, federation)
                    counts["gateway"] += ours is not None
                    if theirs is not None:
                        counts[next(kind for start, kind in KINDS.items() if theirs.startswith(start))] += 1
                    if ours is not None or theirs is not None:
                        print(f"seed {seed}: gateway {ours or 'agrees'}; {arguments.peer} {theirs or 'agrees'}"[:400])
                seed += 1
    told = ", ".join(f"{counts[kind]} {kind}" for kind in dict.fromkeys(KINDS.values()))
    print(
        f"{counts['cases']} cases, seeds {arguments.seed} to {seed - 1}: {counts['gateway']} of the gateway's answers"
    )
    print(f"are not the monolith's; of {arguments.peer} differ: {told}")
    return 1 if counts["gateway"] else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.oracle.second")
    parser.add_argument("--peer", choices=NAMES, default=NAMES[0])
    parser.add_argument("--seed", type=int, default=1, help="of the first federation")
    parser.add_argument("--cases", type=int, default=200)
    sys.exit(asyncio.run(main(parser.parse_args())))
