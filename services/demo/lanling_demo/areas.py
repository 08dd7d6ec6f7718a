"""The 160 residential areas."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from .county import Community, communities
from .geometry import Rectangle, columns, rows
from .ids import stable_id
from .split import split
from .story import rng, topic

FALLBACK_MANAGED, MARKET_MANAGED, SELF_MANAGED = "FALLBACK_MANAGED", "MARKET_MANAGED", "SELF_MANAGED"
SELF_MANAGED_TOTAL = 13
DEVELOPERS = 12

# Base grids of each area, band by band from north to south: every area is one rectangle of 2 or 3 grids in a row.
LAYOUTS: dict[tuple[int, int], tuple[tuple[int, ...], ...]] = {
    (8, 20): ((3, 2), (3, 2), (3, 2), (3, 2)),
    (8, 19): ((3, 2), (3, 2), (3, 2), (2, 2)),
    (7, 19): ((3, 2), (3, 2), (3,), (3,), (3,)),
}

_KINDS = {
    FALLBACK_MANAGED: ("OLD_ESTATE", "OLD_ESTATE", "RESETTLEMENT"),
    MARKET_MANAGED: ("COMMERCIAL_ESTATE", "COMMERCIAL_ESTATE", "COMMERCIAL_ESTATE", "RESETTLEMENT"),
    SELF_MANAGED: ("UNIT_COMPOUND",),
}
_SUFFIXES = {
    "OLD_ESTATE": ("小区", "一村", "二村", "南院", "北院", "里", "巷小区", "坊"),
    "RESETTLEMENT": ("新村", "家园", "新居", "安居苑", "和园", "康居苑", "乐园", "福苑"),
    "COMMERCIAL_ESTATE": ("花园", "华庭", "嘉苑", "雅居", "名郡", "国际城", "首府", "丽景"),
    "UNIT_COMPOUND": ("家属院", "职工院", "宿舍院", "公寓", "大院", "东院", "西院", "机关院"),
}
_BUILT = {
    "OLD_ESTATE": (1985, 2004),
    "RESETTLEMENT": (2006, 2016),
    "COMMERCIAL_ESTATE": (2008, 2021),
    "UNIT_COMPOUND": (1988, 2002),
}


@dataclass(frozen=True, slots=True)
class ResidentialArea:
    """``index`` runs over the county, ``ordinal`` from 1 inside the community; ``households`` sums the area's grids."""

    index: int
    ordinal: int
    id: str
    code: str
    name: str
    community_id: str
    community_code: str
    kind: str
    property_status: str
    built_year: int
    buildings: int
    households: int
    grid_households: tuple[int, ...]
    developer_number: int | None
    address: str
    cell: Rectangle

    @property
    def base_grids(self) -> int:
        return len(self.grid_households)


@topic
def residential_areas(as_of: date) -> tuple[ResidentialArea, ...]:
    """All areas, by community and ordinal."""
    self_managed = split(SELF_MANAGED_TOTAL, len(communities(as_of)), 4)
    areas: list[ResidentialArea] = []
    for community in communities(as_of):
        statuses = _statuses(community, self_managed[community.index])
        for ordinal, (cell, grids) in enumerate(_cells(community), start=1):
            areas.append(_area(len(areas), ordinal, community, statuses[ordinal - 1], cell, grids))
    return tuple(areas)


@topic
def areas_by_community(as_of: date) -> dict[str, tuple[ResidentialArea, ...]]:
    """Areas by community code."""
    return {
        community.code: tuple(area for area in residential_areas(as_of) if area.community_code == community.code)
        for community in communities(as_of)
    }


def _cells(community: Community) -> Iterator[tuple[Rectangle, int]]:
    """Rectangle and number of base grids of each area, in reading order. Every grid has about the same ground."""
    layout = LAYOUTS[community.counts.areas, community.counts.base_grids]
    bands = rows(community.cell, [sum(band) for band in layout])
    for rectangle, band in zip(bands, layout, strict=True):
        yield from zip(columns(rectangle, band), band, strict=True)


def _statuses(community: Community, self_managed: int) -> list[str]:
    fallback = community.counts.fallback_areas
    market = community.counts.areas - fallback - self_managed
    statuses = [FALLBACK_MANAGED] * fallback + [SELF_MANAGED] * self_managed + [MARKET_MANAGED] * market
    rng("area-status", community.code).shuffle(statuses)
    return statuses


def _area(index: int, ordinal: int, community: Community, status: str, cell: Rectangle, grids: int) -> ResidentialArea:
    random = rng("area", community.code, ordinal)
    code = f"{community.code}R{ordinal:02}"
    kind = random.choice(_KINDS[status])
    households = tuple(random.randint(240, 360) for _ in range(grids))
    return ResidentialArea(
        index=index,
        ordinal=ordinal,
        id=stable_id("residential-area", code),
        code=code,
        name=community.stem + _SUFFIXES[kind][ordinal - 1],
        community_id=community.id,
        community_code=community.code,
        kind=kind,
        property_status=status,
        built_year=random.randint(*_BUILT[kind]),
        buildings=max(4, sum(households) // random.randint(36, 72)),
        households=sum(households),
        grid_households=households,
        developer_number=random.randint(1, DEVELOPERS) if kind == "COMMERCIAL_ESTATE" else None,
        address=f"兰陵县卞庄街道{community.stem}片区{ordinal}号",
        cell=cell,
    )
