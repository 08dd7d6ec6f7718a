"""The command `migrate` and the refusals of `serve`, as processes of their own."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from govkit.testing.bus import until

from .conftest import Desk

PROGRAM = """
import asyncio, os
from dataclasses import replace
from govkit.runtime.cli import run_cli
from govkit.store.migrations import Kind, Migration, each_row
from tests.library.service import SERVICE

rows = each_row("branch", lambda row: {"$set": {"floor": 1}, "$inc": {"times": 1}}, size=5)

async def slowly(database, place):
    await asyncio.sleep(float(os.environ["PAUSE"]))
    return await rows(database, place)

STEPS = [
    Migration(name="0001-floors", kind=Kind.EXPAND, does="writes a floor into every branch", batch=slowly),
    Migration(name="0002-no-shelf", kind=Kind.CONTRACT, does="takes shelf numbers away", batch=slowly),
]
run_cli(replace(SERVICE, migrations=STEPS[:int(os.environ["STEPS"])]))
"""
ROOT = Path(__file__).parents[2]
ROWS = 60


async def start(desk: Desk, *arguments: str, steps: int = 2, pause: float = 0) -> asyncio.subprocess.Process:
    environment = os.environ | desk.environment | {"STEPS": str(steps), "PAUSE": str(pause)}
    program = [sys.executable, "-W", "error", "-c", PROGRAM, *arguments]
    return await asyncio.create_subprocess_exec(
        *program, cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )


async def run(desk: Desk, *arguments: str, steps: int = 2) -> tuple[int | None, list[str], list[str]]:
    """Exit code, lines of stdout and of stderr."""
    process = await start(desk, *arguments, steps=steps)
    said, complaints = await process.communicate()
    return process.returncode, said.decode().splitlines(), complaints.decode().splitlines()


@pytest_asyncio.fixture
async def furnished(desk: Desk) -> AsyncIterator[Desk]:
    rows: list[dict[str, Any]] = [{"_id": f"b{n:03}", "code": str(n), "times": 0} for n in range(ROWS)]
    await desk.database["branch"].insert_many(rows)
    yield desk


async def test_plan_kill_and_go_on(furnished: Desk) -> None:
    database = furnished.database
    code, said, _ = await run(furnished, "migrate")
    assert (code, said) == (
        0,
        [
            "would apply 0001-floors (expand): writes a floor into every branch",
            "left for --contract: 0002-no-shelf (contract): takes shelf numbers away",
            "dry run: nothing was changed; --apply does it",
        ],
    )
    killed = await start(furnished, "migrate", "--apply", pause=0.5)

    async def begun() -> bool:
        assert killed.returncode is None, "it was done before it was killed"
        return await database["migrations"].find_one({"batches": {"$gte": 3}}) is not None

    await until(begun)
    killed.kill()
    await killed.communicate()
    row = await database["migrations"].find_one({"_id": "0001-floors"})
    assert row["state"] == "RUNNING"
    assert 3 <= row["batches"] < ROWS / 5

    # Its lease has to run out first.
    code, said, complaints = await run(furnished, "migrate", "--apply", "--by", "officer")
    assert (code, complaints) == (0, [])
    assert said[-3:] == [
        "0001-floors: done",
        f"{database.name} fits this version",
        "left for --contract: 0002-no-shelf",
    ]
    times = [row["times"] for row in await furnished.rows("branch")]
    # Only the batch under way was done again.
    assert min(times) == 1
    assert sum(times) - ROWS <= 5
    assert await database["branch"].count_documents({"floor": 1}) == ROWS


async def test_what_may_serve(furnished: Desk) -> None:
    name = furnished.database.name
    missing = f"{name} is not migrated to this version: 1 steps and 0 indexes are missing; run `migrate --apply` first"
    checks: list[Any] = list(await asyncio.gather(run(furnished, "migrate", "--check"), run(furnished, "serve")))
    assert checks[0] == (4, [], [f"migrate: {missing}"])
    assert (checks[1][0], checks[1][2][-1]) == (4, f"library: {missing}")

    assert (await run(furnished, "migrate", "--apply", "--contract"))[0] == 0
    newer = f"{name} is newer than this version: it does not know 0002-no-shelf"
    others = await asyncio.gather(
        run(furnished, "migrate", "--check"),
        run(furnished, "migrate", "--check", steps=1),
        run(furnished, "migrate", "--apply", steps=1),
        run(furnished, "serve", steps=1),
    )
    assert others[0] == (0, [f"{name} fits this version"], [])
    assert others[1] == others[2] == (5, [], [f"migrate: {newer}"])
    assert (others[3][0], others[3][2][-1]) == (5, f"library: {newer}")
