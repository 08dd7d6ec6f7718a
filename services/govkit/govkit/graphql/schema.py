"""One subgraph from its parts: entities with edges and history, lists, commands, computed fields, statistics."""

import asyncio
from collections.abc import Sequence
from typing import Any

import strawberry
from strawberry.extensions import AddValidationRules, ParserCache, QueryDepthLimiter, ValidationCache
from strawberry.federation.schema import FederationAny

from govkit.commands import Command
from govkit.domain.aggregate import Aggregate
from govkit.domain.errors import Auth, ErrorCode, Gen
from govkit.domain.fields import LabelEnum, camel, fields_of
from govkit.graphql.edges import Graph, Reference
from govkit.graphql.errors import OneOperation, ShapedSchema
from govkit.graphql.functions import Argument, Computed, Query, make_field
from govkit.graphql.given import seek
from govkit.graphql.history import allowed_actions, audit_trail, due_actions
from govkit.graphql.lists import list_field, list_name, record_name
from govkit.graphql.mutations import mutation_type
from govkit.graphql.request import RequestContext
from govkit.graphql.statistics import Figure, statistics_field
from govkit.graphql.subscriptions import Subscription, subscription_type
from govkit.graphql.types import CONFIG, choices, entity_type, many, meaning

DEEPEST_QUERY = 20
CACHED_DOCUMENTS = 1_000
# Made once: the limiter makes a new rule class each time, and the cache of validations goes by the rules as well.
DEPTH_RULES = QueryDepthLimiter(max_depth=DEEPEST_QUERY).validation_rules


def build_schema(
    service: str,
    aggregates: Sequence[type[Aggregate]],
    commands: Sequence[Command],
    queries: Sequence[Query] = (),
    computed: Sequence[Computed] = (),
    statistics: tuple[str, Sequence[Figure]] | None = None,
    errors: Sequence[type[ErrorCode]] = (Gen, Auth),
    subscriptions: Sequence[Subscription] = (),
) -> ShapedSchema:
    """The executable schema of the service."""
    graph = Graph(aggregates)
    for cls in aggregates:
        shape = graph.shapes[cls.__name__]
        shape.add("audit_trail", audit_trail())
        if cls.TABLE:
            shape.add("allowed_actions", allowed_actions(cls))
        if cls.DUE:
            shape.add("due_actions", due_actions())
    for extra in computed:
        owner = extra.owner if isinstance(extra.owner, str) else extra.owner.__name__
        graph.contribute(owner, extra.name, extra.field(graph))
    fields = {item.name: item.field(graph) for item in queries} | _error_codes(service, errors)
    query = _query_type(service, aggregates, fields, statistics)
    subgraph = _subgraph_class(graph)(
        query=query,
        # The newest version that the composition library knows.
        federation_version="2.9",
        mutation=mutation_type(commands) if commands else None,
        subscription=subscription_type(subscriptions, service) if subscriptions else None,
        types=graph.finish(),
        config=CONFIG,
        extensions=[
            lambda: AddValidationRules(DEPTH_RULES),
            lambda: ParserCache(maxsize=CACHED_DOCUMENTS),
            lambda: ValidationCache(maxsize=CACHED_DOCUMENTS),
            # After the cache, which sets the errors of the document alone.
            OneOperation,
        ],
    )
    return ShapedSchema(subgraph, service)


def _subgraph_class(graph: Graph) -> type[strawberry.federation.Schema]:
    class Subgraph(strawberry.federation.Schema):
        """Resolves entities in batches: one database query for each type and key."""

        def process_errors(self, errors: Any, execution_context: Any = None) -> None:
            """`ShapedSchema` logs what deserves it."""

        async def entities_resolver(  # type: ignore[override]
            self, info: strawberry.Info, representations: list[FederationAny]
        ) -> list[FederationAny]:
            info.context.require_signed_in()
            found = (_entity(graph, info.context, representation) for representation in representations)
            entities: Any = await asyncio.gather(*found, return_exceptions=True)
            return entities  # type: ignore[no-any-return]

    return Subgraph


