"""Relay connections over one entity: filter, sort, pages by key, `totalCount` by the same predicate as the list."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import strawberry
from strawberry import UNSET
from strawberry.federation.schema_directives import ListSize
from strawberry.types.field import StrawberryField

from govkit.domain.aggregate import Aggregate
from govkit.domain.errors import Gen
from govkit.domain.fields import Field, LabelEnum, Privacy, fields_of
from govkit.domain.fields import plural as pluralise
from govkit.graphql.functions import Argument, make_field
from govkit.graphql.given import few, seek
from govkit.graphql.inputs import make_input
from govkit.graphql.request import RequestContext, visible_query
from govkit.graphql.types import choices, entity_type, enum_type, many
from govkit.memo import memoized
from govkit.store.codec import from_document, stored_name
from govkit.store.conditions import Query, both, from_filter
from govkit.store.pages import DEFAULT_PAGE, PageRequest, Sort
from govkit.store.store import Page

# What a gateway reckons with before it asks: the records of a page are as many as the page may have.
PAGE_SIZE = ListSize(
    assumed_size=DEFAULT_PAGE,
    slicing_arguments=["first", "last"],
    sized_fields=["edges"],
    require_one_slicing_argument=False,
)
SHORTEST_SEARCH = 2
LONGEST_SEARCH = 200
MOST_SORT_KEYS = 8


class SortDirection(LabelEnum):
    """排序方向 Direction of a sort"""

    ASC = "升序 Ascending"
    DESC = "降序 Descending"


@strawberry.federation.type(shareable=True, description="分页信息 Where this page stands (Relay)")
class PageInfo:
    has_next_page: bool = strawberry.field(description="后面还有 More records follow")
    has_previous_page: bool = strawberry.field(description="前面还有 Records come before")
    start_cursor: str | None = strawberry.field(description="首条游标 Cursor of the first record")
    end_cursor: str | None = strawberry.field(description="末条游标 Cursor of the last record")


@dataclass
class Connection:
    """One page and the means to count. `totalCount` costs a query only when asked."""

    cls: type[Aggregate]
    page: Page
    total_count: Callable[[], Awaitable[int]]

    @property
    def edges(self) -> list["Edge"]:
        rows = zip(self.page.cursors, self.page.documents, strict=True)
        return [Edge(cursor, from_document(self.cls, document)) for cursor, document in rows]

    @property
    def page_info(self) -> PageInfo:
        cursors = self.page.cursors
        return PageInfo(
            has_next_page=self.page.has_next,
            has_previous_page=self.page.has_previous,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        )


@dataclass
class Edge:
    cursor: str
    node: Aggregate


@memoized
def connection_type(cls: Any) -> Any:
    node = entity_type(cls)
    edge = type(
        f"{cls.__name__}Edge",
        (),
        {
            "__annotations__": {"cursor": str, "node": node},
            "cursor": strawberry.field(description="游标 Cursor"),
            "node": strawberry.field(description="记录 Record"),
        },
    )
    edge = strawberry.type(edge, description=f"{cls.__name__} 的一条 One record of a page")

    async def count(root: Any, _context: RequestContext, _given: dict[str, Any]) -> int:
        return await root.total_count()  # type: ignore[no-any-return]

    connection = type(
        f"{cls.__name__}Connection",
        (),
        {
            "__annotations__": {"edges": list[edge], "page_info": PageInfo},  # type: ignore[valid-type]
            "edges": strawberry.field(description="本页记录 Records of this page"),
            "page_info": strawberry.field(description="分页信息 Where this page stands"),
            "total_count": make_field("totalCount", int, "总数 All records that match the filter", count),
        },
    )
    return strawberry.type(connection, description=f"{cls.__name__} 列表 A page of a list")


# --- filters and sorts ------------------------------------------------------------------------------------------------


@memoized
def _operators(name: str, type_: Any, operators: tuple[str, ...]) -> Any:
    docs = {
        "eq": "等于 Equal",
        "in": "属于 Any of",
        "gte": "不小于 At least",
        "lte": "不大于 At most",
        "contains": "包含 Contains, 2 to 200 characters",
    }
    members = [(operator, list[type_] if operator == "in" else type_, docs[operator], False) for operator in operators]
    return make_input(name, f"{name}: 条件同时成立 all given operators hold", members)


def filter_type_of(item: Field) -> Any:
    """The operators that fit a field: equality for ids and enums, ranges for numbers and times, search for text."""
    if item.is_enum:
        return _operators(f"{item.item.__name__}Filter", enum_type(item.item), ("eq", "in"))
    if item.kind == "ID":
        return _operators("IDFilter", strawberry.ID, ("eq", "in"))
    if item.item is bool:
        return _operators("BooleanFilter", bool, ("eq",))
    names = {int: "IntFilter", float: "FloatFilter", date: "DateFilter", datetime: "DateTimeFilter"}
    if item.item in names:
        return _operators(names[item.item], item.item, ("eq", "in", "gte", "lte"))
    return _operators("StringFilter", str, ("eq", "in", "contains"))


def filterable(cls: type[Aggregate]) -> list[Field]:
    """Public scalar fields: personal data is never a filter or a sort."""
    return [item for item in fields_of(cls) if item.is_scalar and item.privacy is Privacy.P0 and not item.hidden]


@memoized
def filter_input(cls: Any) -> Any:
    members = [(item.camel, filter_type_of(item), item.doc, False) for item in filterable(cls)]
    return make_input(f"{cls.__name__}Filter", f"{cls.__name__} 的筛选 Filter: all given fields hold", members)


@memoized
def sort_input(cls: Any) -> Any:
    fields = [item for item in filterable(cls) if not item.many]
    members_of = {item.name.upper(): item.doc for item in fields}
    choice = choices(f"{cls.__name__}SortField", members_of, f"{cls.__name__} 的排序字段 Fields to sort by")
    members = [
        ("field", choice, "字段 Field", True),
        ("direction", enum_type(SortDirection), "方向 Direction", True),
    ]
    return make_input(f"{cls.__name__}Sort", f"{cls.__name__} 的排序 One sort key", members)


def read_filter(cls: type[Aggregate], given: Any) -> Query:
    """A filter input as a query. Raises GEN_VALIDATION."""
    if given is None or given is UNSET:
        return {}
    filters: dict[str, dict[str, Any]] = {}
    for item in filterable(cls):
        operators = getattr(given, item.camel)
        if operators is None or operators is UNSET:
            continue
        filters[item.name] = {
            name: _sought(item, name, value, f"filter.{item.camel}.{name}")
            for name in _names(operators)
            if (value := _value(operators, name)) is not UNSET
        }
    return from_filter(filters)


def _names(operators: Any) -> list[str]:
    return [name for name in ("eq", "in", "gte", "lte", "contains") if hasattr(operators, _python(name))]


def _value(operators: Any, name: str) -> Any:
    value = getattr(operators, _python(name))
    # Null means "no value" for eq and nothing for the others.
    return UNSET if value is None and name != "eq" else value


def _sought(item: Field, operator: str, value: Any, path: str) -> Any:
    if value is None:
        return None
    if operator == "in":
        return [seek(item, part, f"{path}[{index}]") for index, part in enumerate(few(value, path))]
    value = seek(item, value, path)
    if operator == "contains" and not SHORTEST_SEARCH <= len(value) <= LONGEST_SEARCH:
        raise Gen.VALIDATION(field=path, rule="length", shortest=SHORTEST_SEARCH, longest=LONGEST_SEARCH)
    return value


def _python(name: str) -> str:
    return "in_" if name == "in" else name


def read_sort(given: Any) -> Sort:
    """The sort keys. Raises GEN_VALIDATION for more than a person can want and the database can do."""
    rows = given if given and given is not UNSET else []
    if len(rows) > MOST_SORT_KEYS:
        raise Gen.VALIDATION(field="sort", rule="items", most=MOST_SORT_KEYS, given=len(rows))
    return [(stored_name(row.field.value), -1 if row.direction is SortDirection.DESC else 1) for row in rows]


# --- fields -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Restriction:
    """Only the records whose stored `key` is the parent's `attribute`."""

    key: str
    attribute: str


