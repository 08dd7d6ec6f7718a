"""Fields of `Subscription`: the service says which of its events they follow, the gateway does the rest.

Subscription("petitionChanged", Petition, events=[PetitionAccepted, …], argument="id", equals="petition_id")

prints as

    petitionChanged(id: ID!): Petition
      @feed(topic: "petition.events", types: ["cn.lanling.petition.accepted.v1", …],
            where: ["data.petitionId = $id"], query: "petition(id: $id)")

For each such event the gateway asks `query` with the subscriber's token. So what a subscriber may see is decided where
every other reader's question is decided.
"""

import inspect
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from types import GenericAlias
from typing import Any

import strawberry
from strawberry.schema_directive import Location
from strawberry.types.field import StrawberryField

from govkit.domain.aggregate import Aggregate
from govkit.domain.errors import Gen
from govkit.domain.events import Event
from govkit.domain.fields import camel, fields_of
from govkit.graphql.functions import annotated
from govkit.graphql.lists import list_name, record_name
from govkit.graphql.types import entity_type


@strawberry.federation.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="feed",
    compose=True,
    import_url="https://gateway.example/feed/v0.1",
)
class Feed:
    """The gateway's declaration; `docs/adr/0023-subscriptions.md` says what each part means."""

    topic: str
    types: list[str]
    where: list[str]
    query: str
    start: str | None = strawberry.UNSET


@dataclass(frozen=True)
class Subscription:
    """A field that tells of `record` again after each of `events` whose field `equals` is the argument's value.

    `record_id` is the field of the events with the record's id; without it the argument is that id.
    Raises TypeError when an event lacks one of these fields.
    """

    name: str
    record: type[Aggregate]
    doc: str
    events: Sequence[type[Event]]
    argument: str
    argument_doc: str
    equals: str
    record_id: str | None = None

    def __post_init__(self) -> None:
        for event in self.events:
            lacking = {self.equals, self.record_id} - {None} - {item.name for item in fields_of(event)}
            if lacking:
                raise TypeError(f"{self.name}: {event.__name__} has no field {', '.join(sorted(map(str, lacking)))}")

    def feed(self, service: str) -> Feed:
        record_id = f"_data_{camel(self.record_id)}" if self.record_id else self.argument
        return Feed(
            topic=f"{service}.events",
            types=sorted(event.TYPE for event in self.events),
            where=[f"data.{camel(self.equals)} = ${self.argument}"],
            query=f"{record_name(self.record)}(id: ${record_id})",
            # What no record is named by yet: whoever may ask for the list at all may wait for its records.
            start=f"{list_name(self.record)}(first: 1) {{ totalCount }}" if self.record_id else strawberry.UNSET,
        )

    def field(self, service: str) -> StrawberryField:
        async def resolver(**_given: Any) -> AsyncGenerator[Any, None]:
            raise Gen.VALIDATION(field=self.name, rule="subscriptions are answered by the gateway")
            yield

        record: Any = entity_type(self.record)
        result = GenericAlias(AsyncGenerator, (record | None, None))
        described = strawberry.argument(name=self.argument, description=self.argument_doc)
        annotation = annotated(strawberry.ID, described)
        resolver.__annotations__ = {self.argument: annotation, "return": result}
        resolver.__signature__ = _signature(self.argument, annotation, result)  # type: ignore[attr-defined]
        field: Any = strawberry.subscription(
            resolver=resolver, name=self.name, description=self.doc, directives=[self.feed(service)]
        )
        return field  # type: ignore[no-any-return]


def subscription_type(subscriptions: Sequence[Subscription], service: str) -> Any:
    fields = {item.name: item.field(service) for item in subscriptions}
    doc = "订阅 What clients can wait for"
    return strawberry.type(type("Subscription", (), fields), name="Subscription", description=doc)


def _signature(argument: str, annotation: Any, result: Any) -> Any:
    parameter = inspect.Parameter(argument, inspect.Parameter.KEYWORD_ONLY, annotation=annotation)
    return inspect.Signature([parameter], return_annotation=result)
