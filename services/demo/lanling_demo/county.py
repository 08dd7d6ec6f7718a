"""County, street, the 21 communities and how many of everything each community has."""

from dataclasses import dataclass
from datetime import date, timedelta

from .geometry import Rectangle, lattice_cell
from .ids import stable_id
from .split import split
from .story import rng, topic

COUNTY_CODE = "371324"
STREET_CODE = "371324001"
ORIGINAL, NEWLY_DIVIDED = "ORIGINAL", "NEWLY_DIVIDED"
NAMES = (
    "泇河",
    "文峰",
    "兰陵路",
    "会宝",
    "向阳",
    "东苑",
    "西城",
    "北坛",
    "南关",
    "沂蒙",
    "书香苑",
    "银杏",
    "中兴",
    "塔山",
    "金岭路",
    "双泉",
    "新城",
    "荀子",
    "凤凰",
    "琅琊",
    "紫荆",
)
ORIGINALS = 16
SIZE = len(NAMES)

# One more in community 17 beside one for each.
_BEE_STATION_OFFSET = 16


@dataclass(frozen=True, slots=True)
class Region:
    """County or street: ``kind`` is COUNTY or STREET."""

    id: str
    code: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Counts:
    """One row of the county's table: how many of each the community has on the last day of the story."""

    areas: int
    base_grids: int
    workers: int
    halls: int
    spokespersons: int
    teams: int
    partners: int
    events: int
    supermarkets: int
    points_participants: int
    red_collar_secretaries: int
    fallback_areas: int
    micro_collections: int
    petitions_resolved: int
    bee_stations: int


@dataclass(frozen=True, slots=True)
class Community:
    """``index`` runs from 0, ``number`` from 1. ``predecessor_codes`` name the originals a new one was divided from."""

    index: int
    id: str
    code: str
    name: str
    origin: str
    established_on: date
    predecessor_codes: tuple[str, ...]
    street_id: str
    address: str
    phone: str
    cell: Rectangle
    counts: Counts

    @property
    def number(self) -> int:
        return self.index + 1

    @property
    def stem(self) -> str:
        """The name without 社区, for names derived from it."""
        return self.name.removesuffix("社区")


COUNTY = Region(stable_id("county", COUNTY_CODE), COUNTY_CODE, "兰陵县", "COUNTY")
STREET = Region(stable_id("street", STREET_CODE), STREET_CODE, "卞庄街道", "STREET")


def community_code(index: int) -> str:
    return f"{STREET_CODE}{index + 1:03}"


def table() -> tuple[Counts, ...]:
    """The per-community table, each column one ``split`` with its own offset."""
    columns = (
        split(160, SIZE, 0),
        split(405, SIZE, 0),
        split(595, SIZE, 3),
        split(89, SIZE, 5),
        split(126, SIZE),
        split(77, SIZE, 2),
        split(350, SIZE, 4),
        split(284, SIZE, 6),
        split(21, SIZE),
        split(912, SIZE, 8),
        split(49, SIZE, 1),
        split(66, SIZE, 10),
        split(196, SIZE, 12),
        split(2537, SIZE, 9),
        split(22, SIZE, _BEE_STATION_OFFSET),
    )
    return tuple(Counts(*row) for row in zip(*columns, strict=True))


@topic
def communities(as_of: date) -> tuple[Community, ...]:
    """In reading order of the lattice, which is the order of their codes."""
    divided_on = division_date(as_of)
    return tuple(_community(index, counts, divided_on) for index, counts in enumerate(table()))


def division_date(as_of: date) -> date:
    """The day in the year before on which the five new communities were formed."""
    return date(as_of.year - 1, 9, 1)


def _community(index: int, counts: Counts, divided_on: date) -> Community:
    original = index < ORIGINALS
    code = community_code(index)
    return Community(
        index=index,
        id=stable_id("community", code),
        code=code,
        name=f"{NAMES[index]}社区",
        origin=ORIGINAL if original else NEWLY_DIVIDED,
        established_on=_founded_on(index) if original else divided_on,
        predecessor_codes=() if original else _predecessors(index),
        street_id=STREET.id,
        address=f"卞庄街道{NAMES[index]}服务中心1号",
        phone=f"1990000{9000 + index:04}",
        cell=lattice_cell(index),
        counts=counts,
    )


def _founded_on(index: int) -> date:
    year = 2009 + index * 11 // ORIGINALS
    return date(year, 1, 1) + timedelta(days=rng("county", "founded", index).randrange(360))


def _predecessors(index: int) -> tuple[str, ...]:
    """The neighbours to the north, from whose edge the new community was cut."""
    north = index - 7
    return community_code(north - 1), community_code(north)
