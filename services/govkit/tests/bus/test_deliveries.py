"""Whatever is delivered again, to whichever process, and in which portions: once each, in order, no gap passed over."""

import random
from collections.abc import Iterator

import pytest

from govkit.bus.envelope import Envelope
from govkit.bus.failures import NotApplied, Reason
from govkit.bus.inbox import Inbox
from govkit.domain.ports import SystemClock
from govkit.store.store import Store
from govkit.testing.bus import SOURCE, make_envelope

from .things import Database, note_thing, seen

THINGS = 6
EVENTS = 120


@pytest.mark.parametrize("seed", range(8))
async def test_each_event_takes_effect_once(seed: int, database: Database) -> None:
    chance = random.Random(seed)
    events = list(changes(chance))

    def process() -> Inbox:
        return Inbox(Store(database.client, database.name, []), [note_thing], "/lanling/test", SystemClock())

    processes = [process(), process()]
    done = 0
    while done < len(events):
        # The partition moves, or its process starts again; both go back to an offset that lies somewhere behind.
        if chance.random() < 0.2:
            processes[chance.randrange(2)] = process()
        start = max(0, done - chance.choice([0, 0, 0, 1, 7, EVENTS]))
        portion = events[start : done + chance.randint(1, 12)]
        await chance.choice(processes).apply(portion)
        done = max(done, start + len(portion))
        assert await seen(database) == sequences(events[:done])

    last = events[-1]
    for early in (make_envelope(last.subject, last.sequence + 2), make_envelope("unheard-of", 2)):
        for inbox in (*processes, process()):
            with pytest.raises(NotApplied) as gap:
                await inbox.apply([early])
            assert (gap.value.reason, gap.value.expected) == (Reason.GAP, early.sequence - 1)
    assert await seen(database) == sequences(events)
    positions = {row["_id"]: row["sequence"] async for row in database["inbox"].find({"sequence": {"$exists": True}})}
    assert positions == {f"{SOURCE}|{subject}": told[-1] for subject, told in sequences(events).items()}


def changes(chance: random.Random) -> Iterator[Envelope]:
    last = [0] * THINGS
    for _ in range(EVENTS):
        thing = chance.randrange(THINGS)
        last[thing] += 1
        yield make_envelope(f"thing-{thing}", last[thing])


def sequences(events: list[Envelope]) -> dict[str, list[int]]:
    told: dict[str, list[int]] = {}
    for event in events:
        told.setdefault(event.subject, []).append(event.sequence)
    return told
