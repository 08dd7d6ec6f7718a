"""Care for the new employment group: bee stations, the six-have standard, ten measures, three plans. Samples."""

from dataclasses import dataclass
from datetime import date, timedelta

from .county import Community, communities
from .departments import department_id
from .geometry import LonLat
from .ids import stable_id
from .story import rng, topic
from .venues import venues_by_key

PARTY_MASS_VENUE, COMMERCIAL_BUILDING = "PARTY_MASS_VENUE", "COMMERCIAL_BUILDING"
EXPIRED_KIT_STATION = 13
SIX_HAVE = (
    ("TEA_WATER", "免费茶水 Free tea water", False),
    ("REST", "休息设施 Rest facilities", False),
    ("CHARGING", "充电设备 Charging equipment", False),
    ("FIRST_AID_KIT", "急救药箱 First-aid kit", False),
    ("READING", "书报阅读 Reading material", True),
    ("MEAL_HEATING", "餐食加热 Meal heating", True),
)
_MEASURES = (
    ("安全装备发放 Safety gear", "trade-union", 2600, "人"),
    ("免费健康体检 Free health check", "health", 1200, "人"),
    ("法律援助 Legal aid", "justice", 120, "件"),
    ("子女托管班 Children's care class", "trade-union", 300, "人"),
    ("低租金床位 Low-rent beds", "housing", 80, "张"),
    ("充电换电点 Charging points", "urban-management", 60, "处"),
    ("交通安全培训 Traffic training", "traffic-police", 2400, "人"),
    ("参保帮办 Insurance help", "human-resources", 1700, "人次"),
    ("节日慰问 Festival visits", "organization", 1500, "人"),
    ("技能提升课程 Skill courses", "human-resources", 900, "人"),
)
_PLANS = {
    "LEAD_NEW": ("领新计划", ("行业党委组建", "党组织覆盖", "流动党员报到")),
    "WARM_NEW": ("暖新计划", ("小蜜蜂驿站建设", "十条措施落实", "参保扩面")),
    "GATHER_NEW": ("聚新计划", ("基层治理监督员选聘", "随手拍上报", "志愿服务积分")),
}


@dataclass(frozen=True, slots=True)
class StationItem:
    """``expires_on`` only for the first-aid kit."""

    code: str
    present: bool
    checked_on: date
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class BeeStation:
    """``compliant``: every item of the six-have standard present and none expired on the last day of the story."""

    n: int
    id: str
    name: str
    host: str
    venue_id: str | None
    venue_key: str | None
    community_id: str
    community_code: str
    location: LonLat
    opens: str
    closes: str
    attended: bool
    items: tuple[StationItem, ...]
    compliant: bool
    visits: int
    status: str
    opened_on: date


@dataclass(frozen=True, slots=True)
class SixHaveItem:
    """``sample``: not named by the county, an example of ours."""

    code: str
    name: str
    name_en: str
    mandatory: bool
    sample: bool


@dataclass(frozen=True, slots=True)
class CareDelivery:
    id: str
    on: date
    beneficiaries: int
    station_id: str | None


@dataclass(frozen=True, slots=True)
class CareMeasure:
    number: int
    id: str
    title: str
    title_en: str
    department_id: str
    department_code: str
    target: int
    unit: str
    from_on: date
    deliveries: tuple[CareDelivery, ...]


@dataclass(frozen=True, slots=True)
class PlanProject:
    id: str
    title: str
    owner_department_code: str
    from_on: date
    to_on: date
    target: int
    done: int

    @property
    def progress(self) -> float:
        return self.done / self.target


@dataclass(frozen=True, slots=True)
class Plan:
    id: str
    code: str
    name: str
    projects: tuple[PlanProject, ...]


@topic
def six_have_standard(as_of: date) -> tuple[SixHaveItem, ...]:
    """Version 1: six items, two of them samples."""
    return tuple(
        SixHaveItem(code, *_bilingual(label), mandatory=True, sample=sample) for code, label, sample in SIX_HAVE
    )


