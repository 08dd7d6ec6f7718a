"""Domain events: facts in the past tense, safe to leave the service.

    @event("party_organization.dissolved")
    class PartyOrganizationDissolved(Event):
        "党组织撤销 A Party organization was dissolved."
        party_organization_id: Annotated[Id, Doc("党组织 Party organization")]

The type on the wire is `cn.lanling.party_organization.dissolved.v1`. A field that is free text or personal data is
refused when the class is defined, so that neither can ever be published.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, TypeVar, dataclass_transform, get_type_hints

from govkit.domain.fields import Doc, Field, Id, fields_of, snake

TYPE_PREFIX = "cn.lanling."
E = TypeVar("E", bound="Event")


class Event:
    """Base of all events. `TYPE` is the CloudEvents type, version included; `UNTIL` the last day of an old version."""

    TYPE: ClassVar[str] = ""
    UNTIL: ClassVar[date | None] = None


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(name: str, version: int = 1, until: date | None = None) -> Callable[[type[E]], type[E]]:
    """Declare an event class as a frozen dataclass of the type `cn.lanling.<name>.v<version>`.

    `until`: the type ends; it is recorded up to that day, beside a newer version, if any. Then its class may go.

    Raises TypeError when a field may not leave the service, or when the class has no docstring ("中文 English").
    """

    def declare(cls: type[E]) -> type[E]:
        declared = dataclass(frozen=True, kw_only=True)(cls)
        declared.TYPE = f"{TYPE_PREFIX}{name}.v{version}"
        declared.UNTIL = until
        if not cls.__doc__ or cls.__doc__.startswith(f"{cls.__name__}("):
            raise TypeError(f"{cls.__name__} has no docstring")
        unsafe = [field.name for field in fields_of(declared) if not field.event_safe]
        if unsafe:
            raise TypeError(f"{cls.__name__}: free text or personal data in an event: {', '.join(unsafe)}")
        return declared

    return declare


def state_event(aggregate: type, noun: str, verb: str, meaning: str, fields: tuple[Field, ...]) -> type[Event]:
    """An event class that carries the aggregate's id and all its shown fields that may leave the service."""
    annotations: dict[str, Any] = {f"{snake(aggregate.__name__)}_id": Annotated[Id, Doc(_first_line(aggregate))]}
    declared = get_type_hints(aggregate, include_extras=True)
    for field in fields:
        if field.event_safe and not field.hidden:
            annotations[field.name] = declared[field.name] | None if field.nulled else declared[field.name]
    namespace = {
        "__annotations__": annotations,
        "__doc__": f"{_first_line(aggregate)} — {meaning}",
        "__module__": aggregate.__module__,
    }
    name = f"{aggregate.__name__}{verb.title().replace('_', '')}"
    return event(f"{noun}.{verb}")(type(name, (Event,), namespace))


def _first_line(cls: type) -> str:
    return (cls.__doc__ or "").strip().split("\n", 1)[0]
