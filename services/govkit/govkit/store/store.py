"""One service's database: reads of aggregates, and the atomic commit. The only place that knows the driver's calls.

Reads are majority reads of the latest commit. Writes happen in `commit` alone: aggregates (compare-and-set on the
version), outbox rows, idempotency receipt, audit rows and projections of one unit of work, in one transaction.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection
from pymongo import ASCENDING, IndexModel, ReadPreference
from pymongo.errors import DuplicateKeyError, OperationFailure
from pymongo.read_concern import ReadConcern

from govkit.bus.outbox import INDEXES as OUTBOX_INDEXES
from govkit.domain.aggregate import Aggregate, Where
from govkit.domain.errors import Gen
from govkit.domain.fields import camel, fields_of
from govkit.store.codec import Document, from_document, stored_name, to_document
from govkit.store.commits import MAJORITY, TRANSIENT, Commit, Commits, ConcurrentChange, collection_name
from govkit.store.conditions import Query, both, from_where
from govkit.store.pages import PageRequest, Sort, beyond, encode_cursor, order
from govkit.store.recovered import INDEXES as RECOVERED_INDEXES
from govkit.store.recovered import RECOVERED, Recovered

A = TypeVar("A", bound=Aggregate)
RECEIPT_SECONDS = 30 * 24 * 3600
PARKED_INDEXES = [IndexModel([("key", ASCENDING), ("sequence", ASCENDING)]), IndexModel("reason")]
BSON_TYPES = {int: "number", float: "number", bool: "bool", datetime: "date"}
"""BSON type of a Python type; all others are stored as strings."""


@dataclass(frozen=True)
class Page:
    """A page of documents in the order asked for."""

    documents: list[Document]
    cursors: list[str]
    has_next: bool
    has_previous: bool


class Store:
    """`aggregates` are the types that this service owns. `on_events` hears of the outbox rows of each commit."""

    def __init__(self, client: "AsyncIOMotorClient[Document]", database: str, aggregates: Sequence[type[Aggregate]]):
        self.client = client
        self.database = client.get_database(
            database,
            read_preference=ReadPreference.PRIMARY,
            read_concern=ReadConcern("majority"),
            write_concern=MAJORITY,
        )
        self.types = {cls.__name__: cls for cls in aggregates}
        self.recovered = Recovered()
        self.on_events: Callable[[Sequence[Document]], None] = lambda rows: None
        self._commits = Commits(self.database, self._duplicate)
        self.unique_errors = {
            (collection_name(cls), unique.name): unique for cls in aggregates for unique in cls.UNIQUE
        }

    def collection(self, cls: type[Aggregate]) -> "AsyncIOMotorCollection[Document]":
        return self.database[collection_name(cls)]

    async def learn_recovered(self) -> None:
        """To be called before the first commit: after a restore, what was published before counts."""
        self.recovered = await Recovered.load(self.database)

    # --- reads -------------------------------------------------------------------------------------------------------

    async def get(self, cls: type[A], id: str) -> A | None:
        document = await self.collection(cls).find_one({"_id": id})
        return from_document(cls, document) if document else None

    async def version(self, cls: type[Aggregate], id: str) -> int | None:
        """The version that is stored now; None when there is no such record."""
        document = await self.collection(cls).find_one({"_id": id}, {"version": 1})
        return document["version"] if document else None

    async def get_many(self, cls: type[A], key: str, values: Iterable[Any]) -> dict[Any, A]:
        """One query for a batch; keyed by the value of `key`. Of several records with one value the newest counts."""
        name = stored_name(key)
        cursor = self.collection(cls).find({name: {"$in": list(values)}})
        if key not in ("id", *cls.KEYS):
            cursor = cursor.sort([("created_at", 1), ("_id", 1)])
        return {document[name]: from_document(cls, document) async for document in cursor}

    async def known(self, cls: type[Aggregate], key: str, values: Sequence[Any]) -> set[Any]:
        """Those of the values that some record has as its `key`; one query."""
        name = stored_name(key)
        cursor = self.collection(cls).find({name: {"$in": list(values)}}, {name: 1})
        return {document[name] async for document in cursor}

    async def find(self, cls: type[A], where: Where, sort: Sort = (), limit: int = 0) -> list[A]:
        cursor = self.collection(cls).find(from_where(where), sort=order(sort, False), limit=limit)
        return [from_document(cls, document) async for document in cursor]

    async def count(self, cls: type[Aggregate], query: Query) -> int:
        return await self.collection(cls).count_documents(query)

    async def total(self, cls: type[Aggregate], query: Query, name: str) -> int:
        """The sum of a stored number over the matching records."""
        rows = self.collection(cls).aggregate(
            [{"$match": query}, {"$group": {"_id": None, "total": {"$sum": f"${stored_name(name)}"}}}]
        )
        return sum([int(row["total"]) async for row in rows])

    async def page(self, cls: type[Aggregate], query: Query, sort: Sort, request: PageRequest) -> Page:
        """One page by key. Raises GEN_CURSOR_INVALID."""
        condition = query
        if request.cursor:
            condition = {"$and": [query, beyond(cls.__name__, request.cursor, sort, request.backward)]}
        cursor = self.collection(cls).find(condition, sort=order(sort, request.backward), limit=request.size + 1)
        return _page(cls, await cursor.to_list(request.size + 1), sort, request)

    async def pages(
        self, cls: type[Aggregate], key: str, values: Sequence[str], query: Query, sort: Sort, request: PageRequest
    ) -> list[Page]:
        """The same page of the records of each value of `key`; one query for all of them."""
        if len(values) == 1:
            return [await self.page(cls, both({key: values[0]}, query), sort, request)]
        if request.cursor:
            query = both(query, beyond(cls.__name__, request.cursor, sort, request.backward))
        keys = dict(order(sort, request.backward))
        first = {"$topN": {"n": request.size + 1, "sortBy": keys, "output": "$$ROOT"}}
        groups = self.collection(cls).aggregate(
            [*_by_value(key, values, query), {"$group": {"_id": "$_value", "documents": first}}]
        )
        found = {group["_id"]: group["documents"] async for group in groups}
        return [_page(cls, found.get(value, []), sort, request) for value in values]

    async def counts(self, cls: type[Aggregate], key: str, values: Sequence[str], query: Query) -> list[int]:
        """How many records match for each value of `key`; one query for all of them."""
        if len(values) == 1:
            return [await self.count(cls, both({key: values[0]}, query))]
        groups = self.collection(cls).aggregate(
            [*_by_value(key, values, query), {"$group": {"_id": "$_value", "count": {"$sum": 1}}}]
        )
        found = {group["_id"]: group["count"] async for group in groups}
        return [found.get(value, 0) for value in values]

    async def reference(self, type_name: str, key: str, value: str) -> Document | None:
        """What this service keeps of another service's record, from its events; None when it never heard of it."""
        name = "_id" if key == "id" else f"data.{key}"
        value = f"{type_name}:{value}" if key == "id" else value
        return await self.database["references"].find_one({name: value, "type": type_name})

    async def streets_of(self, community_ids: Sequence[str]) -> dict[str, str | None]:
        """The street of each community that is known here, owned or heard of; one query."""
        if owned := self.types.get("Community"):
            found = self.collection(owned).find({"_id": {"$in": list(community_ids)}}, {"street_id": 1})
            return {row["_id"]: row.get("street_id") async for row in found}
        prefix = "Community:"
        known = self.database["references"].find({"_id": {"$in": [prefix + id for id in community_ids]}})
        return {row["_id"].removeprefix(prefix): row["data"].get("streetId") async for row in known}

    async def next_number(self, counter: str) -> int:
        """1, 2, 3, … for each counter; unique, in order, possibly with holes after failed commands."""
        row = await self.database["counters"].find_one_and_update(
            {"_id": counter}, {"$inc": {"value": 1}}, upsert=True, return_document=True
        )
        return int(row["value"])

    # --- the commit --------------------------------------------------------------------------------------------------

    async def commit(self, work: Commit) -> None:
        """Write all of it or nothing.

        Raises ConcurrentChange when an aggregate is no longer at the version that was read (or the receipt exists), the
        error of a `Unique` that would break, and driver errors when the outcome stays unknown.
        """
        await self._commits.commit(work)
        if work.outbox:
            self.on_events(work.outbox)

    def _duplicate(self, details: Any) -> Exception:
        """An index refused a write: a broken invariant, or a race for the same id or receipt."""
        text = str((details or {}).get("errmsg", ""))
        for (collection, index), unique in self.unique_errors.items():
            if f".{collection} index: {index} " in text:
                return unique.error(field=camel(unique.fields[0]))
        if " index: _id_ " in text:
            return ConcurrentChange()
        return Gen.CONFLICT()

    async def insert_batch(self, name: str, aggregates: Sequence[Aggregate], outbox: Sequence[Document]) -> bool:
        """Insert new aggregates and their events in one transaction, once for each `name`. False: done before.

        Raises ConcurrentChange when another process is about to insert the same batch.
        """
        try:
            async with await self.client.start_session() as session, session.start_transaction(write_concern=MAJORITY):
                await self.database["batches"].insert_one({"_id": name}, session=session)
                for cls, documents in _by_type(aggregates).items():
                    await self.collection(cls).insert_many(documents, session=session, ordered=False)
                if outbox:
                    await self.database["outbox"].insert_many(outbox, session=session, ordered=False)
        except DuplicateKeyError as error:
            if ".batches index: _id_" in str(error):
                return False
            raise
        except OperationFailure as error:
            if error.has_error_label(TRANSIENT):
                raise ConcurrentChange from error
            raise
        return True

    # --- indexes -----------------------------------------------------------------------------------------------------

    def indexes(self) -> dict[str, list[IndexModel]]:
        """By collection: those that follow from the domain (keys, uniqueness, references, states), and those of the
        kit's rows. The migration step makes them."""
        domain = {collection_name(cls): index_models(cls) for cls in self.types.values()}
        return {name: models for name, models in domain.items() if models} | {
            "outbox": OUTBOX_INDEXES,
            "parked": PARKED_INDEXES,
            "audit": [IndexModel([("aggregate_id", ASCENDING), ("at", ASCENDING)])],
            "receipts": [IndexModel("at", expireAfterSeconds=RECEIPT_SECONDS)],
            RECOVERED: RECOVERED_INDEXES,
            "references": [IndexModel([("type", ASCENDING), ("data.code", ASCENDING)])],
        }


