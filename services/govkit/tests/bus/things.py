"""The made-up service of things: what its events do here, and how tests of the consumer see it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import UpdateOne

from govkit.bus.inbox import EventContext, consumes
from govkit.domain.fields import Doc
from govkit.testing.bus import PATIENCE_SECONDS, until

Database = AsyncIOMotorDatabase[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class ThingSeen:
    thing_id: Annotated[str, Doc("物 Thing")]
    sequence: Annotated[int, Doc("序号 Sequence")]
    poison: Annotated[bool, Doc("有毒 Whether its effect fails")] = False


@consumes("thing.changed")
async def note_thing(context: EventContext, event: ThingSeen) -> None:
    if event.poison:
        raise RuntimeError("this event cannot be applied")
    push = UpdateOne({"_id": event.thing_id}, {"$push": {"seen": event.sequence}}, upsert=True)
    context.work.note(("things", push))


async def seen(database: Database) -> dict[str, list[int]]:
    return {row["_id"]: row["seen"] async for row in database["things"].find()}


async def until_seen(database: Database, expected: dict[str, list[int]], seconds: float = PATIENCE_SECONDS) -> None:
    async def complete() -> bool:
        return sum(map(len, (await seen(database)).values())) >= sum(map(len, expected.values()))

    await until(complete, seconds)
    assert await seen(database) == expected


async def until_parked(database: Database, *reasons: str, seconds: float = PATIENCE_SECONDS) -> list[dict[str, Any]]:
    """The parked rows by id, once there are as many; fails unless these are their reasons."""

    async def parked() -> bool:
        return await database["parked"].count_documents({}) >= len(reasons)

    await until(parked, seconds)
    rows = [row async for row in database["parked"].find({}, sort=[("_id", 1)])]
    assert [row["reason"] for row in rows] == list(reasons)
    return rows


async def skip(database: Database, key: str, sequence: int) -> None:
    """What `events skip` writes: all events of the subject up to this one count as seen."""
    moved = {"sequence": sequence, "at": datetime.now(UTC)}
    await database["inbox"].update_one({"_id": key}, {"$set": moved}, upsert=True)


def drained(database: Database) -> Callable[[], Awaitable[bool]]:
    async def condition() -> bool:
        return await database["outbox"].count_documents({"published": False}) == 0

    return condition
