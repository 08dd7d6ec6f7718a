"""Branches of residential areas with their secretaries, and the standing of property enterprises, as organization tells
of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from govkit.domain import Code, Doc
from govkit.store.store import Store

BRANCHES = "area_branches"
STANDING = "property_standing"
LISTS = "property_lists"


@dataclass(frozen=True)
class Branch:
    """`secretary_id`: the person in office, as far as known."""

    organization_id: str
    secretary_id: str | None


async def branches_of(store: Store, area_ids: list[str]) -> list[Branch | None]:
    """For each residential area the branch that looks after it now; one query for all of them."""
    rows = store.database[BRANCHES].find({"residential_area_id": {"$in": area_ids}, "active": True})
    known = {row["residential_area_id"]: _branch(row) async for row in rows}
    return [known.get(area_id) for area_id in area_ids]


def _branch(row: dict[str, Any]) -> Branch:
    held = (term["person_id"] for term in row.get("secretaries", {}).values() if term["active"])
    return Branch(row["_id"], min(held, default=None))


@dataclass(frozen=True, kw_only=True)
class PropertyConsequence:
    """物业挂钩措施 What a red/black list brought upon a property enterprise, while it is in force"""

    kind: Annotated[Code, Doc("措施 Kind, as organization names it: BIDDING_RESTRICTED and so on")]
    start_on: Annotated[date, Doc("开始日期 From")]
    end_on: Annotated[date, Doc("结束日期 To, included")]


async def standings(store: Store, enterprise_ids: list[str], on: date) -> list[list[PropertyConsequence]]:
    """For each enterprise what is in force on that day, the longest first."""
    rows = store.database[STANDING].find({"_id": {"$in": enterprise_ids}})
    known = {row["_id"]: row.get("consequences", {}).values() async for row in rows}
    return [_in_force(known.get(id, ()), on) for id in enterprise_ids]


def _in_force(told: Iterable[dict[str, Any]], on: date) -> list[PropertyConsequence]:
    found = [
        PropertyConsequence(
            kind=item["kind"], start_on=date.fromisoformat(item["start_on"]), end_on=date.fromisoformat(item["end_on"])
        )
        for item in told
        # A consequence whose lifting alone was heard of has no kind.
        if "kind" in item and not item["lifted"]
    ]
    in_force = [item for item in found if item.start_on <= on <= item.end_on]
    return sorted(in_force, key=lambda item: (item.end_on, item.kind), reverse=True)


@dataclass(frozen=True, kw_only=True)
class PropertyListing:
    """物业红黑榜条目 Entry of a property enterprise in the newest red/black list"""

    period: Annotated[Code, Doc("月份 Month of the list", example="2023-07")]
    colour: Annotated[Code, Doc("红黑 Colour, as organization names it: RED or BLACK")]
    rank: Annotated[int, Doc("名次 Rank")]


async def listings(store: Store, enterprise_ids: list[str]) -> list[PropertyListing | None]:
    """For each enterprise its entry in the newest list: the last month's, as corrected last."""
    newest = await store.database[LISTS].find_one({}, sort=[("period", -1), ("edition", -1)])
    if newest is None:
        return [None] * len(enterprise_ids)
    entries = newest["entries"]
    return [PropertyListing(period=newest["period"], **entries[id]) if id in entries else None for id in enterprise_ids]
