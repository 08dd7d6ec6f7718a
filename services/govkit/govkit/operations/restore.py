"""`restore`: a backup into an empty database, and what has happened since then as far as the broker knows it.

    rows                 as they were
    own later events     read from the service's own topic: into the outbox as published, and to `recovered`, so that
                         numbering goes on behind them and what is said again is not published again
    offsets              the group is set back to where it stood; what others told since then takes effect once more
    indexes, steps       last: until then no version of the service starts on it

A restore that was interrupted begins again, by the row in `restoring`.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bson.raw_bson import RawBSONDocument
from pymongo import UpdateOne

from govkit.bus.envelope import Envelope
from govkit.bus.kafka import Broker
from govkit.bus.records import BadRecord, read_record
from govkit.operations import screen
from govkit.operations.archive import Archive
from govkit.operations.places import ends, gone, offsets, set_back
from govkit.operations.progress import progress
from govkit.operations.replay import Replay, observer
from govkit.operations.target import OperationError, Target
from govkit.store.migrations import Kind, MigrationFailed
from govkit.store.recovered import RECOVERED, digest

RESTORING = "restoring"
BATCH = 1_000

Row = dict[str, Any]


@dataclass
class _Later:
    """Own events that the database does not know: how many, and the last sequence and version of each subject."""

    events: int = 0
    subjects: dict[str, tuple[int, int]] = field(default_factory=dict)

    def note(self, event: Envelope) -> None:
        self.events += 1
        sequence, version = self.subjects.get(event.subject, (0, 0))
        self.subjects[event.subject] = max(sequence, event.sequence), max(version, event.aggregateversion)


async def describe(target: Target, archive: Archive) -> None:
    """Say what the file holds and what it leaves to the broker. Raises OperationError when it does not belong here."""
    header = archive.header
    if header["service"] != target.name:
        raise OperationError(f"this is a backup of {header['service']}, not of {target.name}")
    known = {step.name for step in target.migrations.steps}
    newer = [name for name, kind in header["migrations"].items() if kind == Kind.CONTRACT.name and name not in known]
    if newer:
        raise OperationError(f"the backup is newer than this version: it does not know {', '.join(sorted(newer))}")
    screen.say(f"backup of {header['database']}, {header['made_at']:%Y-%m-%d %H:%M:%S}Z, sha256 {archive.sha256[:16]}")
    screen.say(f"{sum(archive.rows.values())} rows of {len(archive.rows)} collections")
    places = [*header["group"], *header["own"]]
    for lost in await gone(target, places):
        place = f"{lost['topic']}/{lost['partition']}"
        screen.say(f"{place}: the events {lost['offset']} to {lost['first'] - 1} are gone from the broker")
    now = offsets(await ends(target, {place["topic"] for place in places}))
    for topic in sorted({place["topic"] for place in places}):
        since = sum(max(0, now[part] - offset) for part, offset in offsets(places).items() if part.topic == topic)
        what = "of its own to read back" if topic == target.topic else "to take effect again"
        screen.say(f"{topic}: {since} events since then {what}")


async def restore(target: Target, archive: Archive) -> None:
    """Raises OperationError when the database holds anything, or a process of the service runs."""
    await _begin(target, archive)
    await _load(target, archive)
    later = await _read_back(target, archive.header["own"])
    await _number_on(target, later)
    screen.say(f"{later.events} own events of {len(later.subjects)} aggregates were published after the backup")
    await set_back(target, archive.header["group"])
    try:
        await target.migrations.apply(by="restore", say=screen.say)
    except MigrationFailed as error:
        raise OperationError(str(error)) from error
    await target.store.database.drop_collection(RESTORING)
    screen.say("restored; start the service, and when its consumer has caught up look at: events lost")


async def _begin(target: Target, archive: Archive) -> None:
    database = target.store.database
    present = set(await database.list_collection_names()) - {"leases"}
    if RESTORING in present:
        await target.store.client.drop_database(database.name)
    elif present:
        raise OperationError(f"{database.name} is not empty: a backup is restored into an empty database only")
    await database[RESTORING].insert_one({"_id": archive.sha256, "at": datetime.now(UTC)})


async def _load(target: Target, archive: Archive) -> None:
    database = target.store.database
    with progress("rows", sum(archive.rows.values())) as advance:
        for collection in archive.rows:
            await database.create_collection(collection)
        for collection, rows in archive.chunks():
            documents: list[RawBSONDocument] = list(rows)
            await database[collection].insert_many(documents, ordered=False)
            advance(len(rows))


# --- the service's own topic ------------------------------------------------------------------------------------------


async def _read_back(target: Target, own: Sequence[Row]) -> _Later:
    """Every event that the topic has from these places on and the outbox has not, into the outbox."""
    later = _Later()
    async for events in told(target.broker, target.topic, target.source, own):
        await _keep(target, events, later)
    return later


async def told(broker: Broker, topic: str, source: str, places: Sequence[Row]) -> AsyncIterator[list[Envelope]]:
    """What a service has published to its own topic from these places on, in batches."""
    async with observer(broker, [topic]) as consumer:
        known = offsets(places)
        for part in consumer.assignment():
            consumer.seek(part, known.get(part, 0))
        async for records in Replay(consumer, sorted(consumer.assignment())).to_end():
            yield _events(source, records)


def _events(source: str, records: Sequence[Any]) -> list[Envelope]:
    found: dict[str, Envelope] = {}
    for record in records:
        try:
            event = read_record(record, source)
        except BadRecord:
            # Somebody else's: no subscriber has taken it for an event either.
            continue
        found[event.id] = event
    return list(found.values())


async def _keep(target: Target, events: Sequence[Envelope], later: _Later) -> None:
    if not events:
        return
    database, now = target.store.database, datetime.now(UTC)
    ids = [event.id for event in events]
    known = {row["_id"] async for row in database["outbox"].find({"_id": {"$in": ids}}, {"_id": 1})}
    published = {"published": True, "published_at": now}
    await database["outbox"].update_many({"_id": {"$in": list(known)}, "published": False}, {"$set": published})
    new = [event for event in events if event.id not in known]
    if new:
        await database["outbox"].insert_many([_outbox_row(event) | published for event in new])
        await database[RECOVERED].insert_many([_recovered_row(event, now) for event in new])
    for event in new:
        later.note(event)


def _outbox_row(event: Envelope) -> Row:
    return {
        "_id": event.id,
        "subject": event.subject,
        "sequence": event.sequence,
        "envelope": event.to_json(),
        "created_at": datetime.fromisoformat(event.time),
    }


def _recovered_row(event: Envelope, now: datetime) -> Row:
    return {
        "_id": event.id,
        "subject": event.subject,
        "sequence": event.sequence,
        "type": event.type,
        "cause": event.causationid,
        "digest": digest(event.data),
        "again": False,
        "at": now,
    }


async def _number_on(target: Target, later: _Later) -> None:
    """Records that the backup has go on behind what was published of them; `Recovered` does it for all others."""
    subjects = sorted(later.subjects)
    for begin in range(0, len(subjects), BATCH):
        part = subjects[begin : begin + BATCH]
        for cls in target.store.types.values():
            rows = target.store.collection(cls)
            writes = [_raise(row["_id"], later) async for row in rows.find({"_id": {"$in": part}}, {"_id": 1})]
            if writes:
                await rows.bulk_write(writes, ordered=False)


def _raise(subject: str, later: _Later) -> Any:
    sequence, version = later.subjects[subject]
    return UpdateOne({"_id": subject}, {"$max": {"sequence": sequence, "version": version}})
