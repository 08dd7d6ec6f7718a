"""Commands: authenticate → authorise → load → decide → one commit → answer.

    @command(Role.ORG_ADMIN)
    async def dissolve_party_organization(context: Context, input: DissolvePartyOrganization) -> PartyOrganization:
        "撤销党组织 Dissolve a Party organization."
        organization = await context.load(PartyOrganization, input.id)
        organization.dissolve(on=input.on, active_children=await context.count(PartyOrganization, parent_id=input.id))
        return organization

The GraphQL mutation, its input and its descriptions are derived from the function. Nothing is saved by the handler:
what it loaded or added and changed is committed when it returns, with events, audit row and idempotency receipt.
"""

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable, Collection
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, TypeVar, get_type_hints

import orjson

from govkit.domain.aggregate import Aggregate, may_read
from govkit.domain.errors import Auth, Gen, GovError
from govkit.domain.fields import Field, Ref, camel, fields_of
from govkit.domain.identity import Actor, Place, Role
from govkit.domain.ports import Clock, business_date, new_id
from govkit.runtime.metrics import observe_command
from govkit.runtime.tracing import Kind, Span, Trace, current_trace
from govkit.steps import Step, reached
from govkit.store.codec import Document
from govkit.store.commits import ConcurrentChange
from govkit.store.conditions import from_where
from govkit.store.store import Store
from govkit.store.unit_of_work import Cause, UnitOfWork, load_or_raise
from govkit.turns import Turns

A = TypeVar("A", bound=Aggregate)
ATTEMPTS = 10
Handler = Callable[["Context", Any], Awaitable[Aggregate]]


@dataclass(frozen=True, kw_only=True)
class Command:
    """One mutation. `fields` describe its input, in order; `build` makes the handler's input from checked values."""

    name: str
    doc: str
    result: type[Aggregate]
    roles: frozenset[Role]
    fields: tuple[Field, ...]
    required: frozenset[str]
    handler: Handler
    build: Callable[[dict[str, Any]], Any]
    mutation_id_required: bool = False

    @property
    def input_name(self) -> str:
        return f"{self.name[0].upper()}{self.name[1:]}Input"


def command(
    *roles: Role, on: type[Aggregate] | None = None, mutation_id_required: bool = False
) -> Callable[[Callable[..., Awaitable[Aggregate]]], Command]:
    """Declare a handler as a command that `roles` may call.

    With `on`, roles and states come from that aggregate's table, from the row named like the command.
    """

    def declare(handler: Callable[..., Awaitable[Aggregate]]) -> Command:
        hints = get_type_hints(handler)
        name = camel(handler.__name__)
        allowed = frozenset(roles)
        if on is not None:
            assert on.TABLE is not None
            allowed |= on.TABLE[name].roles
        input_type = hints["input"]
        described = fields_of(input_type)
        return Command(
            name=name,
            doc=(handler.__doc__ or "").strip(),
            result=hints["return"],
            roles=allowed,
            fields=described,
            required=frozenset(item.name for item in described if not item.has_default),
            handler=handler,
            build=lambda values: input_type(**values),
            mutation_id_required=mutation_id_required,
        )

    return declare


