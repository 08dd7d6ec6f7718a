"""The real command line as a process of its own, killed in the middle and given again."""

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from govkit.seeding import Seeder
from govkit.testing.bus import until

from ..library.domain import Branch
from .conftest import Desk

PROGRAM = """
import asyncio, os
from govkit.operations import snapshot
from govkit.runtime.cli import run_cli
from govkit.store.store import Store
from tests.library.service import SERVICE

commit = Store.commit

async def slowly(self, work):
    await asyncio.sleep(float(os.environ["PAUSE"]))
    await commit(self, work)

Store.commit = slowly
snapshot.BATCH = 5
run_cli(SERVICE)
"""
ROOT = Path(__file__).parents[2]
RECORDS = 600


async def start(desk: Desk, *arguments: str, pause: float = 0) -> asyncio.subprocess.Process:
    environment = os.environ | desk.environment | {"PAUSE": str(pause)}
    program = [sys.executable, "-W", "error", "-c", PROGRAM, "events", *arguments]
    return await asyncio.create_subprocess_exec(
        *program, cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )


async def test_a_killed_snapshot_goes_on_and_tells_each_record_once(desk: Desk) -> None:
    seeder = Seeder(desk.target.store, desk.target.source, datetime(2026, 3, 1, tzinfo=UTC))
    await seeder.load("branches", (Branch(id=f"b{n:05}", code=f"B{n:05}", name="分馆") for n in range(RECORDS)))
    process = await start(desk, "snapshot", "Branch", "--apply", "--by", "officer", pause=0.2)

    async def begun() -> bool:
        assert process.returncode is None, "it was done before it was killed"
        return await desk.database["operations"].find_one({"counts.events": {"$gt": 10}}) is not None

    await until(begun)
    process.kill()
    await process.communicate()
    (run,) = await desk.rows("operations")
    told = await desk.database["outbox"].count_documents({})
    assert run["state"] == "RUNNING"
    assert 10 < told < RECORDS

    again = await start(desk, "snapshot", "Branch", "--apply", "--by", "officer", "--run", run["_id"])
    said, complaints = await again.communicate()
    assert again.returncode == 0, complaints
    assert all(line.startswith(b"records: ") for line in complaints.splitlines())
    assert said.decode().splitlines()[-1] == f"{RECORDS} snapshots committed"
    assert await desk.database["outbox"].count_documents({}) == RECORDS
    assert {row["sequence"] for row in await desk.rows("branch")} == {1}
    (run,) = await desk.rows("operations")
    assert (run["state"], run["counts"]) == ("DONE", {"events": RECORDS})


async def test_a_wrong_configuration_is_one_line(desk: Desk) -> None:
    desk.settings = desk.settings.model_copy(update={"mongodb_database": "no name"})
    process = await start(desk, "status")
    said, complaints = await process.communicate()
    assert (process.returncode, said) == (2, b"")
    assert complaints.decode().startswith("configuration: MONGODB_DATABASE has a wrong value")
