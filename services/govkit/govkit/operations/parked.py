"""What is parked, chosen and grouped for an operator."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from motor.motor_asyncio import AsyncIOMotorDatabase

from govkit.bus.failures import Reason
from govkit.operations.target import OperationError, WrongUsage

PARKED = "parked"

Row = dict[str, Any]
Database = AsyncIOMotorDatabase[Row]


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Parked rows that meet all that is given.

    `id` is the row's or the event's. `type` may leave out the common prefix and the version. `subject` is an
    aggregate's id, or `<source>|<id>`.
    """

    id: str | None = None
    reason: str | None = None
    type: str | None = None
    subject: str | None = None

    @property
    def given(self) -> Row:
        return {name: value for name, value in asdict(self).items() if value is not None}

    def query(self) -> Row:
        """Raises WrongUsage for a reason that does not exist."""
        conditions: list[Row] = []
        if self.id is not None:
            conditions.append({"$or": [{"_id": self.id}, {"event_id": self.id}]})
        if self.reason is not None:
            if self.reason not in Reason.__members__:
                raise WrongUsage(f"no reason {self.reason}; there are {', '.join(Reason.__members__)}")
            conditions.append({"reason": self.reason})
        if self.type is not None:
            conditions.append({"type": {"$regex": rf"^(cn\.lanling\.)?{re.escape(self.type)}(\.v[0-9]+)?$"}})
        if self.subject is not None:
            whole = "|" in self.subject
            conditions.append({"key": self.subject if whole else {"$regex": rf"\|{re.escape(self.subject)}$"}})
        return {"$and": conditions} if conditions else {}


@dataclass(frozen=True, kw_only=True)
class Group:
    """The chosen rows of one aggregate, or of one kind of records that are no events. `first` is without its body."""

    key: str | None
    rows: int
    sequences: tuple[int | None, int | None]
    first: Row

    def as_json(self) -> Row:
        return {
            "key": self.key,
            "rows": self.rows,
            "fromSequence": self.sequences[0],
            "toSequence": self.sequences[1],
            "id": self.first["_id"],
            "type": self.first["type"],
            "reason": self.first["reason"],
            "meaning": meaning(self.first["reason"]),
            "error": error_line(self.first),
            "at": self.first["at"].isoformat(),
        }


async def groups(database: Database, selection: Selection) -> list[Group]:
    """The selection by aggregate, those parked first in front; records that are no events by reason."""
    found = database[PARKED].aggregate(
        [
            {"$match": selection.query()},
            {"$sort": {"key": 1, "sequence": 1, "at": 1}},
            {"$unset": "body"},
            {
                "$group": {
                    "_id": {"key": "$key", "reason": {"$cond": [{"$eq": ["$key", None]}, "$reason", None]}},
                    "rows": {"$sum": 1},
                    "last": {"$max": "$sequence"},
                    "first": {"$first": "$$ROOT"},
                }
            },
            {"$sort": {"first.at": 1, "_id.key": 1}},
        ],
        allowDiskUse=True,
    )
    return [
        Group(
            key=group["_id"]["key"],
            rows=group["rows"],
            sequences=(group["first"]["sequence"], group["last"]),
            first=group["first"],
        )
        async for group in found
    ]


async def one(database: Database, id: str) -> Row:
    """The whole row. Raises OperationError when nothing of this id is parked."""
    row = await database[PARKED].find_one(Selection(id=id).query())
    if row is None:
        raise OperationError(f"nothing is parked under the id {id}")
    return row


def shown(row: Row) -> bytes:
    """A row as indented JSON, its body as what it is: JSON, text, or hexadecimal digits."""
    body = bytes(row["body"])
    described = {**row, "meaning": meaning(row["reason"])}
    # JSON nested deeper than can be written is shown as text.
    for read in (orjson.loads, bytes.decode):
        with suppress(ValueError, orjson.JSONEncodeError):
            return _indented(described | {"body": read(body)})
    return _indented(described | {"body": body.hex()})


def _indented(described: Row) -> bytes:
    return orjson.dumps(described, default=str, option=orjson.OPT_INDENT_2)


def meaning(reason: str) -> str:
    return Reason[reason].value if reason in Reason.__members__ else reason


def error_line(row: Row) -> str | None:
    """Type and message of the failure, in one line."""
    error = row.get("error")
    return f"{error['type'].rsplit('.', 1)[-1]}: {error['message']}" if error else None


def subjects(found: Sequence[Group]) -> list[str]:
    return [group.key for group in found if group.key is not None]
