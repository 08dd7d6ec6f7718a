"""Figures: numbers that are each the count of a list, or the sum of a field over it, by the list's own predicate.

FIGURES = (
    Figure("communities", "社区 Communities", Community),
    Figure("unionMembers", "会员 Union members", Membership, where={"state": MembershipState.ACTIVE}),
    Figure("pointsIssued", "积分 Points issued", Transaction, where={"code": Code.GRANT}, total="points"),
)
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.scalars import JSON
from strawberry.types.field import StrawberryField

from govkit.domain.aggregate import Aggregate, Where
from govkit.domain.fields import Doc, Id, camel, describe, fields_of
from govkit.graphql.functions import Argument, make_field
from govkit.graphql.given import seek
from govkit.graphql.lists import list_name
from govkit.graphql.request import RequestContext
from govkit.store.conditions import from_where, stored
from govkit.store.store import Store

COMMUNITY = describe("community_id", Annotated[Id, Doc("社区 Of one community; figures without one are null")])


@dataclass(frozen=True)
class Figure:
    """`total` names the number to sum; without it records are counted. Kept by community when the records are."""

    name: str
    doc: str
    of: type[Aggregate]
    where: Where = field(default_factory=dict)
    total: str | None = None

    @property
    def by_community(self) -> bool:
        return any(item.name == self.community_field for item in fields_of(self.of))

    @property
    def community_field(self) -> str:
        return "id" if self.of.__name__ == "Community" else "community_id"

    async def value(self, store: Store, community_id: str | None) -> int | None:
        """The figure now; None when a community is asked for and the records have none."""
        if community_id and not self.by_community:
            return None
        where = {**self.where, self.community_field: community_id} if community_id else self.where
        query = from_where(where)
        return await store.total(self.of, query, self.total) if self.total else await store.count(self.of, query)


@strawberry.federation.type(
    shareable=True, description="指标定义 How a figure is made, so that it can be opened as a list"
)
class FigureDefinition:
    name: str = strawberry.field(description="指标 Name of the figure")
    meaning: str = strawberry.field(description="含义 Meaning")
    list: str = strawberry.field(description="列表 Name of the list query behind it")
    filter: JSON = strawberry.field(description="筛选 The `filter` argument of that list")
    sum: str | None = strawberry.field(description="求和字段 Field that is summed; null: records are counted")


def statistics_field(root_name: str, figures: Sequence[Figure]) -> StrawberryField:
    """The root `<root_name>(communityId)` with one nullable Int a figure."""
    type_name = f"{root_name[0].upper()}{root_name[1:]}"
    namespace: dict[str, Any] = {
        "__annotations__": {"as_of": datetime, "definitions": list[FigureDefinition]},
        "as_of": strawberry.field(description="统计时间 When it was computed"),
        "definitions": strawberry.field(description="定义 How each figure is made"),
    }
    for figure in figures:
        namespace[figure.name] = make_field(figure.name, int | None, figure.doc, _reader(figure))
    type_ = strawberry.type(type(type_name, (), namespace), description="统计 Figures over the stored data")

    async def resolve(_root: Any, context: RequestContext, given: dict[str, Any]) -> "_Statistics":
        context.require_signed_in()
        community = given["community_id"]
        if community is not None:
            community = seek(COMMUNITY, community, COMMUNITY.camel)
        return _Statistics(context.bus.clock.now(), [definition(item) for item in figures], community)

    by_community = Argument(COMMUNITY.name, strawberry.ID | None, COMMUNITY.doc)
    return make_field(root_name, type_ | None, "统计 Figures of this service", resolve, (by_community,))


@dataclass(frozen=True)
class _Statistics:
    as_of: datetime
    definitions: list[FigureDefinition]
    community_id: str | None


def _reader(figure: Figure) -> Any:
    async def read(root: _Statistics, context: RequestContext, _given: dict[str, Any]) -> int | None:
        return await figure.value(context.store, root.community_id)

    return read


def definition(figure: Figure) -> FigureDefinition:
    return FigureDefinition(
        name=figure.name,
        meaning=figure.doc,
        list=list_name(figure.of),
        filter=JSON({camel(name): _operator(value) for name, value in figure.where.items()}),
        sum=camel(figure.total) if figure.total else None,
    )


def _operator(value: Any) -> dict[str, Any]:
    if isinstance(value, set | frozenset | list | tuple):
        return {"in": sorted(stored(item) for item in value)}
    return {"eq": stored(value)}
