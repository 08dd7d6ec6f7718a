"""Read models made again from the first event, beside the live ones; compared, and put in their place.

A projection (`bus/projections.py`) is a function of events, so its rows must be the same whenever they are made. What
they are compared with is one snapshot of the live rows and inbox positions; made are exactly the events that had been
applied by then: up to the position of each subject, without those that an operator has given up.

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
from govkit.bus.gate import CLOSED_SECONDS, Gate, opened
from govkit.bus.inbox import by_type
from govkit.bus.projections import Projection
from govkit.bus.records import BadRecord, read_record
from govkit.operations.fingerprint import Fingerprint, fingerprint
from govkit.operations.given_up import GivenUp
from govkit.operations.progress import Advance
from govkit.operations.replay import Replay
from govkit.operations.shadow import Shadow
from govkit.operations.target import OperationError, Target, WrongUsage

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
        """Raises WrongUsage when there is no such collection."""
        self._target = target
        self._database = target.store.database
        self._shadow = shadow
        projections = [consumer for consumer in target.consumers if isinstance(consumer, Projection)]
        self._by_type = by_type(projections)
        known = {name for projection in projections for name in projection.collections}
        if unknown := set(only) - known:
            raise WrongUsage(f"no projection {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}")
        self.collections = sorted(set(only) or known)
        self._last: Positions = {}
        self._early: dict[str, dict[int, Envelope]] = {}
        self._ahead: list[Envelope] = []
        self._given_up = GivenUp(set(), {})
        self.events = 0

    async def compare(self, replay: Replay, advance: Advance) -> list[Compared]:
        """Make all rows from the first event on, and compare them with those that are live."""
        async with await self._target.store.client.start_session(snapshot=True) as session:
            positions = await self._positions(session)
            live = {name: await fingerprint(self._database[name], session) for name in self.collections}
        await self._read(replay, positions, advance)
        rebuilt = {name: await fingerprint(self._shadow.collection(name)) for name in self.collections}
        return [Compared(name, rebuilt[name], live[name]) for name in self.collections]

    async def switch(self, replay: Replay, names: Sequence[str], token: str, advance: Advance) -> int:
        """Put the rebuilt collections in the place of the live ones; for how many milliseconds all effects waited.

        Raises OperationError when it could not be done in the time for which they may be held; what was switched by
        then is right and stays.
        """
        if len(self._ahead) > AHEAD_EVENTS:
            raise OperationError(f"the service is over {AHEAD_EVENTS} events behind; rebuild when it has caught up")
        for name in names:
            await self._shadow.prepare(name)
        gate = Gate(self._database, token)
        try:
            while not await gate.close():
                # Another rebuild holds it, or held it when it was killed: then it opens by itself.
                await gate.open()
                await opened(self._database)
            started = time.monotonic()
            await self._read(replay, await self._positions(), advance)
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
        self._given_up = await GivenUp.read(self._database)
        ahead, self._ahead = self._ahead, []
        await self._take(ahead, positions)
        async for records in replay.to_end():
            await self._take(self._events(records), positions)
            advance(len(records))
        await self._project_rest()

    async def _positions(self, session: AsyncIOMotorClientSession | None = None) -> Positions:
        positions = {"sequence": {"$exists": True}}
        rows = self._database["inbox"].find(positions, {"sequence": 1}, batch_size=10_000, session=session)
        return {row["_id"]: row["sequence"] async for row in rows}

    def _events(self, records: Iterable[Any]) -> Iterable[Envelope]:
        """What the running service takes for events; it parks the others."""
        for record in records:
            try:
                yield read_record(record, self._target.heard[record.topic])
            except BadRecord:
                continue

    async def _take(self, envelopes: Iterable[Envelope], positions: Positions) -> None:
        """Project each of these once, those of a subject in order; keep what the service has not applied yet."""
        for envelope in envelopes:
            last = self._last.get(envelope.key, 0)
            if envelope.sequence > positions.get(envelope.key, 0):
                if len(self._ahead) <= AHEAD_EVENTS:
                    self._ahead.append(envelope)
            elif envelope.sequence > last + 1:
                self._early.setdefault(envelope.key, {})[envelope.sequence] = envelope
            elif envelope.sequence > last:
                await self._project(envelope)
                await self._project_early(envelope.key)
        await self._shadow.flush()

    async def _project_early(self, key: str) -> None:
        """What came before its turn, and whose turn it is now."""
        early = self._early.get(key, {})
        while next_one := early.pop(self._last[key] + 1, None):
            await self._project(next_one)

    async def _project_rest(self) -> None:
        """What waits for events that are nowhere: the service has gone on without them, too."""
        for early in self._early.values():
            for sequence in sorted(early):
                await self._project(early[sequence])
        self._early.clear()
        await self._shadow.flush()

    async def _project(self, envelope: Envelope) -> None:
        self._last[envelope.key] = envelope.sequence
        if envelope.type in self._by_type and envelope not in self._given_up:
            await self._write(envelope)

    async def _write(self, envelope: Envelope) -> None:
        self.events += 1
        for projection in self._by_type[envelope.type]:
            try:
                await projection.write(self._shadow, envelope)
            except Exception as error:
                # The running service has applied it, so the code was another then.
                why = f"{type(error).__name__}: {error}"
                raise OperationError(f"event {envelope.id} ({envelope.type}) cannot be projected: {why}") from error
