"""Venues: community centres, area stations, civilization-practice stations; and the units stationed in communities."""

from dataclasses import dataclass
from datetime import date, timedelta

from .areas import ResidentialArea, residential_areas
from .county import Community, communities
from .geometry import LonLat
from .ids import stable_id
from .people import credit_code
from .story import rng, topic

CENTER, STATION, PRACTICE = "COMMUNITY_CENTER", "AREA_STATION", "CIVILIZATION_PRACTICE_STATION"
HANDED_OVER_STATIONS = 112  # of the 160; "by the hand-over of supporting public buildings and other ways"
UNITS_PER_COMMUNITY = 2
_UNIT_KINDS = ("中学", "小学", "卫生院", "供电所", "银行支行", "税务分局", "邮政支局", "工商所")


@dataclass(frozen=True, slots=True)
class Venue:
    """``key`` is ``center/<community>``, ``station/<area>`` or ``practice/<community>``; the point is WGS-84."""

    key: str
    id: str
    kind: str
    name: str
    community_id: str
    community_code: str
    residential_area_id: str | None
    residential_area_code: str | None
    address: str
    location: LonLat
    area_m2: int
    acquired_by: str
    opened_on: date
    opens: str
    closes: str
    facilities: tuple[str, ...]
    capacity: int


@dataclass(frozen=True, slots=True)
class ResidentUnit:
    """A unit stationed in a community, whose Party members report there too (双报到)."""

    n: int
    id: str
    name: str
    credit_code: str
    community_id: str
    community_code: str
    reported_on: date


@topic
def venues(as_of: date) -> tuple[Venue, ...]:
    """21 centres, then 160 stations, then 7 practice stations."""
    centers = [_center(community, as_of) for community in communities(as_of)]
    stations = [_station(area, as_of) for area in residential_areas(as_of)]
    practices = [_practice(community, as_of) for community in communities(as_of) if community.number % 3 == 0]
    return (*centers, *stations, *practices)


@topic
def venues_by_key(as_of: date) -> dict[str, Venue]:
    return {venue.key: venue for venue in venues(as_of)}


@topic
def resident_units(as_of: date) -> tuple[ResidentUnit, ...]:
    """Two in each community."""
    units = []
    for community in communities(as_of):
        for place in range(UNITS_PER_COMMUNITY):
            n = community.index * UNITS_PER_COMMUNITY + place + 1
            kind = _UNIT_KINDS[n % len(_UNIT_KINDS)]
            units.append(
                ResidentUnit(
                    n=n,
                    id=stable_id("resident-unit", n),
                    name=f"{community.stem}{kind}",
                    credit_code=credit_code(200_000 + n),
                    community_id=community.id,
                    community_code=community.code,
                    reported_on=date(as_of.year - 1, 10, 1) + timedelta(days=n),
                )
            )
    return tuple(units)


def _center(community: Community, as_of: date) -> Venue:
    random = rng("center", community.code)
    return Venue(
        key=f"center/{community.code}",
        id=stable_id("venue", f"center/{community.code}"),
        kind=CENTER,
        name=f"{community.name}党群服务中心",
        community_id=community.id,
        community_code=community.code,
        residential_area_id=None,
        residential_area_code=None,
        address=community.address,
        location=community.cell.at(random.uniform(0.4, 0.6), random.uniform(0.4, 0.6)),
        area_m2=random.randrange(800, 2400, 20),
        acquired_by=random.choice(("BUILT", "HANDED_OVER", "HANDED_OVER")),
        opened_on=community.established_on + timedelta(days=60),
        opens="08:30",
        closes="21:00",
        facilities=("议事厅", "积分超市", "图书室", "饮水", "休息", "充电", "急救箱"),
        capacity=120,
    )


def _station(area: ResidentialArea, as_of: date) -> Venue:
    random = rng("station", area.code)
    handed_over = area.index * HANDED_OVER_STATIONS // 160 != (area.index + 1) * HANDED_OVER_STATIONS // 160
    return Venue(
        key=f"station/{area.code}",
        id=stable_id("venue", f"station/{area.code}"),
        kind=STATION,
        name=f"{area.name}党群服务站",
        community_id=area.community_id,
        community_code=area.community_code,
        residential_area_id=area.id,
        residential_area_code=area.code,
        address=f"{area.address}党群服务站",
        location=area.cell.at(random.uniform(0.2, 0.8), random.uniform(0.2, 0.8)),
        area_m2=random.randrange(60, 260, 10),
        acquired_by="HANDED_OVER" if handed_over else random.choice(("RENTED", "BUILT", "SHARED")),
        opened_on=date(as_of.year - 1, 10, 8) + timedelta(days=random.randrange(200)),
        opens="08:30",
        closes="18:00",
        facilities=("议事角", "饮水", "休息"),
        capacity=30,
    )


def _practice(community: Community, as_of: date) -> Venue:
    random = rng("practice", community.code)
    return Venue(
        key=f"practice/{community.code}",
        id=stable_id("venue", f"practice/{community.code}"),
        kind=PRACTICE,
        name=f"{community.stem}新时代文明实践站",
        community_id=community.id,
        community_code=community.code,
        residential_area_id=None,
        residential_area_code=None,
        address=f"{community.address}东侧",
        location=community.cell.at(random.uniform(0.3, 0.7), random.uniform(0.3, 0.7)),
        area_m2=random.randrange(200, 600, 20),
        acquired_by="SHARED",
        opened_on=date(as_of.year - 1, 11, 1),
        opens="09:00",
        closes="18:00",
        facilities=("讲堂", "积分超市", "饮水"),
        capacity=60,
    )
