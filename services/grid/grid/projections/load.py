"""How much is to be done in a grid."""

from dataclasses import dataclass
from typing import Annotated

from govkit.domain import Doc
from govkit.store.store import Store

PETITIONS = "grid_petitions"


@dataclass(frozen=True, kw_only=True)
class GridLoad:
    """网格负荷 Load of a base grid"""

    households: Annotated[int, Doc("户数 Households")]
    open_petitions: Annotated[int, Doc("在办诉求 Petitions under way, as far as the petition service told")]
    per_thousand_households: Annotated[
        float | None, Doc("每千户在办诉求 Petitions under way for a thousand households; null: nobody lives there")
    ]


async def open_petitions(store: Store, codes: list[str]) -> list[int]:
    """How many are under way in each grid; one query for all of them."""
    under_way = {"$match": {"grid_code": {"$in": codes}, "open": True}}
    rows = store.database[PETITIONS].aggregate([under_way, {"$group": {"_id": "$grid_code", "n": {"$sum": 1}}}])
    found = {row["_id"]: int(row["n"]) async for row in rows}
    return [found.get(code, 0) for code in codes]