def list_arguments(cls: type[Aggregate]) -> tuple[Argument, ...]:
    return (
        Argument("filter", filter_input(cls) | None, "筛选 Filter"),
        Argument("sort", many(sort_input(cls)) | None, "排序 Sort keys; ties are ordered by id"),
        Argument("first", int | None, "向后条数 Records after the cursor, 20 unless told, at most 100"),
        Argument("after", str | None, "起始游标 Cursor to start after"),
        Argument("last", int | None, "向前条数 Records before the cursor"),
        Argument("before", str | None, "截止游标 Cursor to stop before"),
    )


def list_field(cls: type[Aggregate], name: str, doc: str, restriction: Restriction | None = None) -> StrawberryField:
    """A connection field; `restriction` narrows it by the parent record. Lists of many parents are read together."""

    async def resolve(root: Any, context: RequestContext, given: dict[str, Any]) -> Connection:
        context.require_signed_in()
        if restriction is None:
            return await connect(context, cls, {}, given)
        return await connect_to(context, cls, restriction.key, getattr(root, restriction.attribute), given)

    # Nullable, as everything that a service adds to the root or to others' types: when it is down, the rest answers.
    return make_field(name, connection_type(cls) | None, doc, resolve, list_arguments(cls), (PAGE_SIZE,))


async def connect(
    context: RequestContext, cls: type[Aggregate], restriction: Query, given: dict[str, Any]
) -> Connection:
    """The page that the arguments ask for, of the records that meet the restriction and that the caller may read."""
    query, sort, request = _read(context, cls, given)
    query = both(restriction, query)
    page = await context.store.page(cls, query, sort, request)
    return Connection(cls, page, lambda: context.store.count(cls, query))


async def connect_to(
    context: RequestContext, cls: type[Aggregate], key: str, value: str, given: dict[str, Any]
) -> Connection:
    """The page of the records whose `key` is `value`: one query for all values that are asked for at this moment."""
    query, sort, request = _read(context, cls, given)
    same = (cls, key, repr(query))

    async def pages(values: list[str]) -> list[Page]:
        return await context.store.pages(cls, key, values, query, sort, request)

    async def counts(values: list[str]) -> list[int]:
        return await context.store.counts(cls, key, values, query)

    page = await context.together(("pages", *same, tuple(sort), request), pages, value)
    return Connection(cls, page, lambda: context.together(("counts", *same), counts, value))


def _read(context: RequestContext, cls: type[Aggregate], given: dict[str, Any]) -> tuple[Query, Sort, PageRequest]:
    query = both(visible_query(cls, context.actor), read_filter(cls, given.get("filter")))
    request = PageRequest(**{name: given.get(name) for name in ("first", "after", "last", "before")})
    return query, read_sort(given.get("sort")), request


def list_name(cls: type[Aggregate]) -> str:
    """The name of the list query: `communities`."""
    return cls.PLURAL or pluralise(record_name(cls))


def record_name(cls: type[Aggregate]) -> str:
    """The name of the query for one record: `community`."""
    return f"{cls.__name__[0].lower()}{cls.__name__[1:]}"
