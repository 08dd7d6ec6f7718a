"""The demonstration county's part of this service, built by the domain from the shared facts."""

from collections.abc import Iterator
from typing import Any

from govkit.seeding import Seeder, registered
from grid.domain.codes import GridKind
from grid.domain.duties import GridDuty, GridDutyRole
from grid.domain.grids import BaseGrid
from grid.domain.links import ExternalGridMapping
from grid.domain.micro_grids import MicroGrid, MicroGridBuilding
from grid.domain.net import AreaBoundary, BoundarySubject, Generation, GenerationState
from grid.handlers.geometry import draw
from lanling_demo import grid_facts as facts
from lanling_demo.geometry import Rectangle
from lanling_demo.ids import stable_id
from lanling_demo.story import AS_OF

OTHER_SYSTEMS = ("PUBLIC_SECURITY", "URBAN_MANAGEMENT")


async def seed(seeder: Seeder) -> None:
    """The generation comes last: with it the whole net becomes active at once, also for a service that runs already."""
    grids = {grid.code: grid for grid in base_grids()}
    for name, records in (
        ("boundaries", boundaries()),
        ("base grids", grids.values()),
        ("micro-grids", micro_grids(grids)),
        ("duties", duties(grids)),
        ("mappings", mappings()),
        ("generation", [generation()]),
    ):
        await seeder.load(name, records)


def polygon(cell: Rectangle) -> dict[str, Any]:
    ring = [list(corner) for corner in facts.boundary(cell, AS_OF)]
    return {"type": "Polygon", "coordinates": [ring]}


def generation() -> Generation:
    fact = facts.generation()
    return registered(
        Generation(
            id=fact.id,
            number=fact.number,
            name=fact.name,
            state=GenerationState[fact.state],
            activated_on=fact.activated_on,
        )
    )


def boundaries() -> Iterator[AreaBoundary]:
    for fact in facts.area_boundaries():
        yield AreaBoundary.of(
            id=fact.id,
            subject=BoundarySubject[fact.subject],
            subject_id=fact.subject_id,
            generation_id=facts.generation().id,
            outline=draw(polygon(fact.cell)),
        )


def base_grids() -> Iterator[BaseGrid]:
    for fact in facts.base_grids():
        yield BaseGrid.create(
            id=fact.id,
            code=fact.code,
            name=fact.name,
            kind=GridKind.RESIDENTIAL,
            community_id=fact.community_id,
            residential_area_id=fact.residential_area_id,
            generation_id=facts.generation().id,
            outline=draw(polygon(fact.cell)),
            households=fact.households,
            population=fact.population,
            active_from=fact.active_from,
        )


def micro_grids(grids: dict[str, BaseGrid]) -> Iterator[MicroGrid]:
    for fact in facts.micro_grids():
        yield MicroGrid.create(
            id=fact.id,
            code=fact.code,
            name=fact.name,
            base=grids[fact.base_grid_code],
            outline=draw(polygon(fact.cell)),
            buildings=[
                MicroGridBuilding(name=building.name, units=building.units, households=building.households)
                for building in fact.buildings
            ],
            households=fact.households,
        )


def duties(grids: dict[str, BaseGrid]) -> Iterator[GridDuty]:
    for fact in facts.duties():
        yield GridDuty.assign(
            id=fact.id,
            grid=grids[fact.base_grid_code],
            role=GridDutyRole[fact.role],
            start_on=fact.from_on,
            staff_id=fact.staff_id,
        )


def mappings() -> Iterator[ExternalGridMapping]:
    """The first grid of each community, as two other systems call it."""
    for grids in facts.grids_by_community().values():
        for system in OTHER_SYSTEMS:
            yield registered(
                ExternalGridMapping(
                    id=stable_id("external-grid-mapping", system, grids[0].code),
                    system=system,
                    external_code=f"{system[:2]}{grids[0].code[-6:]}",
                    grid_code=grids[0].code,
                    valid_from=grids[0].active_from,
                )
            )
