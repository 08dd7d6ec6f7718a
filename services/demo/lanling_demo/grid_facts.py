"""Everything the grid service seeds: the net, its boundaries and who is on duty."""

from dataclasses import dataclass
from datetime import date

from .areas import residential_areas
from .county import COUNTY, STREET, communities
from .geometry import Rectangle, Ring
from .grids import (
    BaseGrid,
    Building,
    MicroGrid,
    base_grids,
    boundary,
    generation_activated_on,
    grids_by_area,
    grids_by_community,
    micro_grids,
)
from .ids import stable_id
from .people import name
from .staff import community_workers
from .story import topic

__all__ = [
    "AreaBoundary",
    "BaseGrid",
    "Building",
    "Generation",
    "GridDuty",
    "MicroGrid",
    "Ring",
    "area_boundaries",
    "base_grids",
    "boundary",
    "duties",
    "generation",
    "grids_by_area",
    "grids_by_community",
    "micro_grids",
]


@dataclass(frozen=True, slots=True)
class Generation:
    """The set of boundaries that is in force since the division into 21 communities."""

    id: str
    number: int
    name: str
    state: str
    activated_on: date


@dataclass(frozen=True, slots=True)
class AreaBoundary:
    """``subject`` COUNTY, STREET, COMMUNITY or RESIDENTIAL_AREA."""

    id: str
    subject: str
    subject_id: str
    subject_code: str
    cell: Rectangle
    ring: Ring


@dataclass(frozen=True, slots=True)
class GridDuty:
    """``role`` GRID_LEADER or GRID_WORKER: a community worker (``staff_id``) answers for the grid from this day."""

    id: str
    role: str
    base_grid_id: str
    base_grid_code: str
    community_code: str
    staff_id: str
    worker_number: int
    staff_name: str
    from_on: date


@topic
def generation(as_of: date) -> Generation:
    """The one active generation."""
    return Generation(
        stable_id("generation", 1), 1, "二十一社区网格 Net of 21 communities", "ACTIVE", generation_activated_on(as_of)
    )


@topic
def duties(as_of: date) -> tuple[GridDuty, ...]:
    """405 leaders, one a grid, and 190 grid workers on the grids with the most households."""
    return tuple(
        GridDuty(
            id=stable_id("grid-duty", worker.n),
            role="GRID_LEADER" if worker.leads_grid else "GRID_WORKER",
            base_grid_id=worker.base_grid_id,
            base_grid_code=worker.base_grid_code,
            community_code=worker.community_code,
            staff_id=worker.id,
            worker_number=worker.n,
            staff_name=name("worker", worker.n),
            from_on=worker.deployed_on,
        )
        for worker in community_workers(as_of)
    )


@topic
def area_boundaries(as_of: date) -> tuple[AreaBoundary, ...]:
    """County, street, communities, residential areas."""
    cells = [community.cell for community in communities(as_of)]
    whole = Rectangle(cells[0].west, cells[-1].south, cells[-1].east, cells[0].north)
    subjects = [
        ("COUNTY", COUNTY.id, COUNTY.code, whole),
        ("STREET", STREET.id, STREET.code, whole),
        *(("COMMUNITY", item.id, item.code, item.cell) for item in communities(as_of)),
        *(("RESIDENTIAL_AREA", item.id, item.code, item.cell) for item in residential_areas(as_of)),
    ]
    return tuple(
        AreaBoundary(stable_id("area-boundary", subject, code), subject, id_, code, cell, boundary(cell, as_of))
        for subject, id_, code, cell in subjects
    )
