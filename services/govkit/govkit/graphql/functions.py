"""Python functions as GraphQL fields: parameters are arguments, the return annotation is the type.

@query
async def locate(context: RequestContext, point: Annotated[PointInput, Doc("位置 Where")]) -> Located:
    "定位网格 Find the grid of a point."

@computed(Community)
async def coverage(community: Community, context: RequestContext) -> float: ...
"""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Protocol, get_type_hints

import strawberry
from strawberry.types.field import StrawberryField

from govkit.domain.aggregate import Aggregate
from govkit.domain.fields import Field, Ref, camel, describe
from govkit.graphql.inputs import from_input, input_field_type
from govkit.graphql.request import RequestContext
from govkit.graphql.types import output

PARENT: Any = getattr(strawberry, "Parent")[Any]  # noqa: B009
Resolve = Callable[[Any, RequestContext, dict[str, Any]], Awaitable[Any]]


@dataclass(frozen=True)
class Argument:
    """`default` is the Python default; `strawberry.UNSET` leaves the argument out when it is not given."""

    name: str
    type: Any
    doc: str
    required: bool = False
    default: Any = None


@dataclass(frozen=True)
class Query:
    """A root field of the service; `field` makes it once the subgraph's types are known."""

    name: str
    field: Callable[["Types"], StrawberryField]


@dataclass(frozen=True)
class Computed:
    """A field that the service adds to one of its types, or contributes to a type of another service (by name)."""

    owner: type[Aggregate] | str
    name: str
    field: Callable[["Types"], StrawberryField]


class Types(Protocol):
    """Where the type of a return annotation is found that names another service's record."""

    def foreign(self, ref: Ref) -> Any: ...


def make_field(
    name: str,
    type_: Any,
    doc: str,
    resolve: Resolve,
    arguments: tuple[Argument, ...] = (),
    directives: tuple[object, ...] = (),
) -> StrawberryField:
    """A GraphQL field over a resolver that takes the parent, the request and its arguments by Python name."""

    async def resolver(root: Any, info: strawberry.Info, **given: Any) -> Any:
        return await resolve(root, info.context, given)

    parameters = [
        inspect.Parameter("root", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=PARENT),
        inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=strawberry.Info),
    ]
    annotations: dict[str, Any] = {"root": PARENT, "info": strawberry.Info, "return": type_}
    for argument in arguments:
        described = strawberry.argument(name=camel(argument.name), description=argument.doc)
        annotation = annotated(argument.type, described)
        default = inspect.Parameter.empty if argument.required else argument.default
        annotations[argument.name] = annotation
        parameters.append(
            inspect.Parameter(argument.name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
        )
    resolver.__annotations__ = annotations
    resolver.__signature__ = inspect.Signature(parameters, return_annotation=type_)  # type: ignore[attr-defined]
    resolver.__name__ = name
    field: StrawberryField = strawberry.field(resolver=resolver, name=name, description=doc, directives=directives)
    return field


def annotated(type_: Any, mark: object) -> Any:
    return Annotated[type_, mark]


def query(function: Callable[..., Awaitable[Any]]) -> Query:
    """A root field; only signed-in callers get an answer."""
    described = _described(function, skip=("context",))

    async def resolve(_root: Any, context: RequestContext, given: dict[str, Any]) -> Any:
        context.require_signed_in()
        return await function(context, **_inputs(described, given))

    name = camel(function.__name__)
    return Query(name, lambda types: _function_field(function, described, resolve, types, abroad=True))


def computed(owner: type[Aggregate] | str) -> Callable[[Callable[..., Awaitable[Any]]], Computed]:
    """A field of `owner`; the function's first parameter is the record (or the `Reference` of a foreign type)."""

    def declare(function: Callable[..., Awaitable[Any]]) -> Computed:
        parent = next(iter(inspect.signature(function).parameters))
        described = _described(function, skip=(parent, "context"))

        async def resolve(root: Any, context: RequestContext, given: dict[str, Any]) -> Any:
            return await function(root, context, **_inputs(described, given))

        name, abroad = camel(function.__name__), isinstance(owner, str)
        return Computed(owner, name, lambda types: _function_field(function, described, resolve, types, abroad))

    return declare


def _described(function: Callable[..., Any], skip: tuple[str, ...]) -> tuple[Field, ...]:
    hints = get_type_hints(function, include_extras=True)
    return tuple(
        describe(name, hints[name], parameter.default is not inspect.Parameter.empty, function.__qualname__)
        for name, parameter in inspect.signature(function).parameters.items()
        if name not in skip
    )


def _inputs(described: tuple[Field, ...], given: dict[str, Any]) -> dict[str, Any]:
    values = {item.name: from_input(item, given.get(item.name, strawberry.UNSET), item.camel) for item in described}
    return {name: value for name, value in values.items() if value is not strawberry.UNSET}


def _function_field(
    function: Callable[..., Any], described: tuple[Field, ...], resolve: Resolve, types: Types, abroad: bool
) -> StrawberryField:
    """`abroad`: a field of the root or of another service's type, which is null when this service is down."""
    arguments = tuple(
        Argument(
            item.name, input_field_type(item, not item.has_default), item.doc, not item.has_default, strawberry.UNSET
        )
        for item in described
    )
    result = _result_type(get_type_hints(function, include_extras=True)["return"], types)
    doc = " ".join((function.__doc__ or "").split())
    return make_field(camel(function.__name__), result | None if abroad else result, doc, resolve, arguments)


def _result_type(annotation: Any, types: Types) -> Any:
    """`Annotated[Reference, Ref("Resident")]` is the type of another service's record; all else maps by itself."""
    ref = next((mark for mark in getattr(annotation, "__metadata__", ()) if isinstance(mark, Ref)), None)
    return types.foreign(ref) | None if ref else output(annotation)
