"""An effect sees the rows that all events before it have written, however many of them are applied together."""

from dataclasses import dataclass
from typing import Annotated

from pymongo import UpdateOne

from govkit.bus.inbox import EventContext, Inbox, consumes
from govkit.bus.projections import Rows, projects
from govkit.domain.fields import Doc
from govkit.domain.ports import SystemClock
from govkit.store.store import Store
from govkit.testing.bus import make_envelope

from .conftest import Publish, Start
from .things import Database, until_parked, until_seen


@dataclass(frozen=True, kw_only=True)
class Told:
    thing_id: Annotated[str, Doc("物 Thing")]
    sequence: Annotated[int, Doc("序号 Sequence")]


@projects("thing.changed", into=("newest",))
async def note_newest(rows: Rows, event: Told) -> None:
    rows.project("newest", event.thing_id, sequence=event.sequence)


@consumes("thing.asked")
async def answer(context: EventContext, event: Told) -> None:
    newest = await context.store.database["newest"].find_one({"_id": event.thing_id}) or {"sequence": 0}
    push = UpdateOne({"_id": event.thing_id}, {"$push": {"seen": newest["sequence"]}}, upsert=True)
    context.work.note(("things", push))


@consumes("thing.touched")
async def touch(_context: EventContext, _event: Told) -> None:
    """Reads no rows: it stays with what came before it."""


async def test_in_one_chunk(database: Database, publish: Publish, start: Start) -> None:
    consumers = [note_newest, answer, touch]
    inbox = Inbox(Store(database.client, database.name, []), consumers, "/lanling/test", SystemClock())
    kinds = ["asked", "changed", "asked", "touched", "asked", "changed", "changed", "touched", "asked"]
    for thing in ("thing-1", "thing-2", "thing-3"):
        told = [make_envelope(thing, n, f"cn.lanling.thing.{kind}.v1") for n, kind in enumerate(kinds, start=1)]
        await publish(*told)
    await start(inbox).start()
    await until_seen(database, {thing: [0, 2, 2, 7] for thing in ("thing-1", "thing-2", "thing-3")})
    await until_parked(database)
