"""`python -m bench.commit_forms`: what other forms of the commit would cost, for docs/adr/0010. One line a form.

Each commit writes what a command writes: one new aggregate, its event, audit row and receipt, some 1.8 kB. 48 at a
time, as fast as they go; CPU time of this process (driver and event loop) and of mongod for each commit.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import InsertOne
from pymongo.write_concern import WriteConcern

from bench.processes import cpu_seconds
from govkit.bus.outbox import INDEXES
from govkit.store.commits import Commit, Commits
from govkit.testing.bus import make_envelope, outbox_row
from lanling_local.stack import Infrastructure, infrastructure

COMMITS = 3_000
CLIENTS = 48
MAJORITY = WriteConcern(w="majority")
Row = dict[str, Any]
Rows = dict[str, Row]


def rows_of_a_command() -> Rows:
    id, now = str(uuid4()), datetime.now(UTC)
    audit = {"_id": str(uuid4()), "at": now, "actor_id": "a", "aggregate_id": id, "version": 1, "changes": ["x" * 300]}
    return {
        "aggregates": {"_id": id, "version": 1, "sequence": 1, "name": "x" * 400, "created_at": now},
        "outbox": outbox_row(make_envelope(id, 1, text="x" * 200)),
        "audit": audit,
        "receipts": {"_id": uuid4().hex * 2, "digest": uuid4().hex * 2, "result_id": id, "at": now},
    }


class Forms:
    def __init__(self, client: "AsyncIOMotorClient[Row]"):
        self.client = client
        self.database = client.get_database("forms", write_concern=MAJORITY)
        self.commits = Commits(self.database, RuntimeError)

    async def transaction_each(self, rows: Rows, concern: WriteConcern = MAJORITY) -> None:
        async with await self.client.start_session() as session, session.start_transaction(write_concern=concern):
            for name, row in rows.items():
                await self.database[name].insert_one(row, session=session)

    async def transaction_each_unsafe(self, rows: Rows) -> None:
        """For comparison only: acknowledged before it is in the journal."""
        await self.transaction_each(rows, WriteConcern(w=1, j=False))

    async def transaction_each_in_one_thread(self, rows: Rows) -> None:
        """The calls of one transaction in one turn of a thread, in the place of one turn each."""

        def transact() -> None:
            client = self.client.delegate
            with client.start_session() as session, session.start_transaction(write_concern=MAJORITY):
                for name, row in rows.items():
                    client["forms"][name].insert_one(row, session=session)

        await asyncio.get_running_loop().run_in_executor(None, transact)

    async def one_document(self, rows: Rows) -> None:
        """An aggregate that carries its pending events, its audit rows and receipts; for one aggregate only."""
        document = rows["aggregates"] | {"pending": [rows["outbox"]], "audit": [rows["audit"]]}
        await self.database["whole"].insert_one(document | {"receipts": [rows["receipts"]]})

    async def shared_transaction(self, rows: Rows) -> None:
        """`govkit.store.commits`, as services commit."""
        insert = [("aggregates", _insert(rows["aggregates"]))]
        await self.commits.commit(
            Commit(outbox=[rows["outbox"]], audit=[rows["audit"]], receipt=rows["receipts"], projections=insert)
        )


def _insert(row: Row) -> Any:
    return InsertOne(row)


async def measure(name: str, form: Callable[[Rows], Awaitable[None]], mongod: int) -> None:
    numbers = iter(range(COMMITS))

    async def client() -> None:
        for _ in numbers:
            await form(rows_of_a_command())

    cpu, database, begin = time.process_time(), cpu_seconds(mongod), time.monotonic()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    wall = COMMITS / (time.monotonic() - begin)
    own, served = (1000 * seconds / COMMITS for seconds in (time.process_time() - cpu, cpu_seconds(mongod) - database))
    print(f"form {name} per_second {wall:.0f} own_cpu_ms {own:.2f} mongod_cpu_ms {served:.2f}", flush=True)


async def run(infra: Infrastructure) -> None:
    (mongod,) = (child.process.pid for child in infra.children if child.name == "mongodb")
    client: AsyncIOMotorClient[Row] = AsyncIOMotorClient(infra.mongodb_uri, tz_aware=True)
    forms = Forms(client)
    await forms.database.create_collection("aggregates")
    await forms.database["outbox"].create_indexes(INDEXES)
    await forms.database["audit"].create_index([("aggregate_id", 1), ("at", 1)])
    await forms.database["receipts"].create_index("at")
    await forms.database["whole"].create_index("receipts._id")
    await forms.database["whole"].create_index("pending.published")
    for form in (
        forms.transaction_each,
        forms.transaction_each_unsafe,
        forms.transaction_each_in_one_thread,
        forms.one_document,
        forms.shared_transaction,
    ):
        await measure(form.__name__, form, mongod)
    client.close()


def main() -> None:
    with TemporaryDirectory(prefix="lanling-bench-") as directory, infrastructure(Path(directory)) as infra:
        asyncio.run(run(infra))


if __name__ == "__main__":
    main()
