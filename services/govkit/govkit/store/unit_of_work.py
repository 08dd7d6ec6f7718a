"""What one command or one consumed event reads and changes: an identity map, a dirty check, and one commit at the end.

Handlers load and add aggregates; they never save. `commit` finds what changed by comparing documents, and writes it
with its events, audit row and receipt atomically, so application code cannot commit in pieces.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from govkit.bus.envelope import Envelope
from govkit.domain.aggregate import Aggregate, matches
from govkit.domain.errors import Gen
from govkit.domain.events import Event
from govkit.domain.fields import Privacy, fields_of
from govkit.domain.identity import Actor
from govkit.domain.ports import new_id
from govkit.store.codec import Document, to_document, to_event_data
from govkit.store.commits import Commit, ConcurrentChange
from govkit.store.recovered import said_again
from govkit.store.rows import RowWrite, RowWriter
from govkit.store.store import Store

A = TypeVar("A", bound=Aggregate)
STAMPS = frozenset({"_id", "version", "sequence", "created_at", "created_by", "updated_at", "updated_by"})


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Why something happens: the action's name, who, when, the ids that tie events together, and when it fell due."""

    action: str
    actor: Actor
    now: datetime
    source: str
    correlation_id: str
    causation_id: str
    traceparent: str
    due_for: datetime | None = None


@dataclass
class _Tracked:
    """`before` is the document as it was last settled; `saved`: the commit will write it."""

    aggregate: Aggregate
    before: Document | None
    saved: bool = False


@dataclass
class UnitOfWork(RowWriter):
    """`reason` and `receipt` may be set until the commit. `rows_wait`: earlier causes have noted rows to be written."""

    store: Store
    cause: Cause
    reason: str | None = None
    receipt: Document | None = None
    rows_wait: bool = False
    _tracked: dict[tuple[str, str], _Tracked] = field(default_factory=dict)
    _touched: dict[tuple[str, str], None] = field(default_factory=dict)
    _projections: list[RowWrite] = field(default_factory=list)
    _conditions: list[RowWrite] = field(default_factory=list)
    _settled: Commit = field(default_factory=Commit)

    async def get(self, cls: type[A], id: str) -> A | None:
        """The record, the same object each time."""
        key = (cls.__name__, id)
        if key in self._tracked:
            self._touched[key] = None
            return self._tracked[key].aggregate  # type: ignore[return-value]
        found = await self.store.get(cls, id)
        return self._track(found) if found else None

    async def find(self, cls: type[A], limit: int = 0, **where: Any) -> list[A]:
        """Records by equality (or any-of for sets), as this unit of work leaves them; tracked like all that is read."""
        mine = [item.aggregate for item in self._tracked.values() if isinstance(item.aggregate, cls)]
        # What this unit changed may no longer match, so that others must take its place.
        found = await self.store.find(cls, where, limit=limit + len(mine) if limit else 0)
        candidates = {item.id: item for item in (*map(self._track, found), *mine)}
        matching = [self._track(candidates[id]) for id in sorted(candidates) if matches(candidates[id], where)]
        return matching[:limit] if limit else matching

    async def unknown(self, cls: type[Aggregate], key: str, values: Sequence[Any]) -> list[Any]:
        """Those of the values of `key` that no record has; one query for all that this unit has not read or added."""
        mine = {getattr(item.aggregate, key) for item in self._tracked.values() if isinstance(item.aggregate, cls)}
        asked = [value for value in values if value not in mine]
        known = await self.store.known(cls, key, asked) if asked else set()
        return [value for value in asked if value not in known]

    def adopt(self, aggregate: A) -> A:
        """A record that was read just now, as if `get` had read it."""
        return self._track(aggregate)

    def add(self, aggregate: A) -> A:
        """A new record, inserted by the commit."""
        key = (type(aggregate).__name__, aggregate.id)
        self._tracked[key] = _Tracked(aggregate, None)
        self._touched[key] = None
        return aggregate

    def version_read(self, aggregate: Aggregate) -> int | None:
        """The version that the record had when this unit read it; None for one that it added."""
        before = self._tracked[type(aggregate).__name__, aggregate.id].before
        return before["version"] if before else None

    def note(self, *writes: RowWrite) -> None:
        """Further writes, to rows of read models or of the kit's own collections, in the same commit."""
        self._projections.extend(writes)

    def require(self, *writes: RowWrite) -> None:
        """Writes in the same commit that must find what they change, or make it; else ConcurrentChange."""
        self._conditions.extend(writes)

    def continued(self, cause: Cause) -> "UnitOfWork":
        """The same unit under another cause: what changed so far keeps the cause under which it changed."""
        self._settle()
        self.cause = cause
        self.rows_wait = bool(self._projections)
        return self

    def _track(self, aggregate: A) -> A:
        key = (type(aggregate).__name__, aggregate.id)
        if key not in self._tracked:
            self._tracked[key] = _Tracked(aggregate, to_document(aggregate))
        self._touched[key] = None
        return self._tracked[key].aggregate  # type: ignore[return-value]

    async def outdated(self) -> frozenset[str]:
        """Which of the records read, `<type>/<id>`, have been changed by others since."""
        found = set()
        for (name, id), tracked in self._tracked.items():
            if tracked.before is not None:
                present = await self.store.version(type(tracked.aggregate), id)
                if present != tracked.before["version"]:
                    found.add(f"{name}/{id}")
        return frozenset(found)

    async def commit(self) -> None:
        """Write everything that changed. Raises what `Store.commit` raises."""
        self._settle()
        work = self._settled
        work.receipt, work.projections, work.conditions = self.receipt, self._projections, self._conditions
        if work.empty and not work.receipt:
            return
        try:
            await self.store.commit(work)
        except ConcurrentChange as lost:
            lost.records = frozenset(f"{type(saved).__name__}/{saved.id}" for saved in work.saved)
            raise

    def _settle(self) -> None:
        """Turn what changed since the last call into rows, stamped with the present cause."""
        for key in self._touched:
            self._include(self._tracked[key])
        self._touched.clear()

    def _include(self, tracked: _Tracked) -> None:
        aggregate, before = tracked.aggregate, tracked.before
        events = aggregate.take_events()
        if before is not None and not events and to_document(aggregate) == before:
            return
        work = self._settled
        if tracked.saved:
            aggregate.updated_at, aggregate.updated_by = self.cause.now, self.cause.actor.id
            aggregate.look_ahead()
        else:
            tracked.saved = True
            work.saved.append(aggregate)
            stamp(aggregate, self.cause)
        work.outbox.extend(outbox_rows(aggregate, self._unsaid(aggregate, events), self.cause))
        work.audit.append(self._audit_row(aggregate, before))
        tracked.before = to_document(aggregate)

    def _unsaid(self, aggregate: Aggregate, events: list[Event]) -> list[Event]:
        """The events without those that were published before the database was restored; see `Recovered`."""
        recovered = self.store.recovered
        if not recovered:
            return events
        aggregate.sequence = max(aggregate.sequence, recovered.last(aggregate.id))
        unsaid = []
        for event in events:
            said = recovered.said(self.cause.causation_id, aggregate.id, event.TYPE, to_event_data(event))
            if said is None:
                unsaid.append(event)
            else:
                self.note(said_again(said))
        return unsaid

    def _audit_row(self, aggregate: Aggregate, before: Document | None) -> Document:
        return {
            "_id": new_id(),
            "at": self.cause.now,
            "actor_id": self.cause.actor.id,
            "actor_roles": sorted(role.name for role in self.cause.actor.roles),
            "action": self.cause.action,
            "due_for": self.cause.due_for,
            "aggregate_type": type(aggregate).__name__,
            "aggregate_id": aggregate.id,
            "version": aggregate.version,
            "from_state": _state(aggregate, before),
            "to_state": _state(aggregate, to_document(aggregate)),
            "reason": self.reason,
            "changes": changes(aggregate, before or {}),
        }


