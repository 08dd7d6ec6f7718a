"""Projections declare what they write, and see nothing but the event."""

from dataclasses import fields
from typing import Any

import pytest

from govkit.bus.projections import Rows, projects
from govkit.store.rows import RowWrite, RowWriter
from govkit.testing.bus import make_envelope


class Noted(RowWriter):
    def __init__(self) -> None:
        self.writes: list[RowWrite] = []

    def note(self, *writes: RowWrite) -> None:
        self.writes += writes


@projects("thing.changed", into=("things", "counts"))
async def note_thing(rows: Rows, event: dict[str, Any]) -> None:
    rows.project("things", event["thingId"], at=rows.event_time)
    rows.increment("counts", "all", things=1)
    rows.forget(event["collection"], "x")


async def test_only_declared_collections_are_written() -> None:
    noted = Noted()
    await note_thing.write(noted, make_envelope("t", 1, collection="things"))
    assert [name for name, _ in noted.writes] == ["things", "counts", "things"]
    with pytest.raises(ValueError, match="others is not declared"):
        await note_thing.write(noted, make_envelope("t", 1, collection="others"))


def test_nothing_but_the_event_is_in_reach() -> None:
    assert [field.name for field in fields(Rows)] == ["writer", "envelope", "collections"]
    assert {name for name in dir(RowWriter) if not name.startswith("_")} == {"note", "project", "increment", "forget"}
    assert note_thing.types == ("cn.lanling.thing.changed.v1",)
