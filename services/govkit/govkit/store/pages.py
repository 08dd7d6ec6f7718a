"""Pages of a list by key, never by offset: stable while records come and go (Relay cursor connections).

A cursor is the sort values of a record and its id, under a mark of the list and order that it was made for. Nulls sort
first when ascending, last when descending (MongoDB).
"""

import base64
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from govkit.domain.errors import Gen
from govkit.store.codec import Document
from govkit.store.conditions import Query

DEFAULT_PAGE = 20
LARGEST_PAGE = 100
Sort = Sequence[tuple[str, int]]
"""Stored field name and direction (1 or -1), without the id, which always comes last."""


@dataclass(frozen=True, kw_only=True)
class PageRequest:
    """Relay arguments. Exactly one direction: `first`/`after` forward (the default), `last`/`before` backward."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    def __post_init__(self) -> None:
        if (self.first is not None or self.after) and (self.last is not None or self.before):
            raise Gen.VALIDATION(field="last", rule="first/after and last/before exclude each other")
        for name, size in (("first", self.first), ("last", self.last)):
            if size is not None and size > LARGEST_PAGE:
                raise Gen.PAGE_TOO_LARGE(field=name, given=size, largest=LARGEST_PAGE)
            if size is not None and size < 1:
                raise Gen.VALIDATION(field=name, rule="at least 1", given=size)

    @property
    def backward(self) -> bool:
        return self.last is not None or bool(self.before)

    @property
    def size(self) -> int:
        return self.first or self.last or DEFAULT_PAGE

    @property
    def cursor(self) -> str | None:
        return self.before if self.backward else self.after


def order(sort: Sort, backward: bool = False) -> list[tuple[str, int]]:
    """The complete order, by id at last, reversed when paging backward. A field counts where it stands first."""
    sign = -1 if backward else 1
    directions: dict[str, int] = {}
    for name, direction in (*sort, ("_id", 1)):
        directions.setdefault(name, direction * sign)
    return list(directions.items())


def encode_cursor(list_name: str, document: Document, sort: Sort) -> str:
    keys = order(sort)
    values = [_mark(list_name, keys), *(_plain(document.get(name)) for name, _ in keys)]
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode()


def beyond(list_name: str, cursor: str, sort: Sort, backward: bool) -> Query:
    """The records after the cursor in the order given. Raises GEN_CURSOR_INVALID, also for another list's cursor."""
    keys = order(sort, backward)
    try:
        mark, *plain = orjson.loads(base64.urlsafe_b64decode(cursor.encode()))
        if mark != _mark(list_name, order(sort)) or len(plain) != len(keys):
            raise ValueError("made by another list")
        values = [_restore(value) for value in plain]
        if [_plain(value) for value in values] != plain:
            raise ValueError("not as it is written here")
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise Gen.CURSOR_INVALID() from error
    alternatives = []
    for index, (name, direction) in enumerate(keys):
        step = _step(name, direction, values[index])
        if step is not None:
            equal = {keys[i][0]: values[i] for i in range(index)}
            alternatives.append({"$and": [equal, step]} if equal else step)
    return {"$or": alternatives} if alternatives else {"_id": {"$in": []}}


def _step(name: str, direction: int, value: Any) -> Query | None:
    if value is None:
        return {name: {"$ne": None}} if direction > 0 else None
    if direction > 0:
        return {name: {"$gt": value}}
    return {"$or": [{name: {"$lt": value}}, {name: None}]} if name != "_id" else {name: {"$lt": value}}


def _mark(list_name: str, keys: list[tuple[str, int]]) -> int:
    return zlib.crc32(repr((list_name, keys)).encode())


def _plain(value: Any) -> Any:
    return {"at": value.astimezone(UTC).isoformat()} if isinstance(value, datetime) else value


def _restore(value: Any) -> Any:
    """A value as it stands in documents. Raises when it cannot be one, so that no made-up cursor reaches a query."""
    if isinstance(value, dict):
        return datetime.fromisoformat(value["at"]).astimezone(UTC)
    if isinstance(value, list) or (isinstance(value, int) and value.bit_length() > 63):
        raise ValueError("not a value of a field")
    return value
