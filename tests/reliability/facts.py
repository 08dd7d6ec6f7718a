"""What the checker goes by: the clients' ledger, the databases and the whole topics, read once when all is quiet."""

import asyncio
import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from pymongo import MongoClient
from pymongo.database import Database
from whole_topic import whole_topic

from govkit.domain.identity import SYSTEM
from reliability.ledger import Asked, read_ledger
from reliability.place import Place, ServicePlace
from reliability.services import aggregate_collections


@dataclass(frozen=True, slots=True)
class Event:
    """An event as an outbox row or as a record of a topic (`partition`, `offset`); `body` is a digest of its bytes."""

    id: str
    type: str
    subject: str
    sequence: int
    aggregateversion: int
    cause: str
    data: dict[str, Any]
    body: bytes
    partition: int = -1
    offset: int = -1
    published: bool = False
    at: datetime | None = None

    @classmethod
    def read(cls, body: bytes, **more: Any) -> "Event":
        event = orjson.loads(body)
        return cls(
            id=event["id"],
            type=event["type"],
            subject=event["subject"],
            sequence=int(event["sequence"]),
            aggregateversion=event["aggregateversion"],
            cause=event["causationid"],
            data=event["data"],
            body=hashlib.sha256(body).digest(),
            **more,
        )


@dataclass(frozen=True, slots=True)
class Saved:
    """An aggregate as it is stored, and the versions of which the audit trail tells."""

    type: str
    id: str
    version: int
    sequence: int
    audited: frozenset[int]


@dataclass(frozen=True, slots=True)
class Receipt:
    """That a command was carried out: with which record as its answer, and when it was decided."""

    record: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Carried:
    """Of which command the audit trail tells, by whom it was given, and when it was decided."""

    command: str
    actor: str
    at: datetime


@dataclass
class ServiceFacts:
    """`positions`: `<source>|<subject>` → last applied sequence. `topic` in the order of each partition.

    `carried`: what people changed, by the audit trail.
    """

    place: ServicePlace
    receipts: dict[str, Receipt] = field(default_factory=dict)
    carried: set[Carried] = field(default_factory=set)
    outbox: list[Event] = field(default_factory=list)
    topic: list[Event] = field(default_factory=list)
    saved: list[Saved] = field(default_factory=list)
    positions: dict[str, int] = field(default_factory=dict)
    parked: int = 0

    @property
    def name(self) -> str:
        return self.place.name

    @property
    def source(self) -> str:
        return f"/lanling/{self.place.name}"


@dataclass
class PointsFacts:
    """Documents of the points service as they are stored."""

    transactions: list[dict[str, Any]]
    passbooks: list[dict[str, Any]]
    lots: list[dict[str, Any]]


@dataclass
class Facts:
    asked: dict[str, Asked]
    services: dict[str, ServiceFacts]
    points: PointsFacts | None
    net_changes: int
    """How many changes of the net of grids the petition service has counted."""
    marked: list[str]
    """Places of topics where a planted text was found."""


def receipt_id(asked: Asked) -> str:
    """The key under which a service keeps that it carried a request out."""
    return hashlib.sha256("\0".join((asked.actor, asked.command, asked.id)).encode()).hexdigest()


def read_facts(place: Place, marks: tuple[str, ...]) -> Facts:
    client: MongoClient[dict[str, Any]] = MongoClient(place.mongodb, tz_aware=True)
    try:
        services = {item.name: _read_service(item, client[item.database]) for item in place.services}
        databases = {item.name: client[item.database] for item in place.services}
        points = _read_points(databases["points"]) if "points" in databases else None
        net_changes = _read_net_changes(databases["petition"]) if "petition" in databases else 0
    finally:
        client.close()
    marked = asyncio.run(_read_topics(place, services, marks))
    return Facts(read_ledger(place.ledger), services, points, net_changes, marked)


def _read_service(place: ServicePlace, database: "Database[dict[str, Any]]") -> ServiceFacts:
    facts = ServiceFacts(place)
    facts.receipts = {row["_id"]: Receipt(row["result_id"], row["at"]) for row in database["receipts"].find()}
    facts.outbox = [
        Event.read(row["envelope"], published=row["published"], at=row["created_at"])
        for row in database["outbox"].find()
    ]
    facts.positions = {row["_id"]: row["sequence"] for row in database["inbox"].find({"sequence": {"$gt": 0}})}
    facts.parked = database["parked"].count_documents({})
    audited = defaultdict(set)
    for row in database["audit"].find({}, {"changes": 0}):
        audited[row["aggregate_type"], row["aggregate_id"]].add(row["version"])
        if row["actor_id"] != SYSTEM.id:
            facts.carried.add(Carried(row["action"], row["actor_id"], row["at"]))
    for type_name, collection in aggregate_collections(place.package).items():
        for row in database[collection].find({}, {"version": 1, "sequence": 1}):
            versions = frozenset(audited.pop((type_name, row["_id"]), ()))
            facts.saved.append(Saved(type_name, row["_id"], row["version"], row.get("sequence", 0), versions))
    # Of what the audit trail tells and nobody stores: version 0 of it is stored.
    facts.saved += [Saved(type_name, id, 0, 0, frozenset(versions)) for (type_name, id), versions in audited.items()]
    return facts


def _read_points(database: "Database[dict[str, Any]]") -> PointsFacts:
    return PointsFacts(
        transactions=list(database["ledger_transaction"].find()),
        passbooks=list(database["points_passbook"].find()),
        lots=list(database["points_lot"].find()),
    )


def _read_net_changes(database: "Database[dict[str, Any]]") -> int:
    row = database["projection_versions"].find_one({"_id": "grid_map"})
    return int(row["value"]) if row else 0


async def _read_topics(place: Place, services: dict[str, ServiceFacts], marks: tuple[str, ...]) -> list[str]:
    """Fill in the topics; returns where one of the marks was found."""
    marked = []
    forbidden = [mark.encode() for mark in marks]
    for service in services.values():
        async for record in whole_topic(place.kafka, place.topic(service.name)):
            service.topic.append(Event.read(record.value, partition=record.partition, offset=record.offset))
            written = b"\0".join((record.key, record.value, *(value for _, value in record.headers)))
            if any(mark in written for mark in forbidden):
                marked.append(f"{record.topic}/{record.partition}@{record.offset}")
    return marked