@dataclass
class Context:
    """What a handler works with: who calls, when, and the unit of work."""

    work: UnitOfWork
    command: Command
    actor: Actor
    now: datetime
    expected_version: int | None = None
    reference_types: frozenset[str] = frozenset()
    _target: Aggregate | None = field(default=None, init=False)

    @property
    def today(self) -> date:
        return business_date(self.now)

    @property
    def store(self) -> Store:
        return self.work.store

    async def load(self, cls: type[A], id: str) -> A:
        """The record that the command is about: in the caller's reach, at the expected version, in a fitting state.

        Raises GEN_NOT_FOUND, AUTH_…, GEN_VERSION_CONFLICT, GEN_INVALID_STATE.
        """
        found = await load_or_raise(self.work, cls, id)
        await self.authorise(found)
        if self._target is None:
            self.check_version(found)
        table = cls.TABLE
        if table and self.command.name in table.rows:
            name = self.command.name
            if refusal := found.refusal(name, self.actor) or table.refusal(found, name):
                raise refusal
            if table[self.command.name].reason_required and not self.work.reason:
                raise Gen.REASON_REQUIRED(field="reason")
        self._target = self._target or found
        return found

    def check_version(self, record: Aggregate) -> None:
        """The record is as the caller expects it. Raises GEN_VERSION_CONFLICT, GEN_VALIDATION for a new one."""
        if self.expected_version is None:
            return
        actual = self.work.version_read(record)
        if actual is None:
            raise Gen.VALIDATION(field="expectedVersion", rule="only for a record that is there already")
        if actual != self.expected_version:
            raise Gen.VERSION_CONFLICT(expected=self.expected_version, actual=actual)

    def check_result(self, result: Aggregate) -> None:
        """A command that has loaded nothing is about the record that it answers. Raises as `check_version`."""
        if self._target is None:
            self.check_version(result)

    async def get(self, cls: type[A], id: str, field: str | None = None) -> A:
        """A record that the command refers to by its input `field`. Raises GEN_REFERENCE_UNKNOWN."""
        return await load_or_raise(self.work, cls, id, field)

    async def find(self, cls: type[A], limit: int = 0, **where: Any) -> list[A]:
        return await self.work.find(cls, limit, **where)

    async def first(self, cls: type[A], **where: Any) -> A | None:
        return next(iter(await self.work.find(cls, 1, **where)), None)

    async def count(self, cls: type[Aggregate], **where: Any) -> int:
        return await self.store.count(cls, from_where(where))

    async def reference(self, type_name: str, value: str, field: str, key: str = "id") -> Document:
        """What this service knows of another service's record. Raises GEN_REFERENCE_UNKNOWN."""
        known = await self.store.reference(type_name, key, value)
        if known is None:
            raise Gen.REFERENCE_UNKNOWN(field=field, type=type_name, id=value)
        return dict(known["data"])

    async def add(self, aggregate: A, *, check_references: bool = True) -> A:
        """A new record, within the caller's reach; its references must be known unless told otherwise (intake)."""
        if check_references:
            await self.check_references(aggregate)
        await self.authorise(aggregate)
        return self.work.add(aggregate)

    async def check_references(self, aggregate: Aggregate, names: Collection[str] | None = None) -> None:
        """Every reference of the record, or of these fields, names something known. Raises GEN_REFERENCE_UNKNOWN."""
        for item in fields_of(type(aggregate)):
            value = getattr(aggregate, item.name)
            if item.ref is None or not value or (names is not None and item.name not in names):
                continue
            for unknown in await self._unknown(item.ref, value if item.many else [value]):
                raise Gen.REFERENCE_UNKNOWN(field=item.camel, type=item.ref.type_name, id=unknown)

    async def _unknown(self, ref: Ref, values: list[Any]) -> list[Any]:
        if owned := self.store.types.get(ref.type_name):
            return await self.work.unknown(owned, ref.key, values)
        if ref.type_name not in self.reference_types:
            return []
        return [value for value in values if await self.store.reference(ref.type_name, ref.key, value) is None]

    async def authorise(self, aggregate: Aggregate) -> None:
        """One of the caller's roles may give this command to this record. Raises AUTH_…"""
        await authorise(self.store, self.actor, self.command.roles, aggregate)

    async def number(self, prefix: str) -> str:
        """A human number, unique for the day: `LL-20231016-000123`."""
        day = f"{self.today:%Y%m%d}"
        return f"{prefix}-{day}-{await self.store.next_number(f'{prefix}-{day}'):06d}"

    def new_id(self) -> str:
        return new_id()


async def authorise(store: Store, actor: Actor, roles: frozenset[Role], aggregate: Aggregate) -> None:
    """Role ∧ reach. Raises AUTH_…"""

    async def street_of(community_id: str) -> str | None:
        return (await store.streets_of([community_id])).get(community_id)

    actor.require(roles, await place_of(aggregate, actor, street_of))


async def place_of(aggregate: Aggregate, actor: Actor, street_of: Callable[[str], Awaitable[str | None]]) -> Place:
    """Where the record lies. One that names only its community lies in that community's street as well."""
    place = aggregate.place()
    if place.street_id is None and place.community_id and actor.scope.street_ids:
        return replace(place, street_id=await street_of(place.community_id))
    return place


