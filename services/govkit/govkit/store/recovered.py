"""What a database that was restored from a backup has told the world before it was lost.

After a restore the service's own topic holds events that the database does not know. `recovered` has a row of each:
`{_id: event id, subject, sequence, type, cause, digest, again, at}`; they stand in the outbox, too, as published. Two
rules keep subscribers right, who drop what they have seen by (subject, sequence):

    numbering     a subject's next event comes behind all that were published of it, also when its record is made anew
    the same      an event that says again what was published, for the same cause, is not published a second time; the
                  row is marked `again`. What is never marked came from commands, which nobody can do again

The rows go when published ones leave the outbox.
"""

from hashlib import sha256
from typing import Any

import orjson
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ASCENDING, IndexModel, UpdateOne

RECOVERED = "recovered"
KEPT_SECONDS = 30 * 24 * 3600
INDEXES = [IndexModel("at", expireAfterSeconds=KEPT_SECONDS), IndexModel([("again", ASCENDING), ("type", ASCENDING)])]

Row = dict[str, Any]
Said = tuple[str, str, str, str]
"""Cause, subject, type, digest of the data."""


class Recovered:
    """In memory, because a commit is built without asking the database; empty for a database that was never lost."""

    def __init__(self) -> None:
        self._ids: dict[Said, str] = {}
        self._last: dict[str, int] = {}

    @classmethod
    async def load(cls, database: "AsyncIOMotorDatabase[Row]") -> "Recovered":
        found = cls()
        async for row in database[RECOVERED].find({}):
            found.add(row)
        return found

    def add(self, row: Row) -> None:
        subject = row["subject"]
        self._ids[row["cause"], subject, row["type"], row["digest"]] = row["_id"]
        self._last[subject] = max(row["sequence"], self._last.get(subject, 0))

    def __bool__(self) -> bool:
        return bool(self._ids)

    def last(self, subject: str) -> int:
        """The highest sequence that was published of a subject and lost; 0 for almost all."""
        return self._last.get(subject, 0)

    def said(self, cause: str, subject: str, type: str, data: Row) -> str | None:
        """The id of the event that says this already."""
        return self._ids.get((cause, subject, type, digest(data))) if subject in self._last else None


def digest(data: Row) -> str:
    return sha256(orjson.dumps(data, option=orjson.OPT_SORT_KEYS)).hexdigest()


def said_again(id: str) -> tuple[str, Any]:
    """The write that notes it, in the commit of what said it."""
    return RECOVERED, UpdateOne({"_id": id}, {"$set": {"again": True}})
