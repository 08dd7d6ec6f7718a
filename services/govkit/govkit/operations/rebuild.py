"""Read models made again from the first event, beside the live ones; compared, and put in their place.

A projection (`bus/projections.py`) is a function of events, so its rows must be the same whenever they are made. What
they are compared with is one snapshot of the live rows and inbox positions; made are exactly the events that had been
applied by then: up to the position of each subject, without those that an operator has dropped.

To switch, the gate of the inbox is closed. Then the positions stand still; what the running service has applied since
the snapshot is applied here, too, the new collections take the place of those that differ, and the gate opens. Events
that arrive meanwhile wait in the topics. Readers see the old rows of a collection or the new ones. Collections that
are equal stay as they are. Effects on records are not projections and never run again.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClientSession

from govkit.bus.envelope import Envelope
from govkit.bus.gate import CLOSED_SECONDS, Gate
from govkit.bus.projections import Projection
from govkit.bus.records import BadRecord, read_record
from govkit.operations.drop import DROPPED
from govkit.operations.fingerprint import Fingerprint, fingerprint
from govkit.operations.progress import Advance
from govkit.operations.replay import Replay
from govkit.operations.shadow import Shadow
from govkit.operations.target import OperationError, Target

AHEAD_EVENTS = 20_000
SWITCH_SECONDS = CLOSED_SECONDS / 2

Positions = dict[str, int]


@dataclass(frozen=True)
class Compared:
    """One collection as rebuilt and as it was live at the same positions."""

    name: str
    rebuilt: Fingerprint
    live: Fingerprint

    @property
    def equal(self) -> bool:
        return self.rebuilt == self.live

    def __str__(self) -> str:
        rebuilt, outcome = self.rebuilt, "equal" if self.equal else "different"
        return f"projection {self.name} rows {rebuilt.rows} hash {rebuilt.hash} live {self.live.hash} {outcome}"


class Rebuild:
    """One rebuild of all projections of the target into `shadow`, of which the collections `only` are looked at."""

    def __init__(self, target: Target, shadow: Shadow, only: Sequence[str] = ()):
        """Raises OperationError when there is no such collection."""
        self._target = target
        self._database = target.store.database
        self._shadow = shadow
        self._by_type: dict[str, list[Projection]] = {}
        for consumer in target.consumers:
            if isinstance(consumer, Projection):
                self._by_type.setdefault(consumer.type, []).append(consumer)
        known = {name for found in self._by_type.values() for item in found for name in item.collections}
        if unknown := set(only) - known:
            raise OperationError(f"no projection {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}")
        self.collections = sorted(set(only) or known)
        self._applied: Positions = {}
        self._dropped: set[str] = set()
        self._ahead: list[Envelope] = []
        self.events = 0

    async def compare(self, replay: Replay, advance: Advance) -> list[Compared]:
        """Make all rows from the first event on, and compare them with those that are live."""
        async with await self._target.store.client.start_session(snapshot=True) as session:
            positions = await self._positions(session)
            live = {name: await fingerprint(self._database[name], session) for name in self.collections}
        await self._read(replay, positions, advance)
        rebuilt = {name: await fingerprint(self._shadow.collection(name)) for name in self.collections}
        return [Compared(name, rebuilt[name], live[name]) for name in self.collections]

    async def switch(self, replay: Replay, names: Sequence[str], token: str) -> int:
        """Put the rebuilt collections in the place of the live ones; for how many milliseconds all effects waited.

        Raises OperationError when it could not be done in the time for which they may be held; what was switched by
        then is right and stays.
        """
        if len(self._ahead) > AHEAD_EVENTS:
            raise OperationError(f"the service is {len(self._ahead)} events behind; rebuild when it has caught up")
        for name in names:
            await self._shadow.prepare(name)
        gate = Gate(self._database, token)
        started = time.monotonic()
        try:
            if not await gate.close():
                raise OperationError("another rebuild holds the gate; try again when it is done")
            await self._read(replay, await self._positions(), lambda _: None)
            for name in names:
                if time.monotonic() - started > SWITCH_SECONDS or not await gate.is_closed():
                    raise OperationError(f"no time left to switch {name} and what follows; rebuild again")
                await self._shadow.take_place(name)
            if not await gate.is_closed():
                raise OperationError("this process was stopped while it switched; rebuild again")
            return int((time.monotonic() - started) * 1000)
        finally:
            await gate.open()

    async def _read(self, replay: Replay, positions: Positions, advance: Advance) -> None:
        self._dropped = {row["_id"] async for row in self._database[DROPPED].find({}, {"_id": 1})}
        ahead, self._ahead = self._ahead, []
        await self._project(ahead, positions)
        async for records in replay.to_end():
            await self._project(self._projected(records), positions)
            advance(len(records))

    async def _positions(self, session: AsyncIOMotorClientSession | None = None) -> Positions:
        rows = self._database["inbox"].find({}, {"sequence": 1}, batch_size=10_000, session=session)
        return {row["_id"]: row["sequence"] async for row in rows}

    def _projected(self, records: Iterable[Any]) -> Iterable[Envelope]:
        """The records that some projection reads, as the running service reads them: others it passes over or parks."""
        for record in records:
            types = [value.decode(errors="replace") for name, value in record.headers if name == "ce_type"]
            if types and types[0] not in self._by_type:
                continue
            try:
                envelope = read_record(record, self._target.heard[record.topic])
            except BadRecord:
                continue
            if envelope.type in self._by_type:
                yield envelope

    async def _project(self, envelopes: Iterable[Envelope], positions: Positions) -> None:
        """Write what these do to the rows, each once; keep for later what the service had not applied yet."""
        for envelope in envelopes:
            if envelope.sequence <= self._applied.get(envelope.key, 0):
                continue
            if envelope.sequence > positions.get(envelope.key, 0):
                self._ahead.append(envelope)
                continue
            self._applied[envelope.key] = envelope.sequence
            if f"{envelope.key}|{envelope.sequence:010}" not in self._dropped:
                await self._write(envelope)
        await self._shadow.flush()

    async def _write(self, envelope: Envelope) -> None:
        self.events += 1
        for projection in self._by_type[envelope.type]:
            try:
                await projection.write(self._shadow, envelope)
            except Exception as error:
                # The running service has applied it, so the code was another then.
                why = f"{type(error).__name__}: {error}"
                raise OperationError(f"event {envelope.id} ({envelope.type}) cannot be projected: {why}") from error