@topic
def bee_stations(as_of: date) -> tuple[BeeStation, ...]:
    """22 by community; 14 at Party-mass centres, eight in commercial buildings."""
    stations: list[BeeStation] = []
    for community in communities(as_of):
        for place in range(community.counts.bee_stations):
            n = len(stations) + 1
            commercial = place > 0 or (n > 1 and n % 3 == 1)
            stations.append(_station(n, community, commercial, as_of))
    return tuple(stations)


@topic
def care_measures(as_of: date) -> tuple[CareMeasure, ...]:
    """Ten, each delivered four times in the year."""
    found = []
    for number, (label, department, target, unit) in enumerate(_MEASURES, start=1):
        title, english = _bilingual(label)
        found.append(
            CareMeasure(
                number=number,
                id=stable_id("care-measure", number),
                title=title,
                title_en=english,
                department_id=department_id(department),
                department_code=department,
                target=target,
                unit=unit,
                from_on=date(as_of.year, 1, 1),
                deliveries=tuple(_delivery(number, quarter, target, as_of) for quarter in range(4)),
            )
        )
    return tuple(found)


@topic
def plans(as_of: date) -> tuple[Plan, ...]:
    """Three, each with three projects."""
    return tuple(
        Plan(
            stable_id("plan", code),
            code,
            name,
            tuple(_project(code, n, title, as_of) for n, title in enumerate(titles)),
        )
        for code, (name, titles) in _PLANS.items()
    )


def _bilingual(label: str) -> tuple[str, str]:
    name, _, english = label.partition(" ")
    return name, english


def _station(n: int, community: Community, commercial: bool, as_of: date) -> BeeStation:
    random = rng("bee-station", n)
    venue = None if commercial else venues_by_key(as_of)[f"center/{community.code}"]
    expired = n == EXPIRED_KIT_STATION
    kit_until = as_of - timedelta(days=40) if expired else date(as_of.year + 1, 6, 30)
    checked = as_of - timedelta(days=20)
    opened = date(as_of.year, 1, 15) + timedelta(days=5 * n)
    return BeeStation(
        n=n,
        id=stable_id("bee-station", n),
        name=f"{community.stem}沂蒙小蜜蜂驿站{'(商务楼宇)' if commercial else ''}",
        host=COMMERCIAL_BUILDING if commercial else PARTY_MASS_VENUE,
        venue_id=venue.id if venue else None,
        venue_key=venue.key if venue else None,
        community_id=community.id,
        community_code=community.code,
        location=venue.location if venue else community.cell.at(random.uniform(0.2, 0.8), random.uniform(0.2, 0.8)),
        opens="08:00",
        closes="22:00" if commercial else "20:00",
        attended=not commercial,
        items=tuple(
            StationItem(code, True, checked, kit_until if code == "FIRST_AID_KIT" else None) for code, _, _ in SIX_HAVE
        ),
        compliant=not expired,
        visits=random.randint(900, 4200),
        status="OPEN",
        opened_on=opened,
    )


def _delivery(number: int, quarter: int, target: int, as_of: date) -> CareDelivery:
    random = rng("care", number, quarter)
    return CareDelivery(
        id=stable_id("care-delivery", number, quarter + 1),
        on=date(as_of.year, 3 * quarter + random.randint(1, 3), random.randint(2, 27)),
        beneficiaries=target * random.randint(18, 26) // 100,
        station_id=stable_id("bee-station", random.randint(1, 22)) if number in (1, 8, 9) else None,
    )


def _project(code: str, place: int, title: str, as_of: date) -> PlanProject:
    random = rng("plan", code, place)
    target = random.choice((10, 20, 25, 40))
    return PlanProject(
        id=stable_id("plan-project", code, place + 1),
        title=title,
        owner_department_code=("organization", "trade-union", "human-resources")[place],
        from_on=date(as_of.year, 1, 1),
        to_on=date(as_of.year + 1, 6, 30),
        target=target,
        done=target * random.randint(55, 100) // 100,
    )
