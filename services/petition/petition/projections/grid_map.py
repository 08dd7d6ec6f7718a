"""Where points lie: the grids known from events, held in memory, made anew when the database says that they changed.

Every change of a grid raises one counter in the same commit, so that each replica sees with one small read whether its
copy is still true.
"""

import asyncio
from typing import Any
from weakref import WeakKeyDictionary

from govkit.domain import GeoPoint
from govkit.geo import LocateStatus, Locator
from govkit.store.store import Store
from petition.domain.values import GridPlace
from petition.domain.vocabulary import PetitionLocateStatus

BASE_GRIDS, MICRO_GRIDS = "base_grids", "micro_grids"
VERSIONS, VERSION_KEY = "projection_versions", "grid_map"
Row = dict[str, Any]

STATUS = {
    LocateStatus.CONTAINED: PetitionLocateStatus.RESOLVED,
    LocateStatus.BORDER: PetitionLocateStatus.BORDER,
    LocateStatus.NEAREST: PetitionLocateStatus.NEAREST,
    LocateStatus.OUTSIDE: PetitionLocateStatus.OUTSIDE,
}


class GridMap:
    """The grids of one database. Safe for concurrent use in one event loop."""

    def __init__(self) -> None:
        self._version = -1
        self._loading = asyncio.Lock()
        self._base: dict[str, Row] = {}
        self._micro: dict[str, dict[str, Any]] = {}
        self._locator = Locator({})
        self._micro_locators: dict[str, Locator] = {}

    async def locate(self, store: Store, point: GeoPoint) -> GridPlace:
        """The base and micro-grid of a point; PENDING while no grid is known at all."""
        await self._refresh(store)
        if not self._base:
            return GridPlace(status=PetitionLocateStatus.PENDING)
        located = self._locator.locate(point)
        if located.code is None:
            return GridPlace(status=STATUS[located.status])
        row = self._base[located.code]
        return GridPlace(
            status=STATUS[located.status],
            grid_code=located.code,
            micro_grid_code=self._micro_grid(located.code, point),
            community_id=row["community_id"],
            residential_area_id=row["residential_area_id"],
            street_id=await street_of(store, row["community_id"]),
        )

    def _micro_grid(self, code: str, point: GeoPoint) -> str | None:
        """Of the base grid's own micro-grids, so that both never disagree on a border."""
        if code not in self._micro_locators:
            self._micro_locators[code] = Locator(self._micro.get(code, {}))
        return self._micro_locators[code].locate(point).code

    async def _refresh(self, store: Store) -> None:
        if await _version(store) == self._version:
            return
        async with self._loading:
            # Read before the rows: a change in between is seen at the next call.
            version = await _version(store)
            if version != self._version:
                await self._load(store)
                self._version = version

    async def _load(self, store: Store) -> None:
        base = {row["_id"]: row async for row in store.database[BASE_GRIDS].find({"active": True})}
        micro: dict[str, dict[str, Any]] = {}
        async for row in store.database[MICRO_GRIDS].find({"active": True}):
            micro.setdefault(row["base_grid_code"], {})[row["_id"]] = row["boundary"]
        shapes = {code: row["boundary"] for code, row in base.items()}
        # Some hundred polygons take tens of milliseconds: not in the event loop.
        self._locator = await asyncio.to_thread(Locator, shapes)
        self._base, self._micro, self._micro_locators = base, micro, {}


async def _version(store: Store) -> int:
    row = await store.database[VERSIONS].find_one({"_id": VERSION_KEY})
    return row["value"] if row else 0


_maps: WeakKeyDictionary[Store, GridMap] = WeakKeyDictionary()


async def locate(store: Store, point: GeoPoint) -> GridPlace:
    """The grid of a point, as far as this service knows."""
    return await _maps.setdefault(store, GridMap()).locate(store, point)


async def place_of_grid(store: Store, code: str) -> GridPlace | None:
    """The place that a grid's code names, for an override by hand; None for a code that is not known or not in use."""
    row = await store.database[BASE_GRIDS].find_one({"_id": code, "active": True})
    if row is None:
        return None
    return GridPlace(
        status=PetitionLocateStatus.RESOLVED,
        grid_code=code,
        community_id=row["community_id"],
        residential_area_id=row["residential_area_id"],
        street_id=await street_of(store, row["community_id"]),
    )


def place_in_one(boundary: Row, point: GeoPoint) -> PetitionLocateStatus:
    """How a point lies to one grid alone: RESOLVED (inside or on its border), NEAREST or OUTSIDE."""
    return STATUS[Locator({"": boundary}).locate(point).status]


async def street_of(store: Store, community_id: str) -> str | None:
    known = await store.reference("Community", "id", community_id)
    return known["data"].get("streetId") if known else None