async def _entity(graph: Graph, context: RequestContext, representation: Any) -> Any:
    """The record that a representation names by its id or a natural key; None when there is none to be seen."""
    type_name = representation.get("__typename")
    cls = graph.owned.get(type_name)
    if cls is not None:
        # Only text: a representation is free JSON, and an object in it must never become a condition of a query.
        key = next((key for key in ("id", *cls.KEYS) if isinstance(representation.get(camel(key)), str)), None)
        return await context.load(cls, representation[camel(key)], key) if key else None
    key = graph.foreign_keys.get(type_name)
    value = representation.get(camel(key)) if key else None
    return Reference(type_name, key, value) if key and isinstance(value, str) else None


def _error_codes(service: str, catalogues: Sequence[type[ErrorCode]]) -> dict[str, Any]:
    """The root `…ErrorCodes`: every code that `extensions.code` of this service can hold, with its meaning."""
    prefix = camel(service.replace("-", "_"))
    messages = {member.code: member.value for catalogue in catalogues for member in catalogue}
    choice = choices(f"{prefix[0].upper()}{prefix[1:]}ErrorCode", messages, "错误代码 Codes of refusals")

    async def resolve(_root: Any, _context: RequestContext, _given: dict[str, Any]) -> list[Any]:
        return list(choice)

    name = f"{prefix}ErrorCodes"
    return {name: make_field(name, many(choice) | None, "错误代码 All error codes of this service", resolve)}


def _query_type(
    service: str,
    aggregates: Sequence[type[Aggregate]],
    queries: dict[str, Any],
    statistics: tuple[str, Sequence[Figure]] | None,
) -> Any:
    fields = dict(queries)
    for cls in aggregates:
        fields[list_name(cls)] = list_field(cls, list_name(cls), meaning(cls))
        fields[record_name(cls)] = _record_field(cls)
    if statistics:
        root_name, figures = statistics
        fields[root_name] = statistics_field(root_name, figures)
    labels = f"{camel(service.replace('-', '_'))}EnumLabels"
    fields[labels] = _enum_labels(labels, aggregates)
    return strawberry.type(type("Query", (), fields), name="Query")


def _record_field(cls: type[Aggregate]) -> Any:
    keys = ("id", *cls.KEYS)
    described = {item.name: item for item in fields_of(cls)}
    arguments = tuple(
        Argument(key, (strawberry.ID if key == "id" else str) | None, f"按 {camel(key)} By {camel(key)}")
        for key in keys
    )

    async def resolve(_root: Any, context: RequestContext, given: dict[str, Any]) -> Any:
        context.require_signed_in()
        named = [key for key in keys if given[key] is not None]
        if len(named) != 1:
            raise Gen.VALIDATION(field=camel(keys[0]), rule="exactly one key", keys=[camel(key) for key in keys])
        key = named[0]
        return await context.load(cls, seek(described[key], given[key], camel(key)), key)

    return make_field(record_name(cls), entity_type(cls) | None, meaning(cls), resolve, arguments)


@strawberry.federation.type(shareable=True, description="枚举值的中文名 Label of an enum value")
class EnumLabel:
    name: str = strawberry.field(description="枚举值 Value")
    label: str = strawberry.field(description="中文名 Chinese label")
    description: str = strawberry.field(description="说明 Chinese and English")


def _enum_labels(field_name: str, aggregates: Sequence[type[Aggregate]]) -> Any:
    enums = {
        item.item.__name__: item.item
        for cls in aggregates
        for item in fields_of(cls)
        if item.is_enum and issubclass(item.item, LabelEnum)
    }

    async def resolve(_root: Any, _context: RequestContext, given: dict[str, Any]) -> list[EnumLabel]:
        enum = enums.get(given["name"])
        if enum is None:
            raise Gen.VALIDATION(field="name", rule="one of", names=sorted(enums))
        return [EnumLabel(name=m.name, label=m.label, description=m.description) for m in enum]

    doc = "枚举中文名 Labels of an enum of this service, by its GraphQL name"
    return make_field(field_name, list[EnumLabel] | None, doc, resolve, (Argument("name", str, "枚举名 Enum", True),))
