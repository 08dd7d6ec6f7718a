"""References as a graph: edges to other entities, the way back, and the stubs of types that other services own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from govkit.domain.aggregate import Aggregate
from govkit.domain.fields import Field, Ref, camel, fields_of
from govkit.graphql.functions import make_field
from govkit.graphql.lists import Restriction, list_field
from govkit.graphql.request import RequestContext
from govkit.graphql.types import Shape, entity_shape
from govkit.graphql.types import many as list_of
from govkit.store.codec import stored_name


@dataclass(frozen=True)
class Reference:
    """A record of another service, known here by one key only."""

    type_name: str
    key: str
    value: str

    def __getattr__(self, name: str) -> Any:
        if name == self.key:
            return self.value
        raise AttributeError(name)


class Graph:
    """All entity shapes of one subgraph: its own, and stubs for those that it refers or contributes to."""

    def __init__(self, aggregates: Sequence[type[Aggregate]]):
        self.owned = {cls.__name__: cls for cls in aggregates}
        self.shapes: dict[str, Shape] = {name: entity_shape(cls) for name, cls in self.owned.items()}
        self.foreign_keys: dict[str, str] = {}
        self.contributed: set[str] = set()
        for cls in aggregates:
            for item in fields_of(cls):
                if item.ref and not item.hidden:
                    self._connect(cls, item)

    def stub(self, type_name: str, key: str) -> Shape:
        """The stub of a foreign type. Raises ValueError when it is referred to by two different keys."""
        known = self.foreign_keys.setdefault(type_name, key)
        if known != key:
            raise ValueError(f"{type_name} is referred to by {known} and by {key}; use one key for a foreign type")
        if type_name not in self.shapes:
            shape = Shape(
                type_name,
                f"{type_name} 由其他服务提供 Owned by another service",
                (key,),
                lambda value: isinstance(value, Reference) and value.type_name == type_name,
            )
            shape.namespace["__annotations__"][key] = strawberry.ID if key == "id" else str
            shape.add(key, strawberry.field(name=camel(key), description="标识 Key"))
            self.shapes[type_name] = shape
        return self.shapes[type_name]

    def foreign(self, ref: Ref) -> Any:
        return self.stub(ref.type_name, ref.key).cls

    def contribute(self, type_name: str, name: str, field: StrawberryField) -> None:
        """Add a field to an owned type or to the stub of a foreign one."""
        shape = self.shapes[type_name] if type_name in self.owned else self.stub(type_name, "id")
        shape.add(name, field)
        self.contributed.add(type_name)

    def finish(self) -> list[Any]:
        """All types, complete."""
        return [
            shape.finish(resolvable=name in self.owned or name in self.contributed)
            for name, shape in self.shapes.items()
        ]

    def _connect(self, cls: type[Aggregate], item: Field) -> None:
        ref = item.ref
        assert ref is not None
        if ref.type_name not in self.owned:
            self.stub(ref.type_name, ref.key)
        self.shapes[cls.__name__].add(item.edge, self._edge(item))
        if ref.inverse:
            inverse = self._single(cls, item) if ref.single else self._many(cls, item)
            self.shapes[ref.type_name].add(ref.inverse, inverse)
            self.contributed.add(ref.type_name)

    def _edge(self, item: Field) -> StrawberryField:
        assert item.ref is not None
        ref, owned = item.ref, self.owned.get(item.ref.type_name)
        type_: Any = self.shapes[ref.type_name].cls
        doc = f"{item.doc} (记录 the record)"

        async def one(root: Any, context: RequestContext, _given: dict[str, Any]) -> Any:
            value = getattr(root, item.name)
            if value is None or owned is None:
                return None if value is None else Reference(ref.type_name, ref.key, value)
            return await context.load(owned, value, ref.key)

        async def many(root: Any, context: RequestContext, _given: dict[str, Any]) -> Any:
            values = getattr(root, item.name)
            if owned is None:
                return [Reference(ref.type_name, ref.key, value) for value in values]
            return await context.load_all(owned, values, ref.key)

        if item.many:
            return make_field(camel(item.edge), list_of(type_), doc, many)
        return make_field(camel(item.edge), type_ | None, doc, one)

    def _many(self, cls: type[Aggregate], item: Field) -> StrawberryField:
        assert item.ref is not None
        assert item.ref.inverse is not None
        restriction = Restriction(stored_name(item.name), item.ref.key)
        return list_field(cls, camel(item.ref.inverse), f"{_first(cls)} ({item.doc})", restriction)

    def _single(self, cls: type[Aggregate], item: Field) -> StrawberryField:
        assert item.ref is not None
        assert item.ref.inverse is not None
        key = item.ref.key

        async def resolve(root: Any, context: RequestContext, _given: dict[str, Any]) -> Any:
            context.require_signed_in()
            return await context.load(cls, getattr(root, key), item.name)

        return make_field(camel(item.ref.inverse), entity_shape(cls).cls | None, _first(cls), resolve)


def _first(cls: type[Aggregate]) -> str:
    return (cls.__doc__ or "").strip().split("\n", 1)[0]
