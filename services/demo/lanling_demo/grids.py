"""The 405 base grids and 2,971 micro-grids with their boundaries."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from .areas import ResidentialArea, residential_areas
from .county import communities, division_date
from .geometry import Nodes, Rectangle, Ring, columns
from .ids import stable_id
from .split import split
from .story import rng, topic

BASE_GRIDS = 405
EIGHT_STRIPS = frozenset((*range(0, 403, 3), 404))  # indices of the base grids with one micro-grid more
PERSONS_PER_HOUSEHOLD = 2.9


@dataclass(frozen=True, slots=True)
class BaseGrid:
    """``index`` runs over the county; ``boundary`` is a closed ring in WGS-84 degrees, longitude first."""

    index: int
    id: str
    code: str
    name: str
    community_id: str
    community_code: str
    residential_area_id: str
    residential_area_code: str
    households: int
    population: int
    active_from: date
    cell: Rectangle
    micro_grids: int


@dataclass(frozen=True, slots=True)
class Building:
    """Residential building of a micro-grid."""

    name: str
    units: int
    households: int


@dataclass(frozen=True, slots=True)
class MicroGrid:
    """One vertical strip of its base grid, counted from the west."""

    index: int
    id: str
    code: str
    name: str
    base_grid_id: str
    base_grid_code: str
    community_code: str
    households: int
    buildings: tuple[Building, ...]
    cell: Rectangle


def generation_activated_on(as_of: date) -> date:
    """The day the net of the 21 communities took effect, a month after the division."""
    return division_date(as_of) + timedelta(days=30)


@topic
def base_grids(as_of: date) -> tuple[BaseGrid, ...]:
    """In the order of their codes: west to east, then north to south, community by community."""
    grids: list[BaseGrid] = []
    in_community: dict[str, int] = {}
    for area in residential_areas(as_of):
        for ordinal, cell in enumerate(columns(area.cell, [1] * area.base_grids)):
            number = in_community[area.community_code] = in_community.get(area.community_code, 0) + 1
            grids.append(_base_grid(len(grids), number, area, ordinal, cell, as_of))
    return tuple(grids)


@topic
def micro_grids(as_of: date) -> tuple[MicroGrid, ...]:
    """In the order of their codes."""
    return tuple(_micro_grids(base_grids(as_of)))


@topic
def nodes(as_of: date) -> Nodes:
    """The corners that make neighbouring rings of every level agree."""
    return Nodes(strip for grid in base_grids(as_of) for strip in columns(grid.cell, [1] * grid.micro_grids))


def boundary(cell: Rectangle, as_of: date) -> Ring:
    """Exterior ring of a community, an area, a base grid or a micro-grid. Neighbours share identical coordinates."""
    return nodes(as_of).ring(cell)


@topic
def grids_by_area(as_of: date) -> dict[str, tuple[BaseGrid, ...]]:
    """Base grids by residential area code."""
    return _group(base_grids(as_of), [area.code for area in residential_areas(as_of)], "residential_area_code")


@topic
def grids_by_community(as_of: date) -> dict[str, tuple[BaseGrid, ...]]:
    """Base grids by community code."""
    return _group(base_grids(as_of), [community.code for community in communities(as_of)], "community_code")


def _group(grids: tuple[BaseGrid, ...], codes: list[str], attribute: str) -> dict[str, tuple[BaseGrid, ...]]:
    groups: dict[str, list[BaseGrid]] = {code: [] for code in codes}
    for grid in grids:
        groups[getattr(grid, attribute)].append(grid)
    return {code: tuple(members) for code, members in groups.items()}


def _base_grid(index: int, number: int, area: ResidentialArea, ordinal: int, cell: Rectangle, as_of: date) -> BaseGrid:
    code = f"{area.community_code}{number:03}"
    households = area.grid_households[ordinal]
    return BaseGrid(
        index=index,
        id=stable_id("base-grid", code),
        code=code,
        name=f"{area.name}第{ordinal + 1}网格",
        community_id=area.community_id,
        community_code=area.community_code,
        residential_area_id=area.id,
        residential_area_code=area.code,
        households=households,
        population=round(households * PERSONS_PER_HOUSEHOLD),
        active_from=generation_activated_on(as_of),
        cell=cell,
        micro_grids=8 if index in EIGHT_STRIPS else 7,
    )


def _micro_grids(grids: tuple[BaseGrid, ...]) -> Iterator[MicroGrid]:
    index = 0
    for grid in grids:
        shares = split(grid.households, grid.micro_grids)
        for number, cell in enumerate(columns(grid.cell, [1] * grid.micro_grids), start=1):
            code = f"{grid.code}{number:02}"
            yield MicroGrid(
                index=index,
                id=stable_id("micro-grid", code),
                code=code,
                name=f"{grid.name}第{number}微网格",
                base_grid_id=grid.id,
                base_grid_code=grid.code,
                community_code=grid.community_code,
                households=shares[number - 1],
                buildings=_buildings(code, number, shares[number - 1]),
                cell=cell,
            )
            index += 1


def _buildings(code: str, number: int, households: int) -> tuple[Building, ...]:
    count = rng("buildings", code).randint(1, 2)
    first = 2 * number - 1
    return tuple(
        Building(name=f"{first + offset}号楼", units=rng("units", code, offset).randint(1, 4), households=share)
        for offset, share in enumerate(split(households, count))
    )