def stamp(aggregate: Aggregate, cause: Cause) -> None:
    """The next version, who and when, and what falls due next."""
    if aggregate.version == 0:
        aggregate.created_at, aggregate.created_by = cause.now, cause.actor.id
    aggregate.version += 1
    aggregate.updated_at, aggregate.updated_by = cause.now, cause.actor.id
    aggregate.look_ahead()


def outbox_rows(
    aggregate: Aggregate, events: list[Event], cause: Cause, ids: Mapping[int, str] | None = None
) -> list[Document]:
    """The aggregate's new events as rows that wait for the relay, numbered on from its last one."""
    rows = []
    for event in events:
        aggregate.sequence += 1
        envelope = Envelope(
            id=ids[aggregate.sequence] if ids else new_id(),
            source=cause.source,
            type=event.TYPE,
            subject=aggregate.id,
            time=cause.now.isoformat().replace("+00:00", "Z"),
            sequence=aggregate.sequence,
            aggregateversion=aggregate.version,
            correlationid=cause.correlation_id,
            causationid=cause.causation_id,
            traceparent=cause.traceparent,
            data=to_event_data(event),
        )
        rows.append(
            {
                "_id": envelope.id,
                "subject": envelope.subject,
                "sequence": envelope.sequence,
                "envelope": envelope.to_json(),
                "published": False,
                "created_at": cause.now,
            }
        )
    return rows


def changes(aggregate: Aggregate, before: Document) -> list[Document]:
    """Changed fields. Values only of public ones that are not free text: the audit trail holds no personal data."""
    after = to_document(aggregate)
    rows = []
    for item in fields_of(type(aggregate)):
        if item.name in STAMPS or item.hidden or item.name == "id" or before.get(item.name) == after.get(item.name):
            continue
        shown = item.privacy is Privacy.P0 and item.event_safe and item.is_scalar and not item.many
        row: Document = {"field": item.camel}
        if shown:
            row |= {"before": _text(before.get(item.name)), "after": _text(after.get(item.name))}
        rows.append(row)
    return rows


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _state(aggregate: Aggregate, document: Document | None) -> str | None:
    if aggregate.TABLE is None or document is None:
        return None
    state = document.get(aggregate.TABLE.attribute)
    return state if isinstance(state, str) else None


async def load_or_raise(work: UnitOfWork, cls: type[A], id: str, field: str | None = None) -> A:
    """Raises GEN_NOT_FOUND for the record itself, GEN_REFERENCE_UNKNOWN when `field` names what refers to it."""
    found = await work.get(cls, id)
    if found is None:
        if field:
            raise Gen.REFERENCE_UNKNOWN(field=field, type=cls.__name__, id=id)
        raise Gen.NOT_FOUND(type=cls.__name__, id=id)
    return found