def index_models(cls: type[Aggregate]) -> list[IndexModel]:
    models = [IndexModel(key, name=f"key_{key}", unique=True) for key in cls.KEYS if not _is_unique(cls, key)]
    for unique in cls.UNIQUE:
        keys = [(stored_name(name), ASCENDING) for name in unique.fields]
        # A unique index over an optional field must skip the records without it.
        described = {item.name: item for item in fields_of(cls)}
        when = {
            name: {"$type": BSON_TYPES.get(described[name].item, "string")}
            for name in unique.fields
            if described[name].optional
        } | from_where(unique.when)
        extra = {"partialFilterExpression": when} if when else {}
        models.append(IndexModel(keys, name=unique.name, unique=True, **cast(Any, extra)))
    state = cls.TABLE.attribute if cls.TABLE else None
    single = {unique.fields[0] for unique in cls.UNIQUE if len(unique.fields) == 1 and not unique.when}
    for item in fields_of(cls):
        if item.name not in single and (item.ref or item.name == "state" or item.name == state):
            models.append(IndexModel(item.name))
    if cls.DUE:
        models.append(IndexModel("falls_due_at", partialFilterExpression={"falls_due_at": {"$type": "date"}}))
    return models


def _by_value(key: str, values: Sequence[str], query: Query) -> list[Document]:
    """Stages that give each matching record once for each of its values of `key` that was asked for, as `_value`."""
    wanted = {"$in": list(values)}
    return [
        {"$match": both({key: wanted}, query)},
        {"$set": {"_value": f"${key}"}},
        {"$unwind": "$_value"},
        {"$match": {"_value": wanted}},
    ]


def _page(cls: type[Aggregate], documents: list[Document], sort: Sort, request: PageRequest) -> Page:
    """A page from up to one document more than it holds, in the order of `order(sort, request.backward)`."""
    more = len(documents) > request.size
    documents = documents[: request.size]
    if request.backward:
        documents.reverse()
    return Page(
        documents=documents,
        cursors=[encode_cursor(cls.__name__, document, sort) for document in documents],
        has_next=bool(request.cursor) if request.backward else more,
        has_previous=more if request.backward else bool(request.cursor),
    )


def _is_unique(cls: type[Aggregate], key: str) -> bool:
    return any(unique.fields == (key,) and not unique.when for unique in cls.UNIQUE)


def _by_type(aggregates: Sequence[Aggregate]) -> dict[type[Aggregate], list[Document]]:
    documents: dict[type[Aggregate], list[Document]] = {}
    for aggregate in aggregates:
        documents.setdefault(type(aggregate), []).append(to_document(aggregate))
    return documents
