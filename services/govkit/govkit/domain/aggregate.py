"""Aggregates: the unit of consistency. One version a commit, one sequence number an event, no gaps in either."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from inspect import get_annotations
from typing import Annotated, Any, ClassVar

from govkit.domain.due import Due
from govkit.domain.errors import ErrorCode, GovError
from govkit.domain.events import Event, state_event
from govkit.domain.fields import Doc, Field, Hidden, Id, Managed, fields_of, snake
from govkit.domain.identity import Actor, Place, Role
from govkit.domain.states import StateTable

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Where = Mapping[str, Any]
"""A condition on stored fields: name → value, or name → set of values (any of). All must hold."""

Visibility = tuple[Where, ...]
"""What a caller may read: a record that matches any of the conditions."""

EVERYTHING: Visibility = ({},)
NOTHING: Visibility = ()


def matches(record: Any, where: Where) -> bool:
    """Whether a record meets a condition, exactly as the database would find it."""
    return all(_meets(getattr(record, name), wanted) for name, wanted in where.items())


def _meets(value: Any, wanted: Any) -> bool:
    if isinstance(value, list):
        return any(_meets(item, wanted) for item in value)
    return value in wanted if isinstance(wanted, set | frozenset | list | tuple) else bool(value == wanted)


def may_read(record: Any, visible: Visibility) -> bool:
    return any(matches(record, where) for where in visible)


@dataclass(frozen=True)
class Unique:
    """An invariant over all records of a type: no two agree on `fields` among those that match `when`."""

    fields: tuple[str, ...]
    error: ErrorCode
    when: Where = field(default_factory=dict)

    @property
    def name(self) -> str:
        return "unique_" + "_".join((*self.fields, *self.when))


class Register:
    """A plain register: records that officers create and update, without a state machine of their own.

    The kit derives from it the mutations `create…`/`update…` (or the given names), their inputs and the two events
    `<noun>.<created>` and `<noun>.<changed>`, which carry every field that may leave the service.
    """

    def __init__(
        self,
        *roles: Role,
        created: str = "registered",
        changed: str = "changed",
        noun: str | None = None,
        create: str | None = None,
        update: str | None = None,
    ):
        self.roles = frozenset(roles)
        self.created_verb, self.changed_verb = created, changed
        self.noun, self.create, self.update = noun, create, update

    def bind(self, aggregate: type["Aggregate"]) -> None:
        self.aggregate = aggregate
        self.noun = self.noun or snake(aggregate.__name__)
        self.create = self.create or f"create{aggregate.__name__}"
        self.update = self.update or f"update{aggregate.__name__}"

    @cached_property
    def created(self) -> type[Event]:
        return self._event(self.created_verb, "登记 registered")

    @cached_property
    def changed(self) -> type[Event]:
        return self._event(self.changed_verb, "变更 changed")

    def _event(self, verb: str, meaning: str) -> type[Event]:
        return state_event(self.aggregate, str(self.noun), verb, meaning, self.aggregate.declared())


@dataclass(kw_only=True)
class Aggregate:
    """Base of all aggregates: identity, version, stamps. Subclasses are dataclasses with a docstring "中文 English".

    PLURAL     name of the list query; the default appends an s to the type's name
    KEYS       natural keys beside `id`, each unique
    UNIQUE     invariants over all records, held by unique indexes
    REGISTER   set for plain registers
    TABLE      set for aggregates with states
    DUE        what happens by itself when a stored moment has come
    """

    PLURAL: ClassVar[str | None] = None
    KEYS: ClassVar[tuple[str, ...]] = ()
    UNIQUE: ClassVar[tuple[Unique, ...]] = ()
    REGISTER: ClassVar[Register | None] = None
    TABLE: ClassVar[StateTable | None] = None
    DUE: ClassVar[tuple[Due, ...]] = ()

    id: Annotated[Id, Doc("标识 Id")]
    version: Annotated[int, Doc("版本 Version: number of commits"), Managed] = 0
    created_at: Annotated[datetime, Doc("创建时间 Created at"), Managed] = EPOCH
    created_by: Annotated[Id, Doc("创建人 Created by (subject)"), Managed] = ""
    updated_at: Annotated[datetime, Doc("更新时间 Updated at"), Managed] = EPOCH
    updated_by: Annotated[Id, Doc("更新人 Updated by (subject)"), Managed] = ""
    sequence: Annotated[int, Doc("事件序号 Number of events so far"), Managed, Hidden] = 0
    falls_due_at: Annotated[datetime | None, Doc("到期时间 When the scheduler looks at it next"), Managed, Hidden] = (
        None
    )
    fell_due: Annotated[dict[str, Any] | None, Doc("已到期 Rule: the last moment done"), Managed, Hidden] = None
    _pending: list[Event] = field(default_factory=list, init=False, repr=False, compare=False)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # What the kit keeps for itself it writes at each commit.
        if taken := {item.name for item in fields_of(Aggregate) if item.hidden} & get_annotations(cls).keys():
            raise TypeError(f"{cls.__name__}: {', '.join(sorted(taken))} belongs to the kit")
        if "REGISTER" in cls.__dict__ and cls.REGISTER is not None:
            cls.REGISTER.bind(cls)

    @classmethod
    def declared(cls) -> tuple[Field, ...]:
        """The subclass's own fields, without identity, version and stamps."""
        base = {item.name for item in fields_of(Aggregate)}
        return tuple(item for item in fields_of(cls) if item.name not in base)

    def record(self, cls: type[Event], **values: Any) -> None:
        """Note what happened; it is published with the commit that stores this aggregate.

        The event's fields are `values` and else this record's own of the same name; `<type>_id` is its id.
        """
        own_id = f"{snake(type(self).__name__)}_id"
        for item in fields_of(cls):
            if item.name not in values:
                values[item.name] = self.id if item.name == own_id else getattr(self, item.name)
        self._pending.append(cls(**values))

    def registered(self, verb: str = "created") -> None:
        """Record the register's own event."""
        assert self.REGISTER is not None
        self.record(self.REGISTER.created if verb == "created" else self.REGISTER.changed)

    @classmethod
    def snapshot_event(cls) -> type[Event]:
        """The type `<noun>.snapshot`: the whole public state, for subscribers that start without history.

        Consumers set their read models from it; it never triggers what the original events trigger.
        """
        if "_snapshot_event" not in cls.__dict__:
            meaning = "快照 snapshot of the present state"
            made = state_event(cls, snake(cls.__name__), "snapshot", meaning, cls.declared())
            cls._snapshot_event = made  # type: ignore[attr-defined]
        return cls._snapshot_event  # type: ignore[attr-defined,no-any-return]

    def take_events(self) -> list[Event]:
        """The events since the last commit, in order; the aggregate forgets them."""
        taken, self._pending = self._pending, []
        return taken

    def coming(self) -> list[tuple[datetime, Due]]:
        """What falls due in the present state, soonest first. Each moment of a rule comes once: done is done."""
        state = self.TABLE.state_of(self) if self.TABLE else None
        found = [
            (moment, rule)
            for rule in self.DUE
            if (not rule.sources or state in rule.sources)
            and (moment := rule.moment.of(self)) is not None
            and (self.fell_due or {}).get(rule.name) != moment
        ]
        return sorted(found, key=lambda item: item[0])

    def look_ahead(self) -> None:
        """Note when something falls due next; the kit calls it before each commit."""
        self.falls_due_at = next((moment for moment, _rule in self.coming()), None)

    def fall_due(self, rule: Due, moment: datetime) -> None:
        """Take the effect of a rule whose moment has come, and remember it."""
        self.fell_due = (self.fell_due or {}) | {rule.name: moment}
        if rule.target is not None:
            assert self.TABLE is not None
            setattr(self, self.TABLE.attribute, rule.target)
        if rule.does:
            getattr(self, rule.does)()
        if rule.tells:
            self.record(rule.tells)

    def take_effect(self, now: datetime) -> None:
        """Everything whose moment has come, in order, now. A method that stores a day which may have come already calls
        it, so that what is done at once and what was planned for today go one way. What a `@due_handler` does in other
        records, the command does."""
        while (coming := self.coming()) and coming[0][0] <= now:
            moment, rule = coming[0]
            self.fall_due(rule, moment)

    def check(self) -> None:
        """Raise a `GovError` when the record breaks a rule of its own. Called on create and update of registers."""

    def refusal(self, action: str, actor: Actor) -> GovError | None:
        """Why this caller may not take this action of the table on this record, beyond role, reach and state.

        Commands and `allowedActions` ask it alike, so that buttons tell what the server will say. Override where a rule
        looks at who asks: four eyes, the unit of an order, once for each person.
        """
        return None

    def place(self) -> Place:
        """Where the record lies, for authorisation: read from fields of the usual names. Override where it differs."""
        return Place(
            owner_id=getattr(self, "resident_id", None),
            street_id=getattr(self, "street_id", None),
            community_id=getattr(self, "community_id", None),
            grid_id=getattr(self, "grid_id", None),
            department_id=getattr(self, "department_id", None),
            partner_id=getattr(self, "partner_id", None),
            enterprise_id=getattr(self, "enterprise_id", None),
            supermarket_id=getattr(self, "supermarket_id", None),
            union_id=getattr(self, "union_id", None),
        )

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        """Which records this caller may read. The default: public registers, everything for everyone signed in."""
        return EVERYTHING
