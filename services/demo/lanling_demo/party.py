"""Party organizations: the four levels of each community, the property industry's, the resident units'."""

from dataclasses import dataclass
from datetime import date, timedelta

from .areas import ResidentialArea, residential_areas
from .calendar import random_day
from .county import communities
from .grids import MicroGrid, grids_by_area, micro_grids
from .ids import stable_id
from .property import ORGANIZED, property_enterprises
from .story import rng, topic
from .venues import resident_units

GROUPS_PER_AREA = 2
INDUSTRY_COMMITTEE_KEY = "property-industry"


@dataclass(frozen=True, slots=True)
class PartyOrganization:
    """``level`` 1 … 4 inside the four-level system, else None. ``parent_key`` is the key of another record."""

    key: str
    id: str
    name: str
    type: str
    level: int | None
    parent_key: str | None
    parent_id: str | None
    community_id: str | None
    community_code: str | None
    residential_area_id: str | None
    residential_area_code: str | None
    micro_grid_ids: tuple[str, ...]
    established_on: date
    member_count: int


@topic
def party_organizations(as_of: date) -> tuple[PartyOrganization, ...]:
    """Every parent before its children."""
    found = [
        _organization("county", "中共兰陵县委", "COUNTY_COMMITTEE", None, date(1949, 10, 1), 13),
        _organization("street", "卞庄街道党工委", "STREET_WORKING_COMMITTEE", "county", date(2010, 9, 1), 11),
        _organization(INDUSTRY_COMMITTEE_KEY, "兰陵县物业管理行业党委", "PROPERTY_INDUSTRY_COMMITTEE", "county",
                      date(as_of.year - 2, 6, 30), 9),
    ]  # fmt: skip
    for community in communities(as_of):
        found.append(
            _organization(
                community.code, f"{community.name}大党委", "COMMUNITY_COMMITTEE", "street",
                community.established_on, rng("committee", community.code).randint(60, 140), 1, community.code,
            )
        )  # fmt: skip
    strips = _micro_grids_by_area(as_of)
    for area in residential_areas(as_of):
        found += _below(area, strips[area.code], as_of)
    for enterprise in property_enterprises(as_of)[:ORGANIZED]:
        found.append(
            _organization(
                f"property-enterprise/{enterprise.n}", f"{enterprise.name}党支部", "PROPERTY_ENTERPRISE_ORG",
                INDUSTRY_COMMITTEE_KEY, date(as_of.year - 2, 7, 1) + timedelta(days=20 * enterprise.n),
                3 + enterprise.n % 9,
            )
        )  # fmt: skip
    for unit in resident_units(as_of):
        found.append(
            _organization(
                f"resident-unit/{unit.n}", f"{unit.name}党支部", "RESIDENT_UNIT_ORG", "county",
                date(2012, 7, 1), 8 + unit.n % 20, None, unit.community_code,
            )
        )  # fmt: skip
    return tuple(found)


def _organization(
    key: str,
    name: str,
    type_: str,
    parent_key: str | None,
    established_on: date,
    members: int,
    level: int | None = None,
    community_code: str | None = None,
    area: ResidentialArea | None = None,
    micro_grid_ids: tuple[str, ...] = (),
) -> PartyOrganization:
    return PartyOrganization(
        key=key,
        id=stable_id("party-organization", key),
        name=name,
        type=type_,
        level=level,
        parent_key=parent_key,
        parent_id=stable_id("party-organization", parent_key) if parent_key else None,
        community_id=stable_id("community", community_code) if community_code else None,
        community_code=community_code,
        residential_area_id=area.id if area else None,
        residential_area_code=area.code if area else None,
        micro_grid_ids=micro_grid_ids,
        established_on=established_on,
        member_count=members,
    )


def _below(area: ResidentialArea, strips: tuple[MicroGrid, ...], as_of: date) -> list[PartyOrganization]:
    """An area's branch, its building groups, and the centre household of each group."""
    random = rng("branch", area.code)
    established = random_day(random, date(as_of.year - 1, 10, 1), date(as_of.year, 3, 31))
    place = (area.community_code, area)
    branch = _organization(
        area.code,
        f"{area.name}党支部",
        "AREA_BRANCH",
        area.community_code,
        established,
        random.randint(12, 46),
        2,
        *place,
    )
    found = [branch]
    half = len(strips) // GROUPS_PER_AREA
    for number in range(GROUPS_PER_AREA):
        group, own = f"{area.code}/group/{number + 1}", strips[number * half : (number + 1) * half]
        found += [
            _organization(
                group, f"{area.name}第{number + 1}楼宇党小组", "BUILDING_GROUP", area.code,
                established + timedelta(days=30), random.randint(4, 12), 3, *place, tuple(grid.id for grid in own),
            ),
            _organization(
                f"{group}/household", f"{area.name}第{number + 1}党员中心户", "CENTER_HOUSEHOLD", group,
                established + timedelta(days=45), random.randint(2, 5), 4, *place, (own[0].id,),
            ),
        ]  # fmt: skip
    return found


def _micro_grids_by_area(as_of: date) -> dict[str, tuple[MicroGrid, ...]]:
    strips: dict[str, list[MicroGrid]] = {}
    for strip in micro_grids(as_of):
        strips.setdefault(strip.base_grid_code, []).append(strip)
    return {
        code: tuple(strip for grid in grids for strip in strips[grid.code])
        for code, grids in grids_by_area(as_of).items()
    }
