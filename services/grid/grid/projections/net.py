"""The active net in memory, so that locating a point costs one small read and some microseconds.

Every commit that changes the net raises the revision of its generation (`Generation.revise`) in the same transaction.
Each request compares that number with the one in memory and loads the net anew when they differ: no replica ever
answers from a net that was changed before the request began.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

from govkit.domain import GeoPoint
from govkit.geo import Located, Locator
from govkit.store.codec import Document
from govkit.store.conditions import Query
from govkit.store.store import Store
from grid.domain.grids import BaseGrid, GridStatus
from grid.domain.micro_grids import MicroGrid
from grid.domain.net import AreaBoundary, BoundarySubject, Generation, GenerationState
from grid.domain.shapes import BoundingBox

Shapes = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class NetGrid:
    """What locating needs of a base grid; all else is read from the database when it is asked for."""

    code: str
    community_id: str
    residential_area_id: str | None
    boundary: dict[str, Any]


@dataclass(frozen=True)
class Net:
    """One revision of the active generation. Without an active generation it is empty and everything lies outside."""

    generation_id: str | None
    revision: int
    base_grids: dict[str, NetGrid] = field(default_factory=dict)
    micro_shapes: dict[str, Shapes] = field(default_factory=dict)
    areas: dict[BoundarySubject, Shapes] = field(default_factory=dict)
    _locators: dict[str | BoundarySubject, Locator] = field(default_factory=dict)

    @cached_property
    def base(self) -> Locator:
        return Locator({code: grid.boundary for code, grid in self.base_grids.items()})

    @cached_property
    def micro(self) -> Locator:
        """All micro-grids at once, for the map; `locate_micro` needs only those of one base grid."""
        return Locator({code: shape for shapes in self.micro_shapes.values() for code, shape in shapes.items()})

    @cached_property
    def base_of(self) -> dict[str, str]:
        """Code of a micro-grid → code of its base grid."""
        return {code: base for base, shapes in self.micro_shapes.items() for code in shapes}

    def locate(self, point: GeoPoint, tolerance_m: float = 50) -> Located:
        return self.base.locate(point, tolerance_m)

    def locate_micro(self, base_code: str, point: GeoPoint, tolerance_m: float = 50) -> Located:
        """The micro-grid among those of the base grid that the point was located in."""
        return self._locator(base_code, self.micro_shapes.get(base_code, {})).locate(point, tolerance_m)

    def area_locator(self, subject: BoundarySubject) -> Locator:
        return self._locator(subject, self.areas.get(subject, {}))

    def _locator(self, key: str | BoundarySubject, shapes: Shapes) -> Locator:
        if key not in self._locators:
            self._locators[key] = Locator(shapes)
        return self._locators[key]


class NetCache:
    """The net of one database. Loads it once for all requests that wait for the same revision."""

    def __init__(self, store: Store):
        self._store = store
        self._lock = asyncio.Lock()
        self._net = Net(None, 0)

    async def current(self) -> Net:
        """The net as of now, or newer."""
        present = await self._present()
        if not self._is_at(present):
            async with self._lock:
                # While waiting, another request may have loaded what this one needs; and the net may have moved on.
                present = await self._present()
                if not self._is_at(present):
                    self._net = await self._load(present)
        return self._net

    async def _present(self) -> Generation | None:
        found = await self._store.find(Generation, {"state": GenerationState.ACTIVE}, limit=1)
        return found[0] if found else None

    def _is_at(self, present: Generation | None) -> bool:
        wanted = (present.id, present.revision) if present else (None, 0)
        return (self._net.generation_id, self._net.revision) == wanted

    async def _load(self, present: Generation | None) -> Net:
        # What is read after the revision is at least as new as it; when it is newer, the next request loads again.
        if present is None:
            return Net(None, 0)
        grids = {
            row["code"]: NetGrid(row["code"], row["community_id"], row["residential_area_id"], row["boundary"])
            async for row in self._rows(BaseGrid, {"generation_id": present.id}, "community_id", "residential_area_id")
        }
        micro: dict[str, Shapes] = {}
        async for row in self._rows(MicroGrid, {}, "base_grid_code"):
            if row["boundary"] and row["base_grid_code"] in grids:
                micro.setdefault(row["base_grid_code"], {})[row["code"]] = row["boundary"]
        areas: dict[BoundarySubject, Shapes] = {subject: {} for subject in BoundarySubject}
        for area in await self._store.find(AreaBoundary, {"generation_id": present.id}):
            areas[area.subject][area.subject_id] = area.boundary
        net = Net(present.id, present.revision, grids, micro, areas)
        await asyncio.to_thread(lambda: net.base)
        return net

    def _rows(self, cls: type[BaseGrid] | type[MicroGrid], where: Query, *names: str) -> AsyncIterator[Document]:
        # Rows, not aggregates: buildings and stamps of thousands of micro-grids cost ten times as much as their shapes.
        wanted = dict.fromkeys(("code", "boundary", *names), 1)
        return self._store.collection(cls).find(where | {"status": GridStatus.ACTIVE.name}, wanted)


async def base_grids_touching(store: Store, generation_id: str, bbox: BoundingBox) -> list[tuple[str, dict[str, Any]]]:
    """Code and boundary of the active base grids whose bounding boxes touch this one."""
    where = {
        "generation_id": generation_id,
        "status": GridStatus.ACTIVE.name,
        "bbox.west": {"$lte": bbox.east},
        "bbox.east": {"$gte": bbox.west},
        "bbox.south": {"$lte": bbox.north},
        "bbox.north": {"$gte": bbox.south},
    }
    rows = store.collection(BaseGrid).find(where, {"code": 1, "boundary": 1})
    return [(row["code"], row["boundary"]) async for row in rows]


_caches: "WeakKeyDictionary[Store, NetCache]" = WeakKeyDictionary()


def net_of(store: Store) -> NetCache:
    """The net of this service's database, the same object for all requests of the process."""
    return _caches.setdefault(store, NetCache(store))