@dataclass
class CommandBus:
    """Runs commands of one service."""

    store: Store
    clock: Clock
    source: str
    reference_types: frozenset[str]
    _turns: Turns = field(default_factory=Turns, init=False, repr=False)

    async def run(
        self,
        command: Command,
        actor: Actor,
        values: dict[str, Any],
        *,
        mutation_id: str | None = None,
        expected_version: int | None = None,
    ) -> Aggregate:
        """Run one command with checked input values (by Python names) and answer the record that it returns.

        A concurrent commit makes it decide again on fresh data. Raises `GovError`s of the rules that refuse it.
        """
        with Span(f"command {command.name}", Kind.INTERNAL, current_trace()) as span, observe_command(command.name):
            actor.require(command.roles)
            if command.mutation_id_required and not mutation_id:
                raise Gen.VALIDATION(field="clientMutationId", rule="required")
            receipt = Receipt.of(command, actor, values, mutation_id)
            return await self._run(command, actor, values, expected_version, receipt, span.trace)

    async def _run(
        self,
        command: Command,
        actor: Actor,
        values: dict[str, Any],
        expected_version: int | None,
        receipt: "Receipt | None",
        trace: Trace,
    ) -> Aggregate:
        contended: frozenset[str] = frozenset()
        for attempt in range(ATTEMPTS):
            async with self._turns.take(contended):
                # Most requests are new, so the first attempt does not ask: the commit of a repeated one is refused.
                if attempt and (done := await self._done_before(command, actor, receipt)):
                    return done
                try:
                    return await self._attempt(command, actor, values, expected_version, receipt, trace)
                except ConcurrentChange as lost:
                    contended |= lost.records
                except GovError:
                    # A repeated request meets what its first run has changed: that refusal is not its answer.
                    if done := await self._done_before(command, actor, receipt):
                        return done
                    raise
            if attempt or not contended:
                await asyncio.sleep(random.uniform(0, 0.01 * 2 ** min(attempt, 5)))
        raise GovError(Gen.CONFLICT.code, Gen.CONFLICT.value, retryable=True)

    async def _done_before(self, command: Command, actor: Actor, receipt: "Receipt | None") -> Aggregate | None:
        """What the same request answered first, while the caller may read it or still command it. Raises AUTH_…"""
        result = await receipt.result(self.store) if receipt else None
        if result and not may_read(result, type(result).visible_to(actor)):
            await authorise(self.store, actor, command.roles, result)
        return result

    async def _attempt(
        self,
        command: Command,
        actor: Actor,
        values: dict[str, Any],
        expected_version: int | None,
        receipt: "Receipt | None",
        trace: Trace,
    ) -> Aggregate:
        now = self.clock.now()
        cause = Cause(
            action=command.name,
            actor=actor,
            now=now,
            source=self.source,
            correlation_id=trace.trace_id,
            causation_id=receipt.id if receipt else trace.span_id,
            traceparent=trace.traceparent,
        )
        work = UnitOfWork(self.store, cause, reason=values.get("reason"))
        context = Context(work, command, actor, now, expected_version, self.reference_types)
        try:
            # A copy: what one attempt does to the lists of its input is not there in the next.
            result = await command.handler(context, command.build(deepcopy(values)))
            context.check_result(result)
        except GovError as refusal:
            # What it read may be a mixture of before and after another commit; then the reason given may be wrong.
            if outdated := await work.outdated():
                raise ConcurrentChange(outdated) from refusal
            raise
        if receipt:
            work.receipt = receipt.document(result, now)
        reached(Step.COMMAND_DECIDED)
        with Span("commit", Kind.INTERNAL, trace):
            await work.commit()
        reached(Step.COMMAND_COMMITTED)
        return result


@dataclass(frozen=True)
class Receipt:
    """The record of a request that carried a `clientMutationId`: the same request again gets the same result."""

    id: str
    digest: str
    result_type: type[Aggregate]

    @classmethod
    def of(cls, command: Command, actor: Actor, values: dict[str, Any], mutation_id: str | None) -> "Receipt | None":
        if not mutation_id:
            return None
        body = orjson.dumps(values, option=orjson.OPT_SORT_KEYS, default=str)
        key = hashlib.sha256("\0".join((actor.id, command.name, mutation_id)).encode()).hexdigest()
        return cls(key, hashlib.sha256(body).hexdigest(), command.result)

    async def result(self, store: Store) -> Aggregate | None:
        """The record that an earlier run answered, as it is now. Raises GEN_IDEMPOTENCY_MISMATCH, GEN_NOT_FOUND."""
        row = await store.database["receipts"].find_one({"_id": self.id})
        if row is None:
            return None
        if row["digest"] != self.digest:
            raise Gen.IDEMPOTENCY_MISMATCH(field="clientMutationId")
        result = await store.get(self.result_type, row["result_id"])
        if result is None:
            raise Gen.NOT_FOUND(type=self.result_type.__name__, id=row["result_id"])
        return result

    def document(self, result: Aggregate, now: datetime) -> Document:
        return {"_id": self.id, "digest": self.digest, "result_id": result.id, "at": now}


def require_signed_in(actor: Actor) -> None:
    """Raises AUTH_UNAUTHENTICATED for anonymous callers."""
    if not actor.authenticated:
        raise Auth.UNAUTHENTICATED()
