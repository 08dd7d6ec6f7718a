"""A service's process that notes when what happened: `python -m bench.served PACKAGE FILE`.

On SIGUSR1 it writes to FILE, as JSON, `committed` and `applied`: event id → time of its commit's return, or of its
effect's, in seconds of `time.time()`. With BENCH_PROFILE set, SIGUSR1 also writes FILE.profile (for `pstats`).
"""

import cProfile
import importlib
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from govkit.bus.envelope import Envelope
from govkit.bus.inbox import Inbox
from govkit.store.commits import Commit
from govkit.store.store import Store

committed: dict[str, float] = {}
applied: dict[str, float] = {}


def note_commits() -> None:
    commit = Store.commit

    async def noted(self: Store, work: Commit) -> None:
        await commit(self, work)
        now = time.time()
        committed.update((row["_id"], now) for row in work.outbox)

    Store.commit = noted  # type: ignore[method-assign]


def note_effects() -> None:
    apply = Inbox.apply

    async def noted(self: Inbox, envelopes: Sequence[Envelope]) -> Any:
        result = await apply(self, envelopes)
        now = time.time()
        applied.update((envelope.id, now) for envelope in envelopes)
        return result

    Inbox.apply = noted  # type: ignore[method-assign]


def main() -> None:
    package, file = sys.argv[1:]
    profile = cProfile.Profile() if os.environ.get("BENCH_PROFILE") else None

    def write(_signum: int, _frame: object) -> None:
        if profile:
            profile.dump_stats(f"{file}.profile")
        Path(file).write_bytes(orjson.dumps({"committed": committed, "applied": applied}))

    note_commits()
    note_effects()
    signal.signal(signal.SIGUSR1, write)
    service = importlib.import_module(f"{package}.service").SERVICE
    if profile:
        profile.enable()
    service.serve(migrate=True)


if __name__ == "__main__":
    main()
