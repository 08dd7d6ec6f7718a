"""What a collection holds, in one line: its number of rows and a hash over all of them, sorted by id."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson
from motor.motor_asyncio import AsyncIOMotorClientSession, AsyncIOMotorCollection

HASH_DIGITS = 16


@dataclass(frozen=True)
class Fingerprint:
    rows: int
    hash: str


async def fingerprint(
    collection: "AsyncIOMotorCollection[dict[str, Any]]", session: AsyncIOMotorClientSession | None = None
) -> Fingerprint:
    """Independent of the order in which rows and their fields were written."""
    digest = sha256()
    rows = 0
    async for row in collection.find({}, sort=[("_id", 1)], batch_size=5_000, session=session):
        rows += 1
        digest.update(orjson.dumps(row, default=str, option=orjson.OPT_SORT_KEYS))
        digest.update(b"\n")
    return Fingerprint(rows, digest.hexdigest()[:HASH_DIGITS])
