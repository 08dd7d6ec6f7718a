"""Which unit answers for a petition, where a unit lies, who is on duty there."""

from govkit.store.store import Store
from petition.domain.petitions import Petition
from petition.domain.values import HandlingUnit, UnitPlace
from petition.domain.vocabulary import HandlingUnitType, ResponseLevel
from petition.projections.grid_map import BASE_GRIDS

DUTIES = "grid_duties"
LEADER = "GRID_LEADER"


async def responsible_unit(store: Store, petition: Petition, level: ResponseLevel) -> HandlingUnit | None:
    """The unit of this level for this petition: its grid, community or street, or the department of its category."""
    type = HandlingUnitType.of(level)
    match type:
        case HandlingUnitType.GRID:
            id = await _grid_id(store, petition.grid_code) if petition.grid_code else None
        case HandlingUnitType.COMMUNITY:
            id = petition.community_id
        case HandlingUnitType.STREET:
            id = petition.street_id
        case HandlingUnitType.DEPARTMENT:
            id = petition.handling_department_id
    return HandlingUnit(type=type, id=id) if id else None


async def place_of_unit(store: Store, unit: HandlingUnit, petition: Petition) -> UnitPlace | None:
    """Where the unit lies, with who is first asked: the leader on duty of a grid, else, as for a community, a worker
    deployed to the residential area. None when nothing is known of the unit."""
    match unit.type:
        case HandlingUnitType.GRID:
            return await _place_of_grid(store, unit.id)
        case HandlingUnitType.COMMUNITY:
            known = await store.reference("Community", "id", unit.id)
            if known is None:
                return None
            area_id = petition.residential_area_id if petition.community_id == unit.id else None
            return UnitPlace(
                community_id=unit.id,
                street_id=known["data"].get("streetId"),
                assignee_staff_id=await deployed_worker(store, area_id),
            )
        case HandlingUnitType.STREET:
            known = await store.reference("Street", "id", unit.id)
            return UnitPlace(street_id=unit.id, community_id=_inside(petition, unit.id)) if known else None
    known = await store.reference("Department", "id", unit.id)
    return UnitPlace(street_id=petition.street_id, community_id=petition.community_id) if known else None


def _inside(petition: Petition, street_id: str) -> str | None:
    return petition.community_id if petition.street_id == street_id else None


async def _place_of_grid(store: Store, grid_id: str) -> UnitPlace | None:
    row = await store.database[BASE_GRIDS].find_one({"grid_id": grid_id, "active": True})
    if row is None:
        return None
    community = await store.reference("Community", "id", row["community_id"])
    return UnitPlace(
        grid_code=row["_id"],
        community_id=row["community_id"],
        street_id=community["data"].get("streetId") if community else None,
        assignee_staff_id=await leader_on_duty(store, row["_id"])
        or await deployed_worker(store, row["residential_area_id"]),
    )


async def leader_on_duty(store: Store, grid_code: str) -> str | None:
    """The grid's leader, else someone else on duty there."""
    row = await store.database[DUTIES].find_one({"_id": grid_code})
    active = [duty for duty in (row or {}).get("duties", {}).values() if duty["active"]]
    active.sort(key=lambda duty: (duty["role"] != LEADER, duty["staff_id"]))
    return active[0]["staff_id"] if active else None


async def deployed_worker(store: Store, area_id: str | None) -> str | None:
    """A full-time worker who is deployed to this residential area and has not left; of several always the same."""
    if area_id is None:
        return None
    here = {"type": "CommunityWorker", "data.deployedResidentialAreaId": area_id, "data.leftOn": None}
    row = await store.database["references"].find_one(here, sort=[("_id", 1)])
    return str(row["_id"]).removeprefix("CommunityWorker:") if row else None


async def _grid_id(store: Store, code: str) -> str | None:
    row = await store.database[BASE_GRIDS].find_one({"_id": code, "active": True})
    return row["grid_id"] if row else None
